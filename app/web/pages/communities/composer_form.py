"""What is typed into the composer: it travels with every press of a button, so that no script is needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from app.domain.errors import Refused
from app.domain.text import uuid_in
from app.domain.vk.drafts import PhotoRef, Source
from app.domain.vk.posts import PHOTOS_MAX, TEXT_MAX, SystemPost
from app.domain.zones import moment_at
from app.web.pages.communities.composer_problems import problem_sentence

NOW, LATER = "now", "later"


@dataclass(frozen=True, slots=True)
class ComposerForm:
    """`clock` is a time as the house's clocks read it; `is_second` the second one where they read it twice.

    `key` is the form's own: however often it is sent as it stands, it plans one post. `photos` are references in their
    order, `known` the cautions that somebody has seen. `shown` is the moment of the
    stored post, which stays to the second while nobody touches the field. `shelf` is the number of the album that is
    open, or `albums` for the list of them. `problems` are sentences by field.
    """

    zone: ZoneInfo
    key: UUID = field(default_factory=uuid4)
    text: str = ""
    photos: tuple[str, ...] = ()
    when: str = LATER
    clock: str = ""
    is_second: bool = False
    version: int | None = None
    shown: datetime | None = None
    known: frozenset[str] = frozenset()
    shelf: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def text_max(self) -> int:
        return TEXT_MAX

    @property
    def photos_max(self) -> int:
        return PHOTOS_MAX

    @property
    def focus(self) -> str | None:
        return next((name for name in ("text", "photos", "publication_date") if name in self.problems), None)

    @property
    def moment(self) -> datetime | None:
        """When it is to appear; None for now, and for what is no time."""
        clock = _clock(self.clock) if self.when == LATER else None
        if clock is None:
            return None
        if self.shown and self.clock == _typed(self.shown.astimezone(self.zone)):
            return self.shown
        return moment_at(clock, self.zone, later=self.is_second)

    @property
    def is_twice(self) -> bool:
        """Whether clocks are put back over this time."""
        clock = _clock(self.clock) if self.when == LATER else None
        return clock is not None and moment_at(clock, self.zone) != moment_at(clock, self.zone, later=True)

    @property
    def is_left_out(self) -> bool:
        """Whether clocks are put forward over this time."""
        clock = _clock(self.clock) if self.when == LATER else None
        return clock is not None and moment_at(clock, self.zone) is None

    @property
    def wanted(self) -> dict[str, Any]:
        """What PostService takes; a time that cannot be understood stays text, to be refused by its name."""
        date = None if self.when == NOW else self.moment or self.clock
        return {"text": self.text, "photos": list(self.photos), "publication_date": date}

    @property
    def post_id(self) -> UUID:
        """The id of the post that a new form plans: another one once something else is written in it."""
        return uuid5(self.key, repr(self.wanted))

    @property
    def refs(self) -> list[PhotoRef]:
        return [ref for ref in map(PhotoRef.parse, self.photos) if ref]

    def refused(self, refused: Refused) -> "ComposerForm":
        """With what is wrong beside its fields."""
        found: Mapping[str, Mapping[str, Any]] = refused.details.get("fields", {})
        problems = {name: problem_sentence(why, is_left_out=self.is_left_out) for name, why in found.items()}
        gone = found.get("photos", {}).get("photo")
        return replace(self, problems=problems, photos=tuple(ref for ref in self.photos if ref != gone))

    def with_problem(self, name: str, sentence: str) -> "ComposerForm":
        return replace(self, problems={**self.problems, name: sentence})

    def with_photos(self, added: Sequence[str]) -> "ComposerForm":
        """With these at the end, each once."""
        return replace(self, photos=tuple(dict.fromkeys([*self.photos, *added])))

    def moved(self, place: int, by: int) -> "ComposerForm":
        """A photo changes places with its neighbour."""
        other, photos = place + by, list(self.photos)
        if 0 <= place < len(photos) and 0 <= other < len(photos):
            photos[place], photos[other] = photos[other], photos[place]
        return replace(self, photos=tuple(photos))

    def without(self, place: int) -> "ComposerForm":
        return replace(self, photos=tuple(ref for n, ref in enumerate(self.photos) if n != place))


def new_form(zone: ZoneInfo, day: str | None, photos: Sequence[str]) -> ComposerForm:
    """For the next full hour, or for `day` at noon where that is a day to come."""
    hour = datetime.now(zone).replace(minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(hours=1)
    noon = _clock(f"{day}T12:00") if day else None
    refs = [str(PhotoRef(Source.RESULT, text)) for text in photos]
    usable = dict.fromkeys(ref for ref in refs if PhotoRef.parse(ref))
    return ComposerForm(zone, photos=tuple(usable), clock=_typed(noon if noon and noon > hour else hour))


def form_of(post: SystemPost, zone: ZoneInfo) -> ComposerForm:
    date = post.publication_date
    return ComposerForm(
        zone,
        text=post.text,
        photos=tuple(str(PhotoRef(Source.OWN, str(photo.position))) for photo in post.photos),
        when=LATER,
        clock=_typed(date.astimezone(zone)),
        is_second=bool(date.astimezone(zone).fold),
        version=post.version,
        shown=date if date > post.read_at else None,
    )


def sent_form(sent: MultiDict[str, str], zone: ZoneInfo, post: SystemPost | None = None) -> ComposerForm:
    """As it was sent; references that are none are left out."""
    version = sent.get("version", "")
    return ComposerForm(
        zone,
        key=uuid_in(sent.get("key", "")) or uuid4(),
        text=sent.get("text", "").replace("\r\n", "\n"),
        photos=tuple(dict.fromkeys(ref for ref in sent.getlist("photos") if PhotoRef.parse(ref))),
        when=NOW if sent.get("when") == NOW else LATER,
        clock=sent.get("publication_date", "").strip(),
        is_second=sent.get("is_second") == "yes",
        version=int(version) if version.isdecimal() and len(version) < 10 else None,
        shown=post.publication_date if post else None,
        known=frozenset(sent.getlist("known")),
        shelf=sent.get("shelf", ""),
    )


def _typed(clock: datetime) -> str:
    return clock.strftime("%Y-%m-%dT%H:%M")


def _clock(text: str) -> datetime | None:
    """As browsers send `datetime-local`; far from our time there is no zone that holds."""
    try:
        clock = datetime.fromisoformat(text)
    except ValueError:
        return None
    return clock if clock.tzinfo is None and 1900 < clock.year < 3000 else None
