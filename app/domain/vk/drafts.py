"""A post as somebody wants it, before anything of it is stored."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.domain.text import is_storable
from app.domain.vk.posts import PHOTOS_MAX, TEXT_MAX, PostPhoto, PostStatus, SystemPost

AHEAD_MAX = timedelta(days=366)
"""So far ahead a post may be planned."""
PAST_GRACE = timedelta(minutes=2)
"""A minute that has just begun, or ended while somebody typed, means now."""

_FIELDS = ("text", "photos", "publication_date")


class Source(StrEnum):
    """Where a photo of a post comes from."""

    RESULT = "result"
    """A finished picture of this house, by its job's id."""
    UPLOAD = "upload"
    """A file that was uploaded for a post, by the id that it got."""
    ALBUM = "album"
    """A photo that is in an album of the community at VK: `<album id>_<photo id>`."""
    OWN = "own"
    """A photo that the post has already, by its position."""


_IDS = {
    Source.RESULT: re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    Source.UPLOAD: re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    Source.ALBUM: re.compile(r"-?\d{1,18}_\d{1,18}"),
    Source.OWN: re.compile(r"\d{1,2}"),
}


@dataclass(frozen=True, slots=True)
class PhotoRef:
    """A photo that a post is to have; as text it is `<source>:<id>`."""

    source: Source
    id: str

    @classmethod
    def parse(cls, text: str) -> "PhotoRef | None":
        """None for what is no reference."""
        name, _, found = text.partition(":")
        source = next((source for source in Source if source == name), None)
        return cls(source, found) if source and _IDS[source].fullmatch(found) else None

    @classmethod
    def of_result(cls, job_id: UUID) -> "PhotoRef":
        return cls(Source.RESULT, str(job_id))

    def __str__(self) -> str:
        return f"{self.source}:{self.id}"


@dataclass(frozen=True, slots=True)
class Draft:
    """`publication_date` is aware; None is now. The photos stand in their order, each once."""

    text: str
    photos: tuple[PhotoRef, ...] = ()
    publication_date: datetime | None = None


def draft_problems(wanted: Mapping[str, Any], now: datetime) -> dict[str, dict[str, Any]]:
    """Why a post cannot be like `wanted`, as codes with what is allowed, by field; empty if `draft_of` takes it."""
    found = {
        "text": _text_problem(wanted.get("text", "")),
        "photos": _photos_problem(wanted.get("photos", [])),
        "publication_date": _date_problem(wanted.get("publication_date"), now),
        **{name: {"code": "unknown_field", "allowed": list(_FIELDS)} for name in wanted if name not in _FIELDS},
    }
    problems = {name: problem for name, problem in found.items() if problem}
    if not problems and not wanted.get("text", "").strip() and not wanted.get("photos"):
        problems["text"] = {"code": "empty_post"}
    return problems


def draft_of(wanted: Mapping[str, Any]) -> Draft:
    """Of values in which `draft_problems` found nothing."""
    date: datetime | None = wanted.get("publication_date")
    refs = (PhotoRef.parse(text) for text in wanted.get("photos", []))
    text = wanted.get("text", "").replace("\r\n", "\n").strip()
    return Draft(text, tuple(ref for ref in refs if ref), date.astimezone(UTC) if date else None)


def post_of(
    draft: Draft, post_id: UUID, community_id: UUID, photos: tuple[PostPhoto, ...], author: str, now: datetime
) -> SystemPost:
    """The post as it begins, with copies of its photos."""
    return SystemPost(
        id=post_id,
        community_id=community_id,
        text=draft.text,
        photos=photos,
        publication_date=draft.publication_date or now,
        status=PostStatus.PENDING_PUBLICATION,
        attempt=0,
        attempted_at=None,
        sent_text=None,
        vk_post_id=None,
        error=None,
        version=1,
        created_by=author,
        created_at=now,
        updated_by=author,
        read_at=now,
    )


def _text_problem(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, str) or not is_storable(value):
        return {"code": "not_a_text"}
    return {"code": "too_long", "maximum": TEXT_MAX} if len(value.strip()) > TEXT_MAX else None


def _photos_problem(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) and PhotoRef.parse(one) for one in value):
        return {"code": "not_a_photo", "options": [source.value for source in Source]}
    if len(value) > PHOTOS_MAX:
        return {"code": "too_many_photos", "maximum": PHOTOS_MAX}
    return {"code": "photo_twice"} if _has_twins(value) else None


def _has_twins(value: Collection[str]) -> bool:
    return len(set(value)) < len(value)


def _date_problem(value: Any, now: datetime) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, datetime) or value.utcoffset() is None:
        return {"code": "not_a_time"}
    if value < now - PAST_GRACE:
        return {"code": "in_the_past"}
    return {"code": "too_far", "maximum": AHEAD_MAX.days} if value > now + AHEAD_MAX else None
