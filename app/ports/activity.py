"""What all slots have been doing, for the home page."""

from collections.abc import Mapping
from typing import Protocol
from zoneinfo import ZoneInfo

from app.domain.activity import SlotActivity


class ActivityReader(Protocol):
    def by_slot(self, zone: ZoneInfo) -> Mapping[str, SlotActivity]:
        """Of each slot whose booths have sent photos; however many there are, it takes two reads.

        `today` began at midnight in `zone`.
        """
