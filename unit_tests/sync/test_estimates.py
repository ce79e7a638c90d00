"""What a dry run says that a sync would take, beside what the sync then takes."""

from __future__ import annotations

import pytest

from unit_tests.sync.estimates import KINDS, Kind, compare


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.what)
def test_the_estimate_is_close(kind: Kind) -> None:
    """Within a tenth, or within one import where that is more."""
    compared = compare(kind, kind.few or None)
    assert compared.is_close, compared
