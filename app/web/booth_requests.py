"""Takes down what booths send, right or wrong."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from flask import Flask, Response, g, request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException

from app.domain.booth_request import BoothRequest, SentPart
from app.domain.text import storable
from app.logs import without_secrets
from app.web.auth import client_address
from app.web.metrics import seconds_so_far
from app.web.use_cases import services

log = structlog.get_logger(__name__)

INGEST_PATH = re.compile(r"/(?:api/)?ingest/(?P<slot_id>[^/]*)")
_LONGEST = 300
_MOST = 60


def register_booth_requests(app: Flask) -> None:
    app.after_request(_note)


@contextmanager
def _at_no_cost() -> Iterator[None]:
    """Whatever fails here, the booth gets its answer."""
    try:
        yield
    except Exception as error:
        log.error("booth_request_not_described", exc_info=error)


def remember_parts(texts: Iterable[tuple[str, str]], files: Iterable[tuple[str, FileStorage]]) -> None:
    """Describe the form while its files are open."""
    with _at_no_cost():
        g.booth_parts = list(_described(texts, files))


def _note(response: Response) -> Response:
    address = INGEST_PATH.match(request.path)
    if address:
        with _at_no_cost():
            services().booth_requests.note(_seen(address["slot_id"], response))
    return response


def _seen(slot_id: str, response: Response) -> BoothRequest:
    job_id = response.headers.get("X-Job-Id")
    return BoothRequest(
        slot_id=storable(slot_id, _LONGEST),
        status=response.status_code,
        code=_code(response),
        job_id=UUID(job_id) if job_id else None,
        client=client_address(),
        method=request.method,
        path=storable(request.path, _LONGEST),
        query=_masked(request.args.items(multi=True)),
        headers=_masked(request.headers.items()),
        parts=_parts()[:_MOST],
        seconds=round(seconds_so_far(), 2),
    )


def _code(response: Response) -> str:
    body = response.get_json(silent=True) if response.is_json else None
    return str(body["error"]["code"]) if body else ""


def _parts() -> list[SentPart]:
    """Who posts to a wrong address is shown what was sent there too; of a form that cannot be read there is nothing."""
    if "booth_parts" not in g:
        try:
            remember_parts(request.form.items(multi=True), request.files.items(multi=True))
        except (HTTPException, OSError):
            return []
    parts: list[SentPart] = g.get("booth_parts", [])
    return parts


def _described(
    texts: Iterable[tuple[str, str]], files: Iterable[tuple[str, FileStorage]]
) -> Iterator[SentPart]:
    for name, value in _masked(texts):
        yield SentPart(name, value)
    for name, part in files:
        size = part.stream.seek(0, 2)
        part.stream.seek(0)
        filename, content_type = (storable(text or "", _LONGEST) for text in (part.filename, part.mimetype))
        yield SentPart(storable(name, _LONGEST), "", filename, content_type, size)


def _masked(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """An empty secret stays as it is: that it is missing is what one looks for."""
    bounded = ((storable(name, _LONGEST), storable(value, _LONGEST)) for name, value in list(pairs)[:_MOST])
    return [(name, without_secrets(name, value) if value else "") for name, value in bounded]
