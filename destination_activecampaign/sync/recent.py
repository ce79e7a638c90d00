"""Messages that came before in this sync, by their ids: sources may send a row twice."""

from __future__ import annotations

from collections import OrderedDict

from destination_activecampaign.mappings.lookups import digest
from destination_activecampaign.sync.checkpoints import StreamId

REMEMBERED = 100_000


class RecentMessages:
    """The last REMEMBERED message ids, as 8-byte digests."""

    def __init__(self) -> None:
        self._seen: OrderedDict[int, None] = OrderedDict()

    def repeats(self, stream: StreamId, message_id: str | None) -> bool:
        """Whether a message of *stream* with this id came before; one without an id never did."""
        if message_id is None:
            return False
        key = digest(f"{stream}\0{message_id}")
        if key in self._seen:
            return True
        self._seen[key] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return False
