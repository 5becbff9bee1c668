"""Replicate: a prediction is created once, asked about until it has ended, and its picture fetched.

Calls, headers and states: replicate.com/docs/reference/http and /docs/topics/predictions, November 2026.
"""

import re
import time
from base64 import b64encode
from contextlib import suppress
from threading import Event
from typing import Any

from app.adapters.providers import Tools
from app.domain.answers import at, json_object, parsed, quoted
from app.domain.deadlines import Deadline
from app.domain.errors import FaultKind, ProviderFault
from app.domain.statuses import fault_of_status
from app.ports.providers import Connection, HttpReply, HttpSession, InputImage, ProviderAnswer, ProviderRequest

_ANSWER_MAX_BYTES = 32 << 20  # a prediction repeats what was sent, pictures included
_PICTURE_MAX_BYTES = 48 << 20
_FETCHES = 3
_POLL_SECONDS = 0.5
_POLLS = 16  # no fewer fit into a short attempt
_CALL_OFF_SECONDS = 2.0

_HOLD_SECONDS = 2
"""How long the creating call waits for the picture: not for long, because until it returns nobody knows the
prediction's id, and a worker that dies takes a picture with it that is paid for."""

_SHORTEST_LIFE_SECONDS = 5  # the least that Cancel-After may say

_REFUSALS = re.compile(r"\bE005\b|sensitive|nsfw|safety|moderation|prohibited", re.IGNORECASE)

_TAKE_ONE_PICTURE = frozenset({"black-forest-labs/flux-kontext-pro"})
"""As `input_image`; the other models take a list, as `image_input`."""


def create(tools: Tools) -> "Replicate":
    return Replicate(tools)


class Replicate:
    """Implements ports.providers.Provider.

    A prediction is called off when its time is over, but not when the request is cancelled: the photo may have gone to
    another worker, which fetches that same prediction. If nobody does, Cancel-After ends it.
    """

    def __init__(self, tools: Tools) -> None:
        self._http = tools.http

    def run(self, request: ProviderRequest) -> ProviderAnswer:
        headers = _authorised(request.connection)
        with self._http.session(request.connection, request.deadline, request.cancelled) as http:
            line = _Line(http, request, headers)
            prediction = request.ticket.create(lambda: _create(line))
            try:
                return ProviderAnswer(_picture(line, prediction), prediction)
            except ProviderFault as fault:
                fault.request_id, fault.may_have_cost = prediction, True
                if fault.kind is FaultKind.HANG:
                    self._call_off(request.connection, prediction, headers)
                raise

    def check(self, connection: Connection, deadline: Deadline) -> None:
        headers = _authorised(connection)
        with self._http.session(connection, deadline, Event()) as http:
            _object(http.send("GET", "/v1/account", headers=headers), connection)

    def _call_off(self, connection: Connection, prediction: str, headers: dict[str, str]) -> None:
        spare = Deadline(time.monotonic() + _CALL_OFF_SECONDS)
        with suppress(ProviderFault), self._http.session(connection, spare, Event()) as http:
            http.send("POST", f"/v1/predictions/{prediction}/cancel", headers=headers, max_bytes=_ANSWER_MAX_BYTES)


class _Line:
    """The calls of one request."""

    def __init__(self, http: HttpSession, request: ProviderRequest, headers: dict[str, str]) -> None:
        self.http = http
        self.request = request
        self._headers = headers
        self._pause = min(_POLL_SECONDS, self.remaining / _POLLS)

    def send(self, method: str, url: str, headers: dict[str, str] | None = None, json: Any = None) -> HttpReply:
        every = {**self._headers, **(headers or {})}
        return self.http.send(method, url, headers=every, json=json, max_bytes=_ANSWER_MAX_BYTES)

    @property
    def remaining(self) -> float:
        return self.request.deadline.remaining(time.monotonic())

    def pause(self) -> None:
        self.request.cancelled.wait(min(self._pause, self.remaining))


