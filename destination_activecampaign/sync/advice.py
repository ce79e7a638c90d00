"""What the user is told of streams and entries of `mappings` that do not fit one another, with what to write instead.

Whether they fit is not decided here: see `choice` and `needs`.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from destination_activecampaign.mappings.names import normalise
from destination_activecampaign.nearest import asked, meant
from destination_activecampaign.sync.chosen import BY_ENTRY, Chosen
from destination_activecampaign.sync.needs import Needs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from destination_activecampaign.mappings.base import ColumnRule, StreamColumns, StreamShape
    from destination_activecampaign.sync.chosen import Kind
    from destination_activecampaign.sync.needs import Need

_COLUMNS_TOLD = 30
_YOURS = "<your column>"

_LOOKED_AT = 3
"""Streams of an entry in which a slip is looked for, as comparing names is slow: they are mostly alike."""

_EVENT_NAMES = frozenset({"event", "eventtext", "eventname", "eventtype"})
_URLS = frozenset({"url", "pageurl", "contextpageurl", "currenturl", "pagelocation"})
_LIKELY = {
    "email": ("email", "emailaddress", "mail", "mailaddress"),
    "userId": ("userid", "customerid", "contactid", "memberid", "personid"),
    "event_text": ("eventname", "eventtype", "event"),
    "url": ("url", "pagelocation"),
}
"""What the name of a column that holds an input may end in, normalised."""


def no_mapping(shape: StreamShape, kind: Kind | None, slip: str | None) -> str:
    """Tell of a stream that nothing maps. `kind`: what its name says; `slip`: what is told of an entry meant for it."""
    named = ""
    if kind is not None:
        lacking = " nor ".join(need.what for need in Needs(Chosen(shape, kind, "")).undeclared)
        named = f" Its name is that of a table for {kind}, but no column holds {lacking}."
    kind = kind or _likely_kind(shape)
    rules = _rules(Needs(Chosen(shape, kind, "")))
    do = f"{slip} Correct that, or add" if slip else "Add"
    return (
        f"Stream {shape.label} has no mapping.{named} Columns found: {_listed(shape)}. {do} an entry to mappings: "
        f"{_json(_entry(shape, kind, rules))} (mapping: identify, track, page, or ignore to leave the stream out)."
    )


def needs_not_met(chosen: Chosen, needs: Needs) -> str:
    """Tell of a stream whose mapping needs what no column holds."""
    shape = chosen.shape
    lacking = " nor ".join(need.what for need in needs.missing)
    wrong = "".join(_slip_of_a_rule(need, needs) for need in needs.missing)
    rules = _rules(needs)
    do = (
        f"Name the column in its entry of mappings, under columns: {', '.join(map(_json, rules))}"
        if chosen.how == BY_ENTRY
        else f"Name the column in an entry of mappings: {_json(_entry(shape, chosen.kind, rules))}"
    )
    return (
        f"Stream {shape.label} is mapped to {chosen.kind} ({chosen.how}), but no column holds {lacking}.{wrong} Columns found: "
        f"{_listed(shape)}. {do}. If rows hold a column that is not among these, refresh the connection's schema so that it "
        "declares it."
    )


def _slip_of_a_rule(need: Need, needs: Needs) -> str:
    """Return a sentence on the rule that was meant to meet *need*, empty where there is none."""
    rule = needs.absent_for(need)
    if rule is not None:
        near = asked(needs.nearest(rule))
        return (
            f" Its entry of mappings names column {rule.column} for {rule.field}, which the schema does not have{near}."
        )
    rule = needs.misspelled_for(need)
    if rule is not None:
        near = meant(rule.field, need.targets, normalise)
        return f" Its entry of mappings sends column {rule.column} to {rule.field}, which is no input{near}."
    return ""


def columns_told(streams: Sequence[Chosen]) -> list[str]:
    """Return warnings about columns that entries name and schemas do not have.

    An entry for several streams may name a column that only some of them have.
    """
    warnings: list[str] = []
    by_rules: dict[StreamColumns, list[tuple[Chosen, Needs]]] = {}
    for chosen in streams:
        if chosen.rules.rules:
            by_rules.setdefault(chosen.rules, []).append((chosen, Needs(chosen)))
        if not chosen.shape.properties and chosen.kind != "ignore" and (needs := Needs(chosen)).undeclared:
            warnings.append(_no_column_declared(chosen, needs))
    for rules, sharing in by_rules.items():
        sharing.sort(key=lambda each: each[1].open)
        for rule in rules.rules:
            if all(rule in needs.absent for _, needs in sharing):
                odd = (each for each in sharing[:_LOOKED_AT] if _is_odd(*each, rule))
                warnings += [_absent_column(*each, rule) for each in islice(odd, 1)]
    return warnings


def _is_odd(chosen: Chosen, needs: Needs, rule: ColumnRule) -> bool:
    """Whether the rule of a column that is not declared is likely a mistake."""
    if needs.within_open(rule) is None:
        if not needs.open:
            return True
        if any(needs.absent_for(need) == rule for need in needs.undeclared):
            return bool(chosen.shape.properties)
    return needs.nearest(rule) is not None


def _absent_column(chosen: Chosen, needs: Needs, rule: ColumnRule) -> str:
    then = (
        "It is looked for in what the schema does not declare: if rows do not have it, correct the name"
        if needs.open or needs.within_open(rule) is not None
        else f"Nothing is written to {rule.field} from it: correct the name, or take it out of the entry"
    )
    return (
        f"Stream {chosen.shape.label}: its entry of mappings names column {rule.column}, which the schema does not have"
        f"{asked(needs.nearest(rule))}. {then}."
    )


def _no_column_declared(chosen: Chosen, needs: Needs) -> str:
    what = " and ".join(need.what for need in needs.undeclared)
    return (
        f"Stream {chosen.shape.label}: the catalog declares no columns of it, so only its rows can tell whether they have "
        f"{what}, which {chosen.kind} needs. If they are rejected, refresh the connection's schema."
    )


def _likely_kind(shape: StreamShape) -> Kind:
    names = {normalise(name) for name in shape.properties}
    if names & _EVENT_NAMES:
        return "track"
    return "page" if names & _URLS else "identify"


def _entry(shape: StreamShape, kind: Kind, rules: list[dict[str, str]]) -> dict[str, Any]:
    """Return an entry of `mappings` to paste."""
    namespace = {"namespace": shape.namespace} if shape.namespace else {}
    return {"stream": shape.name, **namespace, "mapping": kind, **({"columns": rules} if rules else {})}


def _rules(needs: Needs) -> list[dict[str, str]]:
    """Return a rule for each need that no column meets by its name."""
    return [_rule(need, needs) for need in needs.undeclared]


def _rule(need: Need, needs: Needs) -> dict[str, str]:
    """Return the rule that would meet *need*: with the column that the entry's may have meant, else a likely one."""
    wrong = needs.absent_for(need)
    column = None if wrong is None else needs.nearest(wrong)
    if wrong is not None and column is not None:
        return {"column": column, "field": wrong.field}
    for target in need.targets:
        column = _likely_column(needs.declared, _LIKELY.get(target, ()))
        if column is not None:
            return {"column": column, "field": target}
    return {"column": _YOURS, "field": need.targets[0]}


def _likely_column(declared: Sequence[str], endings: tuple[str, ...]) -> str | None:
    """Return the column with the shortest name that ends like one of *endings*: `contact_email`, not `email_verified`."""
    found = [name for name in declared if normalise(name).endswith(endings)] if endings else []
    return min(found, key=len, default=None)


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _listed(shape: StreamShape) -> str:
    names = list(shape.properties)
    more = f" and {len(names) - _COLUMNS_TOLD} more" if len(names) > _COLUMNS_TOLD else ""
    return (", ".join(names[:_COLUMNS_TOLD]) or "none") + more
