"""One page of a result, with its `meta`."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from activecampaign_emulator.request import PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from activecampaign_emulator.request import Request

T = TypeVar("T")


def window(request: Request, items: Iterable[T], default: int = PAGE_SIZE) -> list[T]:
    """Give the items on the page that the request asks for."""
    page = request.page(default)
    return list(islice(items, page.offset, page.offset + page.limit))


def window_if_asked(request: Request, items: Iterable[T]) -> list[T]:
    """Give all items, or a page where `limit` or `offset` is given.

    What hangs on a contact came whole in every recording; that it can be paged is assumed.
    """
    if request.argument("limit"):
        return window(request, items)
    return list(islice(items, request.page().offset, None))


def paged(
    request: Request, name: str, items: list[T], body: Callable[[T], Any], default: int = PAGE_SIZE
) -> dict[str, Any]:
    """Give a page of *items* under *name*; `meta.total` is text on most resources (recorded)."""
    shown = [body(item) for item in window(request, items, default)]
    return {name: shown, "meta": {"total": str(len(items))}}


def compare(operator: str, text: str, wanted: str) -> bool:
    """Apply an operator of `filters[name][operator]`, without case (OpenAPI, GET /tags)."""
    left, right = text.lower(), wanted.lower()
    return {
        "eq": left == right,
        "neq": left != right,
        "lt": left < right,
        "lte": left <= right,
        "gt": left > right,
        "gte": left >= right,
        "contains": right in left,
        "starts_with": left.startswith(right),
    }.get(operator, True)


def filtered(request: Request, name: str, items: Iterable[T], text: Callable[[T], str]) -> list[T]:
    """Keep the items whose text meets every `filters[name]` (contains) and `filters[name][operator]`.

    Whether the plain form means equals or contains differs by resource and is not declared; contains is assumed.
    """
    plain, prefix = f"filters[{name}]", f"filters[{name}]["
    wanted: list[tuple[str, str]] = []
    for key, value in request.query:
        if key == plain:
            wanted.append(("contains", value))
        elif key.startswith(prefix):
            wanted.append((key.removeprefix(prefix).rstrip("]"), value))
    return [item for item in items if all(compare(operator, text(item), value) for operator, value in wanted)]


def ordered(request: Request, name: str, items: list[T], text: Callable[[T], str]) -> list[T]:
    """Sort by `orders[name]`, asc or desc."""
    direction = request.argument(f"orders[{name}]").lower()
    if direction not in {"asc", "desc"}:
        return items
    return sorted(items, key=lambda item: text(item).lower(), reverse=direction == "desc")
