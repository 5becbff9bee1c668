"""What the slots have been doing, for who looks after them."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from app.domain.activity import SlotActivity
from app.ports.activity import ActivityReader


class ActivityService:
    def __init__(self, reader: ActivityReader) -> None:
        self._reader = reader

    def by_slot(self, zone: ZoneInfo) -> Mapping[str, SlotActivity]:
        """Of each slot whose booths have sent photos; its day is that of `zone`."""
        return self._reader.by_slot(zone)
