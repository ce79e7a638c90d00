"""Settings of one emulated account, each also a command line flag and (but for the port) a switch at run time.

`ASSUMED` names the settings for behaviour that no public source settles; a connector must be right under each value.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def _option(text: str, *choices: str, default: Any) -> Any:
    return field(default=default, metadata={"help": text, "choices": choices})


@dataclass(frozen=True, slots=True)
class Options:
    """What the account is like; quotas and the contact limit of 0 mean none."""

    port: int = _option("TCP port to listen on; 0 takes a free one", default=0)
    latency_ms: float = _option("milliseconds from a request to its answer (network only)", default=80.0)
    import_seconds: float = _option("seconds that an import takes, whatever its size", default=6.0)
    import_seconds_per_contact: float = _option("seconds that each contact of an import adds", default=0.010)
    import_jitter: float = _option("share by which an import may take longer or shorter", default=0.3)
    import_concurrency: int = _option("imports worked on at once; more stay in `waiting`", default=64)
    requests_per_second: int = _option("general quota, over a sliding second", default=5)
    imports_per_minute: int = _option("quota of imports with several contacts", default=100)
    single_imports_per_minute: int = _option("quota of imports with one contact", default=20)
    bulk_counts_general: bool = _option("imports count against the general quota too", default=True)
    seed: int = _option("seed of all randomness", default=0)
    api_key: str = _option("the key that `Api-Token` must carry", default="emulated-api-key")
    event_key: str = _option("the `key` of tracked events", default="emulated-event-key")
    actid: str = _option("the account's tracking id", default="25000001")
    contact_limit: int = _option("contacts that the account may hold", default=0)
    account_timezone_offset: str = _option("UTC offset in which times are stored and shown", default="-06:00")
    wrong_key: str = _option("answer to a missing or wrong key", "html_200", "403", default="html_200")
    import_unsubscribed: str = _option(
        "an import wants a list that the contact left: skip the contact or only the list",
        "skip_contact",
        "skip_list",
        default="skip_contact",
    )
    import_other_statuses: str = _option(
        "an import wants a list where the contact has status 0 or 3", "leave", "set_active", default="leave"
    )
    sync_matches_phone: bool = _option("contact/sync may match another contact by phone", default=False)
    empty_string: str = _option(
        'what "" does to a value in imports and contact/sync', "clears", "keeps", default="clears"
    )
    unknown_contact_events: str = _option("events and visits of an unknown email", "drop", "keep", default="drop")
    unknown_event_names: str = _option("events of a name that is not registered", "drop", "keep", default="drop")
    trackcmp_reply: str = _option("form of trackcmp's answer", "json", "digit", default="json")
    import_success_ids: str = _option("ids in `success` of import/info", "new", "all", default="new")
    tag_duplicate: str = _option(
        "answer to creating a tag that exists", "existing", "sql_error", "refused_422", default="existing"
    )
    contact_sideloads: bool = _option("`include` brings what hangs on the contacts of GET /contacts", default=True)
    visits_need_whitelist: bool = _option("visits are dropped unless their domain is whitelisted", default=True)


ASSUMED: Final = (
    "wrong_key",
    "import_unsubscribed",
    "import_other_statuses",
    "sync_matches_phone",
    "empty_string",
    "unknown_contact_events",
    "unknown_event_names",
    "trackcmp_reply",
    "import_success_ids",
    "tag_duplicate",
    "bulk_counts_general",
    "contact_sideloads",
    "visits_need_whitelist",
)


def switched(options: Options, changes: Mapping[str, Any]) -> Options:
    """Give *options* with *changes* made; a name, type or value that does not exist is a `ValueError`."""
    known = {option.name: option for option in fields(Options)}
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in known or name == "port":
            message = f"{name!r} is not a switch; there are {sorted(known.keys() - {'port'})}"
            raise ValueError(message)
        kind = type(known[name].default)
        value = float(value) if kind is float and type(value) is int else value  # noqa: PLW2901 - 6 is a fine 6.0
        choices = known[name].metadata["choices"]
        if type(value) is not kind or (choices and value not in choices):
            message = f"{name} must be {' or '.join(choices) if choices else kind.__name__}, not {value!r}"
            raise ValueError(message)
        values[name] = value
    return replace(options, **values)


def _true_or_false(text: str) -> bool:
    if text not in {"true", "false"}:
        raise argparse.ArgumentTypeError("true or false")
    return text == "true"


def parse_flags(arguments: Sequence[str] | None = None) -> Options:
    """Read the command line; every option is a flag of its name."""
    parser = argparse.ArgumentParser(
        prog="python -m activecampaign_emulator",
        description="A stand-in for one ActiveCampaign account. Prints one JSON line when it is ready.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    for option in fields(Options):
        kind = type(option.default)
        parser.add_argument(
            "--" + option.name.replace("_", "-"),
            type=_true_or_false if kind is bool else kind,
            default=option.default,
            choices=option.metadata["choices"] or None,
            metavar="true|false" if kind is bool else None,
            help=option.metadata["help"] + (" (assumed behaviour)" if option.name in ASSUMED else ""),
        )
    return Options(**vars(parser.parse_args(arguments)))
