"""Lanes with real threads, and what the loop does with what they report."""

from __future__ import annotations

from destination_activecampaign.sync.inbox import SystemInbox
from destination_activecampaign.sync.lanes import Done, Lanes


class Pump:
    """Runs jobs to their end. `work()` is called between reports, as the loop does."""

    def __init__(self, **workers: int) -> None:
        self.inbox = SystemInbox()
        self.lanes = Lanes(self.inbox, workers)

    def run(self, work: object = None) -> None:
        """Take reports until no job is under way."""
        if callable(work):
            work()
        while self.lanes.busy:
            item = self.inbox.get(10.0)
            assert isinstance(item, Done)
            item.report()
            if callable(work):
                work()
