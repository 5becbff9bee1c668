"""Finished pictures: listed as galleries show them, hidden, deleted, kept."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, jsonify, request, url_for

from app.domain.job_log import Place
from app.domain.media import PREVIEW_SIZES
from app.domain.photo import SELECTION_MAX, Photo, PhotoFilter, PhotoState
from app.web.api.arguments import bad_argument, bad_arguments, collection, paging
from app.web.api.site import blueprint, json_object
from app.web.auth import require_user
from app.web.links import absolute
from app.web.photo_changes import ANY_CHANGE, CHANGES
from app.web.photo_filters import wanted_by
from app.web.use_cases import services

_PLACES_MAX = 10_000
"""So far pages are counted; `before` goes on as quickly, and further."""

_ALLOWED: dict[str, Mapping[str, object]] = {
    "slot": {"format": "the id of a slot"},
    "event": {"format": "the id of an event"},
    "day": {"format": "a date, such as 2026-11-20"},
    "booth": {"format": "the name of a booth"},
    "state": {"options": [state.value for state in PhotoState]},
    "tests": {"options": ["0", "1"]},
    "before": {"format": "what `next` says on the page before"},
}

_ID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_FORMS = {
    "event": _ID,
    "day": re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "state": re.compile("|".join(PhotoState)),
    "tests": re.compile("[01]"),
}
"""Pages take more than these, such as nothing at all."""


@blueprint.get("/photos")
def photos() -> Response:
    page, page_size = paging(_PLACES_MAX)
    if page * page_size > _PLACES_MAX:
        deepest = _PLACES_MAX // page_size
        raise bad_argument("page", f"at most {deepest}; go on with before={{next}}", minimum=1, maximum=deepest)
    wanted, before = wanted_photos(), _before()
    found = services().gallery.page(wanted, before, page_size, (page - 1) * page_size)
    tally = services().gallery.tally(wanted)
    names = services().gallery.names_of(found.photos)
    items = [photo_json(photo, names[photo.id]) for photo in found.photos]
    onward = str(found.next) if found.next else None
    return collection(items, tally.photos, page, page_size, size_bytes=tally.size_bytes, next=onward)


@blueprint.post(f"/photos/<{ANY_CHANGE}:change>")
def change_photos(change: str) -> Response:
    changed = CHANGES[change].make(photo_ids(json_object()), require_user())
    return jsonify({"ids": [str(photo_id) for photo_id in changed]})


def wanted_photos() -> PhotoFilter:
    """What the query asks for; raises Refused(INVALID_REQUEST)."""
    problems = [n for n, form in _FORMS.items() if n in request.args and not form.fullmatch(request.args[n])]
    wanted, misunderstood = wanted_by(request.args, services().settings.time_zone(), services().events.find)
    if problems := problems or misunderstood:
        raise bad_arguments(f"Not understood: {', '.join(problems)}.", {name: _ALLOWED[name] for name in problems})
    return wanted


def photo_json(photo: Photo, file_name: str) -> dict[str, Any]:
    return {
        "id": str(photo.id),
        "slot_id": photo.slot_id,
        "source": photo.source.value,
        "booth": photo.booth,
        "state": photo.state.value,
        "is_kept": photo.is_kept,
        "has_original": photo.has_original,
        "finalized_at": photo.finalized_at.isoformat(),
        "expires_at": photo.expires_at.isoformat(),
        "file_name": file_name,
        "mime_type": photo.result.mime_type,
        "size_bytes": photo.result.size_bytes,
        "checksum": photo.result.checksum,
        "width": photo.result.width,
        "height": photo.result.height,
        "placeholder": photo.placeholder,
        "url": absolute(url_for("public.result", job_id=photo.id)),
        "previews": {size: absolute(url_for("public.preview", job_id=photo.id, size=size)) for size in PREVIEW_SIZES},
        "guest_url": absolute(url_for("guests.photo", job_id=photo.id)),
    }


def _before() -> Place | None:
    if "before" not in request.args:
        return None
    place = Place.parse(request.args["before"])
    if place is None:
        raise bad_arguments("Not understood: before.", {"before": _ALLOWED["before"]})
    return place


def photo_ids(body: Mapping[str, Any]) -> list[UUID]:
    """The selection that a body names; raises Refused(INVALID_REQUEST)."""
    given = body.get("ids", [])
    if unknown := sorted(body.keys() - {"ids"}):
        raise bad_arguments(f"Not understood: {', '.join(unknown)}.", {name: {"options": ["ids"]} for name in unknown})
    is_list = isinstance(given, list) and 1 <= len(given) <= SELECTION_MAX
    if is_list and all(isinstance(text, str) and _ID.fullmatch(text) for text in given):
        return [UUID(text) for text in given]
    raise bad_argument("ids", f"a list of 1 to {SELECTION_MAX} ids", maximum=SELECTION_MAX)
