"""What a booth really sent, kept for the day when nothing works. Secrets are masked before it comes here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

KEPT_PER_SLOT = 10


@dataclass(frozen=True, slots=True)
class SentPart:
    """A part of the form: a text with its `value`, or a file with its `filename` and size in bytes."""

    name: str
    value: str = ""
    filename: str = ""
    content_type: str = ""
    size_bytes: int | None = None

    @property
    def is_file(self) -> bool:
        return self.size_bytes is not None


@dataclass(frozen=True, slots=True)
class BoothRequest:
    """A request and how it was answered.

    `slot_id` is empty if its address led to no slot. `code` is that of the error, empty for a picture; `seconds` is
    how long the answer took. Texts are cut to a bearable length.
    """

    slot_id: str
    status: int
    code: str
    job_id: UUID | None
    client: str
    method: str
    path: str
    query: Sequence[tuple[str, str]]
    headers: Sequence[tuple[str, str]]
    parts: Sequence[SentPart]
    seconds: float
    at: datetime | None = field(default=None, compare=False)

    @property
    def is_good(self) -> bool:
        return self.status < 400