def _create(line: _Line) -> str:
    """The id of a new prediction, which ends by itself before the request does."""
    life = max(int(line.remaining) - 1, _SHORTEST_LIFE_SECONDS)
    headers = {"Prefer": f"wait={_HOLD_SECONDS}", "Cancel-After": f"{life}s"}
    url = f"/v1/models/{line.request.model}/predictions"
    reply = line.send("POST", url, headers, {"input": _input(line.request)})
    try:
        found = _object(reply, line.request.connection).get("id")
    except ProviderFault as fault:  # a gateway does not know what became of the call
        fault.may_have_cost = fault.may_have_cost or (reply.status > 500 and reply.status != 503)
        raise
    if not isinstance(found, str) or not re.fullmatch(r"\w{1,64}", found, re.ASCII):
        message = "Replicate accepted the prediction, but did not say which it is."
        raise ProviderFault(FaultKind.NO_REFERENCE, message, permanent=True, status=reply.status, may_have_cost=True)
    return found


def _input(request: ProviderRequest) -> dict[str, Any]:
    """The catalogue's fields have the names of the models' inputs; templates go as pictures after the shot."""
    pictures = [_data_uri(image) for image in (request.shot, *request.templates.values())]
    images = {"input_image": pictures[0]} if request.model in _TAKE_ONE_PICTURE else {"image_input": pictures}
    fields = {name: value for name, value in request.settings.items() if name not in request.templates}
    return {"output_format": "jpg", **fields, **images}


def _data_uri(image: InputImage) -> str:
    return f"data:{image.mime_type};base64,{b64encode(image.data).decode()}"


def _picture(line: _Line, prediction: str) -> bytes:
    """The file, as soon as there is one; a file that is not there is asked about and looked for again."""
    reply = _fetch(line, prediction)
    for _ in range(_FETCHES - 1):
        if reply.status in (404, 410):
            line.pause()
            reply = _fetch(line, prediction)
    if reply.is_success:
        return reply.body
    kind = None if reply.status >= 500 else FaultKind.RESULT_GONE
    raise fault_of_status(reply.status, f"The picture's file answered {reply.status}.", reply.headers, kind=kind)


def _fetch(line: _Line, prediction: str) -> HttpReply:
    return line.http.download(_output(line, prediction), max_bytes=_PICTURE_MAX_BYTES)


def _output(line: _Line, prediction: str) -> str:
    """The address of what came out, when the prediction has ended."""
    while True:
        reply = line.send("GET", f"/v1/predictions/{prediction}")
        gone = FaultKind.RESULT_GONE if reply.status in (404, 410) else None
        said = _object(reply, line.request.connection, gone)
        if said.get("status") == "succeeded":
            return _url(said.get("output"))
        if said.get("status") in ("failed", "canceled", "aborted"):
            raise _failure(said, line.request.connection.api_key)
        line.pause()


def _url(output: Any) -> str:
    url = at(output, 0) if isinstance(output, list) else output
    if not isinstance(url, str) or not url:
        message = "The model on Replicate ended without a picture."
        raise ProviderFault(FaultKind.NO_IMAGE, message, permanent=True, status=200)
    return url


def _failure(said: dict[str, Any], key: str | None) -> ProviderFault:
    """Permanent: asking again would be told of the same prediction."""
    if said["status"] != "failed":
        return ProviderFault(FaultKind.HANG, "The prediction's time on Replicate is over.", permanent=True, status=200)
    words = quoted(said.get("error"), key) or "no reason given"
    kind = FaultKind.CONTENT_BLOCKED if _REFUSALS.search(words) else FaultKind.OVERLOADED
    return ProviderFault(kind, f"The model on Replicate failed: {words}", permanent=True, status=200)


def _object(reply: HttpReply, connection: Connection, kind: FaultKind | None = None) -> dict[str, Any]:
    """What a successful answer says. Raises ProviderFault, of `kind` if it is given and the answer is a refusal."""
    if reply.is_success:
        return json_object(reply.body, reply.status)
    told = parsed(reply.body)
    words = quoted(at(told, "detail"), connection.api_key) or "no reason given"
    fault = fault_of_status(reply.status, f"Replicate answered {reply.status}: {words}", reply.headers, kind=kind)
    delay = at(told, "retry_after")
    if fault.retry_after is None and isinstance(delay, int):
        fault.retry_after = float(delay)
    raise fault


def _authorised(connection: Connection) -> dict[str, str]:
    if not connection.api_key:
        raise ProviderFault(FaultKind.NOT_CONFIGURED, "There is no API key for Replicate.", permanent=True)
    return {"Authorization": f"Bearer {connection.api_key}"}
