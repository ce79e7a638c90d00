"""The settings that `acceptance-test-config.yml` names, for accounts whose address is known only in a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from integration_tests.harness import EVENT_KEY, connection, emulated_account

FOLDER: Final = Path(__file__).parent / "configs"

WHY: Final = {
    "wrong_key": "API key",
    "unencrypted_host": "https://youraccount.api-us1.com",
    "unknown_list": "resubscribe",
    "event_tracking_off": "Event tracking",
}
"""What the message of each config that `check` fails must name, lest it fails for another reason."""


def lend_accounts(stack: ExitStack) -> None:
    """Start the emulated accounts, to be stopped with *stack*, and write the configs that reach them."""
    account = stack.enter_context(emulated_account({}, {"lists": [{"name": "News"}]}))
    # What an account tracks is one switch for all its users: the account without it is another one.
    untracked = stack.enter_context(emulated_account({}, {"event_tracking": False}))
    mappings = [{"stream": "events", "mapping": "track"}, {"stream": "hits", "mapping": "page"}]
    _write(
        {
            "contacts_only": connection(account),
            "contacts_events_and_pages": connection(
                account, event_key=EVENT_KEY, mappings=mappings, resubscribe=["1"], null_values="clear"
            ),
            "wrong_key": connection(account, api_key="emulated-wrong-key"),
            "unencrypted_host": connection(account, api_url="http://youraccount.api-us1.com"),
            "unknown_list": connection(account, resubscribe=["1", "99"]),
            "event_tracking_off": connection(untracked, event_key=EVENT_KEY, mappings=mappings[:1]),
        }
    )


def _write(configs: Mapping[str, Mapping[str, Any]]) -> None:
    FOLDER.mkdir(exist_ok=True)
    for left in FOLDER.glob("*.json"):
        left.unlink()
    for name, config in configs.items():
        (FOLDER / f"{name}.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
