"""A table of records numbered from 1, as ActiveCampaign numbers its own.

A list and not a dict: an id costs eight bytes, which matters at a million contacts.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


class Numbered(Generic[T]):
    """Records by id, in the order of their ids; an id is never given twice."""

    __slots__ = ("_items", "_removed")

    def __init__(self) -> None:
        self._items: list[T | None] = []
        self._removed: list[int] = []

    def __len__(self) -> int:
        return len(self._items) - len(self._removed)

    def __iter__(self) -> Iterator[T]:
        return (item for item in self._items if item is not None)

    @property
    def next_id(self) -> int:
        """The id that the next record gets."""
        return len(self._items) + 1

    def add(self, item: T) -> None:
        """Keep *item*, which must carry `next_id`."""
        self._items.append(item)

    def get(self, number: int) -> T | None:
        """Give the record with this id, if it is still there."""
        return self._items[number - 1] if 0 < number <= len(self._items) else None

    def remove(self, number: int) -> None:
        """Forget the record with this id."""
        if self.get(number) is not None:
            self._items[number - 1] = None
            insort(self._removed, number)

    def after(self, number: int) -> Iterator[T]:
        """Give the records whose id is greater than *number*."""
        places = range(max(number, 0), len(self._items))
        return (item for place in places if (item := self._items[place]) is not None)

    def count_after(self, number: int) -> int:
        """Count the records whose id is greater than *number*."""
        start = min(max(number, 0), len(self._items))
        return len(self._items) - start - (len(self._removed) - bisect_right(self._removed, start))
