"""Albums of a community that photos of booths go to: which one, what it is called, and what already lies there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.domain.vk.media import ALBUM_TITLE_MAX, ALBUM_TITLE_MIN, VkPhoto

CLOCKS_DIFFER = timedelta(minutes=2)
"""VK's clock may be so far behind ours: what is older than that before the upload is another photo."""
_PROPORTIONS_DIFFER = 0.03
"""VK makes large pictures smaller, and rounds their sides."""

AWAITED_HOURS = 168
"""A result that is to come to an album stays so long after it was ordered, though its own time is over."""
OVERDUE_SECONDS = 300.0
"""A photo that failed to come to its album for so long is a reason to tell somebody."""
UNTRIED_SECONDS = 1800.0
"""The same of one that nobody has tried to send: others may be sent before it for a while."""

AGREEING = ("yes", "y", "true", "1", "on", "да")
"""Answers of guests that mean yes, whatever the case of their letters."""


class AlbumPer(StrEnum):
    """What a slot fills an album of its community for. Photos outside of every event go to no event's album."""

    NONE = "none"
    DAY = "day"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class AlbumKey:
    """What an album is for; exactly one is not None: a day of the house, an event, or an album that somebody chose."""

    day: date | None = None
    event_id: UUID | None = None
    album_id: int | None = None

    def __str__(self) -> str:
        if self.day is not None:
            return f"day:{self.day.isoformat()}"
        return f"album:{self.album_id}" if self.event_id is None else f"event:{self.event_id}"

    @classmethod
    def parse(cls, text: str) -> "AlbumKey":
        """What `str` made; raises ValueError for anything else."""
        kind, _, value = text.partition(":")
        if kind == "day":
            return cls(day=date.fromisoformat(value))
        if kind == "event":
            return cls(event_id=UUID(value))
        if kind == "album":
            return cls(album_id=int(value))
        raise ValueError(f"no album key: {text}")


@dataclass(frozen=True, slots=True)
class FilledAlbum:
    """The album of VK that takes what is for one AlbumKey now; `part` is 1, and one more each time one was full."""

    part: int
    album_id: int


def agrees(booth_fields: Mapping[str, str], name: str) -> bool:
    """Whether a guest said yes in the booth field `name`: it is there, and wherever it is it says so.

    Names are compared without regard to case and braces, as in prompts.
    """
    answers = [value for field, value in booth_fields.items() if plain_name(field) == plain_name(name)]
    return bool(answers) and all(answer.strip().casefold() in AGREEING for answer in answers)


def plain_name(field: str) -> str:
    return field.strip(" {}").casefold()


def album_title(name: str, day: date, part: int) -> str:
    """Of the album of an event, or of a day if `name` is empty, such as `Wedding, 21.11.2026 (2)`."""
    suffix = f"{day:%d.%m.%Y}" + (f" ({part})" if part > 1 else "")
    room = ALBUM_TITLE_MAX - len(suffix) - ALBUM_TITLE_MIN
    return f"{name[:room].strip()}, {suffix}" if name.strip() else suffix


def found_again(
    sizes: Sequence[tuple[int, int]],
    sent_at: datetime,
    album: Sequence[VkPhoto],
    known: frozenset[int],
    shows: Callable[[VkPhoto, int], bool],
) -> dict[int, int]:
    """Which of the photos that were sent to `album` at `sent_at` have come, as photo ids by position in `sizes`.

    `album` may hold its newest photos alone, and `known` are ids of photos that are known to be others. Of those that
    time and proportions allow, `shows` says whether the picture is that of a position: people fill albums, too. Photos
    keep their order in VK.
    """
    new = sorted(
        (photo for photo in album if photo.taken_at >= sent_at - CLOCKS_DIFFER and photo.photo_id not in known),
        key=lambda photo: photo.photo_id,
    )
    found: dict[int, int] = {}
    for position, size in enumerate(sizes):
        place = next((n for n, photo in enumerate(new) if _is_like(photo, size) and shows(photo, position)), None)
        if place is not None:
            found[position] = new[place].photo_id
            del new[: place + 1]
    return found


def _is_like(photo: VkPhoto, size: tuple[int, int]) -> bool:
    """VK does not know the sides of some of its photos."""
    if not photo.width or not photo.height:
        return True
    wanted = size[0] / size[1]
    return abs(photo.width / photo.height - wanted) <= _PROPORTIONS_DIFFER * wanted
