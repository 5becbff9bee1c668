"""The link that booths post to. The wire facts are in docs/booth.md."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException

from app.domain.booth import FILE_FIELDS, PASSWORD_FIELD, clean_fields
from app.domain.errors import Reason, Refused
from app.services.ingest import Shot, Upload
from app.web.auth import client_address
from app.web.booth_requests import remember_parts, remember_unreadable
from app.web.errors import code_of
from app.web.files import picture_response
from app.web.use_cases import services

blueprint = Blueprint("ingest", __name__)


@blueprint.post("/api/ingest/<slot_id>")
@blueprint.post("/ingest/<slot_id>")  # the one that is registered first, and so the link that pages show
def receive(slot_id: str) -> Response:
    """Hold the booth until its picture is finished; the answer is the image's bytes and nothing else."""
    with _noted_if_unreadable(slot_id):
        shot = _shot(slot_id)
    answer = services().ingest.receive(shot, _disconnected())
    response = picture_response(answer.data, answer.mime_type)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Job-Id"] = str(answer.job_id)
    return response


@contextmanager
def _noted_if_unreadable(slot_id: str) -> Iterator[None]:
    """What the service never gets to see stands in the log as well."""
    try:
        yield
    except (Refused, HTTPException, OSError) as error:
        if not isinstance(error, Refused):
            remember_unreadable()
        services().ingest.note_refused(slot_id, code_of(error), client_address())
        raise


def _shot(slot_id: str) -> Shot:
    received_at = time.monotonic()
    texts, uploads = _form()
    return Shot(
        slot_id=slot_id,
        uploads=uploads,
        password=next((value for name, value in texts if name == PASSWORD_FIELD), ""),
        fields=clean_fields([*texts, *request.args.items(multi=True)]),
        client=client_address(),
        received_at=received_at,
    )


def _form() -> tuple[list[tuple[str, str]], list[Upload]]:
    """The text parts and the uploads. Werkzeug makes nothing of a broken form, and a part may lack its name."""
    if request.mimetype != "multipart/form-data":
        raise _no_form()
    files = [(name, part) for name, part in request.files.items(multi=True) if name]
    texts = [(name, value) for name, value in request.form.items(multi=True) if name]
    remember_parts(texts, files)
    if not texts and not files:
        raise _no_form()
    return texts, list(_uploads(files))


def _no_form() -> Refused:
    return Refused(Reason.INVALID_REQUEST, "The body must be a form, complete and sent as multipart/form-data.")


def _uploads(files: list[tuple[str, FileStorage]]) -> Iterator[Upload]:
    """The accepted file parts, the preferred field name first."""
    for field in FILE_FIELDS:
        yield from (as_upload(part) for name, part in files if name.lower() == field)


def as_upload(part: FileStorage) -> Upload:
    """A parsed file part, with its real size."""
    size = part.stream.seek(0, 2)
    part.stream.seek(0)
    return Upload(part.filename or "", part.stream, size)  # type: ignore[arg-type]  # IO[bytes] in its stubs


def _disconnected() -> Callable[[], bool]:
    """Whether the booth hung up; waitress knows because it looks ahead on the connection."""
    check: Callable[[], bool] | None = request.environ.get("waitress.client_disconnected")
    return check or (lambda: False)
