"""How large a benchmark is: the full measurement, or a small one that proves that it works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scale:
    """Chooses between the full size and the quick one."""

    quick: bool

    def of(self, full: T, quick: T) -> T:
        """Return one of both."""
        return quick if self.quick else full
