"""One request as resource code sees it: path parameters, query and JSON body. No HTTP below that."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from activecampaign_emulator.replies import errors, missing_attribute

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE_SIZE = 20
PAGE_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Page:
    """A window on a result; a larger `limit` is capped at 100 without a word (seen live)."""

    limit: int
    offset: int


@dataclass(frozen=True)
class Request:
    """A parsed request; `parameters` are the parts of the path that its route names."""

    method: str
    path: str
    query_string: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    parameters: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        """Give the query's pairs in their order."""
        return parse_qsl(self.query_string, keep_blank_values=True)

    def argument(self, name: str, default: str = "") -> str:
        """Give the last value of a query parameter."""
        return next((value for key, value in reversed(self.query) if key == name), default)

    def arguments(self, name: str) -> list[str]:
        """Give every value of a repeatable query parameter."""
        return [value for key, value in self.query if key == name]

    def argument_number(self, name: str) -> int | None:
        """Give a numeric query parameter; one that is not numeric is ignored, as unknown filters are."""
        text = self.argument(name)
        return int(text) if text.isascii() and text.isdigit() else None

    def page(self, default: int = PAGE_SIZE) -> Page:
        """Read `limit` and `offset`."""
        limit = self.argument_number("limit")
        return Page(min(limit or default, PAGE_LIMIT), self.argument_number("offset") or 0)

    def header(self, name: str) -> str | None:
        """Give a header, whatever its case."""
        return next((value for key, value in self.headers.items() if key.lower() == name), None)

    def number(self, name: str = "number") -> int:
        """Give a path parameter as an id; what is not a number is an id that nothing has."""
        text = self.parameters[name]
        return int(text) if text.isascii() and text.isdigit() else 0

    @cached_property
    def parsed(self) -> Any:
        """Read the body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def json(self) -> dict[str, Any]:
        """Read the body as a JSON object; another body is a 400 (its form is assumed)."""
        if not isinstance(self.parsed, dict):
            raise errors(400, {"status": 400, "title": "Bad Request", "detail": "The body is not a JSON object."})
        return self.parsed

    def entity(self, name: str) -> dict[str, Any]:
        """Give the object that the body holds under *name*."""
        value = self.json().get(name)
        if not isinstance(value, dict):
            raise missing_attribute(name)
        return value


def as_number(value: object) -> int | None:
    """Read an id that a body gives as a number or as its text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None


def as_text(value: object) -> str:
    """Write a JSON value as the API stores it: everything is text, null is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)
