"""What a misspelled name may have meant. Who asks decides what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches

_ALIKE = 0.7
"""Share of letters in common from which two names are alike: `e_mial` and `email`, not `name` and `plan`."""


def nearest(name: str, among: Iterable[str], plain: Callable[[str], str] = str.lower) -> str | None:
    """Return the one *among* names that is most like *name*, None where none is. `plain`: what of names is compared."""
    names = {plain(each): each for each in reversed(list(among))}
    close = get_close_matches(plain(name), names, n=1, cutoff=_ALIKE)
    return names[close[0]] if close else None


def meant(name: str, among: Iterable[str], plain: Callable[[str], str] = str.lower) -> str:
    """Return `nearest` as the end of a sentence, empty where there is none."""
    return asked(nearest(name, among, plain))


def asked(found: str | None) -> str:
    """Return what was found as the end of a sentence, empty for None."""
    return f" (did you mean {found}?)" if found is not None else ""
