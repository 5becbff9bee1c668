"""A finished picture as galleries show it, and what somebody looks for among them."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from uuid import UUID

from app.domain.job import Source, StoredResult, download_name
from app.domain.job_log import Place
from app.domain.text import is_storable

UNDO_SECONDS = 600.0
"""For so long a deleted photo can be brought back; afterwards the next cleanup takes its files."""

KEPT_HOURS = 168
"""Hours after it was finished that a kept photo goes; no result stays longer."""

SELECTION_MAX = 1000
"""Photos that one request may name."""


class PhotoState(StrEnum):
    """Guests see VISIBLE photos only. A DELETED one can be brought back for UNDO_SECONDS."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Photo:
    """A result whose file is there. `id` is its job's.

    `placeholder` is the base64 of a WebP of a few pixels, empty until there is one. `is_twin`: the slot finished
    another photo in the same second before. `has_original`: the shot as it came is kept too. `read_at` is the
    database's clock when this was read.
    """

    id: UUID
    slot_id: str
    source: Source
    booth: str
    finalized_at: datetime
    expires_at: datetime
    read_at: datetime
    result: StoredResult
    placeholder: str
    state: PhotoState
    is_kept: bool
    is_twin: bool
    has_original: bool

    @property
    def place(self) -> Place:
        """Where it stands among others, from which galleries go on."""
        return Place(self.finalized_at, self.id)

    def file_name(self, zone: tzinfo) -> str:
        """Under which people save it, by the clocks of `zone`."""
        twin = self.id if self.is_twin else None
        return download_name(self.slot_id, self.finalized_at.astimezone(zone), self.result.mime_type, twin)

    @property
    def time_left(self) -> timedelta:
        return self.expires_at - self.read_at


@dataclass(frozen=True, slots=True)
class PhotoFilter:
    """Photos in `state`, whose time is not over, that are like everything here that is not None.

    From `start` on and before `end`, both aware, they were finished. No test runs unless `with_tests`. `ids` is a
    selection of at most SELECTION_MAX.
    """

    slot_ids: frozenset[str] | None = None
    booth: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    ids: frozenset[UUID] | None = None
    state: PhotoState = PhotoState.VISIBLE
    with_tests: bool = False

    @property
    def is_possible(self) -> bool:
        """Whether any photo could be like that; what a database could not even be asked for is not there."""
        texts = [*(self.slot_ids or ()), self.booth or ""]
        return all(is_storable(text) for text in texts) and self.ids != frozenset() and self.slot_ids != frozenset()
