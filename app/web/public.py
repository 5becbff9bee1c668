"""Finished pictures and temporary files by their unguessable id, for as long as they are kept."""

from uuid import UUID

from flask import Blueprint, Response

from app.web.files import file_response, made_response, result_response
from app.web.use_cases import services

blueprint = Blueprint("public", __name__, url_prefix="/public")


@blueprint.get("/results/<uuid:job_id>")
def result(job_id: UUID) -> Response:
    """The image; `?download=1` asks the browser to save it."""
    return result_response(services().results.file(job_id))


@blueprint.get("/results/<uuid:job_id>/<size>")
def preview(job_id: UUID, size: str) -> Response:
    """A WebP for a grid or a lightbox."""
    found = services().results.preview(job_id, size)
    return made_response(found.read, "image/webp", f"{job_id}-{size}", found.size)


@blueprint.get("/media/<uuid:media_id>")
def media(media_id: UUID) -> Response:
    """A temporary file for those who were told its address; nobody may keep it."""
    found, stream = services().media.open(media_id)
    response = file_response(stream, found.size_bytes, found.mime_type, str(media_id))
    response.headers["Cache-Control"] = "no-store"
    return response
