"""What the first-run guide goes by."""

from typing import Protocol

from app.domain.guide import Progress

GUIDE_OVER_KEY = "guide_over"
GUIDE_HIDDEN_KEY = "guide_hidden"
"""Settings that say `true` once it is so."""


class ProgressReader(Protocol):
    def read(self) -> Progress:
        """How far things are, in one read that stays cheap however many photos there are.

        The guide `is_over` if a booth program has got a picture, or if the settings say so.
        """
