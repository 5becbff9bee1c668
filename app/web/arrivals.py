"""How a page waits for photos: each answer has the address of the next look, which says what the page knows."""

import hashlib
import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.domain.job_log import Place
from app.domain.photo import Photo
from app.services.gallery import Arrivals, late_for

_BEFORE_ALL = Place(datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Glance:
    """What a page knows: the newest place that it has `seen`, and by `told` which photos it was told of around it.

    It looked `at` so many seconds since 1970, by the clock of this server.
    """

    seen: Place
    at: int
    told: str

    @classmethod
    def of_page(cls, photos: Sequence[Photo]) -> "Glance":
        """Of a page that is made now of the newest `photos`, which were read within the last seconds."""
        return cls._now(photos[0].place if photos else _BEFORE_ALL, photos, [])

    @classmethod
    def asked(cls, arguments: Mapping[str, str]) -> "Glance":
        """As `address` says it. Whoever says nothing has not looked for ages."""
        since = arguments.get("since", "")
        seen = Place.parse(arguments.get("after", "")) or _BEFORE_ALL
        return cls(seen, int(since) if _SECONDS.fullmatch(since) else 0, arguments.get("told", ""))

    @property
    def address(self) -> dict[str, Any]:
        """The arguments of the next look."""
        return {"after": str(self.seen), "since": self.at, "told": self.told}

    @property
    def away_seconds(self) -> float:
        return max(0.0, time.time() - self.at)

    def knows(self, found: Arrivals) -> bool:
        return self.told == _digest(found.to_show, found.withdrawn)

    def next(self, found: Arrivals) -> "Glance":
        """Once the page has been told what was `found` a moment ago."""
        seen = max([self.seen, *(photo.place for photo in found.photos)])
        return self._now(seen, found.photos, found.withdrawn, found.shown_again)

    def unseen(self, found: Arrivals) -> int:
        """How many photos are newer than all that the page has."""
        return sum(photo.place > self.seen for photo in found.photos)

    @classmethod
    def _now(
        cls, seen: Place, photos: Sequence[Photo], withdrawn: Collection[UUID], shown_again: Sequence[Photo] = ()
    ) -> "Glance":
        found_again = [photo for photo in photos if photo.place > late_for(seen)]
        return cls(seen, int(time.time()), _digest([*found_again, *shown_again], withdrawn))


def _digest(photos: Sequence[Photo], withdrawn: Collection[UUID]) -> str:
    told = [sorted({photo.id.hex for photo in photos}), sorted(photo_id.hex for photo_id in withdrawn)]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
