"""How time is divided between the attempts of one photo.

Every figure is meant for a window of 45 s or more. A shorter one, as tests set it, shrinks them all alike, so that
what happens in it is what would happen in a real one.
"""

from dataclasses import dataclass

from app.domain.deadlines import SYNC_RESPONSE_RANGE


@dataclass(frozen=True, slots=True)
class Pace:
    """Turns planned seconds into those of a window of `window_seconds`; by default nothing shrinks."""

    window_seconds: float = SYNC_RESPONSE_RANGE[0]

    @property
    def scale(self) -> float:
        return min(1.0, self.window_seconds / SYNC_RESPONSE_RANGE[0])

    def seconds(self, planned: float) -> float:
        return planned * self.scale
