"""Finished pictures as a ZIP."""

from dataclasses import replace
from uuid import UUID

from flask import Response, request

from app.domain.photo import SELECTION_MAX
from app.web.api.arguments import bad_argument
from app.web.api.photos import wanted_photos
from app.web.api.site import blueprint
from app.web.archives import archive_names, house_archive
from app.web.photo_filters import asked_in


@blueprint.get("/photos/archive")
def photo_archive() -> Response:
    """All photos that the query wants; `ids` leaves only some of them."""
    wanted = wanted_photos()
    if "ids" in request.args:
        wanted = replace(wanted, ids=_ids(request.args["ids"]))
    return house_archive(wanted, archive_names(asked_in(request.args)))


def _ids(text: str) -> frozenset[UUID]:
    texts = text.split(",")
    try:
        if len(texts) <= SELECTION_MAX:
            return frozenset(map(UUID, texts))
    except ValueError:
        pass
    raise bad_argument("ids", f"1 to {SELECTION_MAX} ids with commas between them", maximum=SELECTION_MAX)
