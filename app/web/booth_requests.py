"""Takes down what booths send, right or wrong."""

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from flask import Flask, Response, g, request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException

from app.domain.booth_request import BoothRequest, SentPart
from app.domain.text import storable
from app.logs import MASK, mask_text, names_secret, without_secrets
from app.web.auth import client_address
from app.web.metrics import seconds_so_far
from app.web.use_cases import services

log = structlog.get_logger(__name__)

Pairs = Iterable[tuple[str, str]]

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


def remember_parts(texts: Pairs, files: Iterable[tuple[str, FileStorage]]) -> None:
    """Describe the form while its files are open."""
    with _at_no_cost():
        g.booth_secrets = _secrets(texts := list(texts))
        g.booth_parts = list(_described(texts, files))


def remember_unreadable() -> None:
    """There is a form that cannot be read, and must not be read again: a part of it has gone by."""
    g.setdefault("booth_parts", [])


def note_unserved(response: Response) -> None:
    """Take down the current request, which the application is not given; `response` is the one that is sent."""
    remember_unreadable()
    _note(response)


def _note(response: Response) -> Response:
    address = INGEST_PATH.match(request.path)
    if address:
        with _at_no_cost():
            services().booth_requests.note(_seen(address["slot_id"], response))
    return response


def _seen(slot_id: str, response: Response) -> BoothRequest:
    job_id = response.headers.get("X-Job-Id")
    parts = _parts()[:_MOST]  # first, for they tell what is secret elsewhere
    return BoothRequest(
        slot_id=storable(slot_id, _LONGEST),
        status=response.status_code,
        code=_code(response),
        job_id=UUID(job_id) if job_id else None,
        client=client_address(),
        method=request.method,
        path=mask_text(storable(request.path, _LONGEST)),
        query=_masked(request.args.items(multi=True)),
        headers=_masked(request.headers.items()),
        parts=parts,
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


def _described(texts: Pairs, files: Iterable[tuple[str, FileStorage]]) -> Iterator[SentPart]:
    for name, value in _masked(texts):
        yield SentPart(name, value)
    for name, part in files:
        size = part.stream.seek(0, 2)
        part.stream.seek(0)
        filename, content_type = (mask_text(storable(text or "", _LONGEST)) for text in (part.filename, part.mimetype))
        yield SentPart(storable(name, _LONGEST), "", filename, content_type, size)


def _masked(pairs: Pairs) -> list[tuple[str, str]]:
    secrets = {*g.get("booth_secrets", ()), *_secrets(request.args.items(multi=True))}
    bounded = [(storable(name, _LONGEST), storable(value, _LONGEST)) for name, value in list(pairs)[:_MOST]]
    return [(name, _shown(name, value, secrets)) for name, value in bounded]


def _shown(name: str, value: str, secrets: Collection[str]) -> str:
    """An empty secret stays as it is: that it is missing is what one looks for."""
    if not value:
        return ""
    return MASK if value in secrets else str(without_secrets(name, value))


def _secrets(pairs: Pairs) -> set[str]:
    """What was sent under the name of a secret, and is one under any other too."""
    return {storable(value, _LONGEST) for name, value in pairs if names_secret(name)}
