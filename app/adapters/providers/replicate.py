"""Replicate: a prediction is created once, asked about until it has ended, and its picture fetched.

Calls, headers and states: replicate.com/docs/reference/http and /docs/topics/predictions, November 2026.
"""

import re
import time
from base64 import b64encode
from contextlib import suppress
from threading import Event
from typing import Any

from app.adapters.polling import Polling, fetched
from app.adapters.providers import Tools, key_of
from app.domain.answers import at, json_object, parsed, quoted
from app.domain.deadlines import Deadline
from app.domain.errors import FaultKind, ProviderFault
from app.domain.statuses import fault_of_status, may_hide_an_order
from app.ports.providers import Connection, HttpClient, HttpReply, InputImage, ProviderAnswer, ProviderRequest

_ANSWER_MAX_BYTES = 8 << 20
"""A prediction repeats what was sent, up to four pictures of the catalogue's half a megabyte in base64 included."""

_PICTURE_MAX_BYTES = 48 << 20
_PAUSE_SECONDS = 1.0
_PATIENCE_SECONDS = 10.0  # an answer may have 3 MB
_CALL_OFF_SECONDS = 2.0

_HOLD_SECONDS = 2
"""How long the creating call waits for the picture: not for long, because until it returns nobody knows the
prediction's id, and a worker that dies takes a picture with it that is paid for."""

_SHORTEST_LIFE_SECONDS = 5  # the least that Cancel-After may say

_REFUSALS = re.compile(r"\bE005\b|\bnsfw\b|flagged as sensitive", re.IGNORECASE)

_TAKE_ONE_PICTURE = frozenset({"black-forest-labs/flux-kontext-pro"})
"""As `input_image`; the other models take a list, as `image_input`."""


def create(tools: Tools) -> "Replicate":
    return Replicate(tools)


class Replicate:
    """Implements ports.providers.Provider.

    A prediction is called off when nobody will want its picture any more. When this attempt's time is over, or the
    photo has gone to another worker, it goes on: the next attempt fetches it. If none does, Cancel-After ends it.
    """

    def __init__(self, tools: Tools) -> None:
        self._http = tools.http

    def run(self, request: ProviderRequest) -> ProviderAnswer:
        line = _Line(self._http, request)
        prediction = request.ticket.create(lambda: _create(line))
        try:
            return ProviderAnswer(_picture(line, prediction), prediction)
        except ProviderFault as fault:
            fault.request_id, fault.may_have_cost = prediction, True
            if request.cancelled.is_set() and request.is_called_off():
                line.call_off(prediction)
            raise

    def check(self, connection: Connection, deadline: Deadline) -> None:
        headers = _authorised(connection)
        with self._http.session(connection, deadline, Event()) as http:
            _object(http.send("GET", "/v1/account", headers=headers), connection)


class _Line:
    """The calls of one request, each in a session of its own: none suffers from what became of another."""

    def __init__(self, client: HttpClient, request: ProviderRequest) -> None:
        self.request = request
        self.polling = Polling(
            "Replicate",
            request.deadline,
            request.cancelled,
            pause=request.pace.seconds(_PAUSE_SECONDS),
            patience=request.pace.seconds(_PATIENCE_SECONDS),
        )
        self._client = client
        self._headers = _authorised(request.connection)

    def order(self, url: str, headers: dict[str, str], content: dict[str, Any]) -> HttpReply:
        with self._client.session(self.request.connection, self.request.deadline, self.request.cancelled) as http:
            every = {**self._headers, **headers}
            return http.send("POST", url, headers=every, json=content, max_bytes=_ANSWER_MAX_BYTES)

    def ask(self, prediction: str) -> HttpReply:
        """What has become of it; given up early enough to be asked again."""
        until = self.polling.end_of_question()
        with self._client.session(self.request.connection, until, self.request.cancelled) as http:
            try:
                url = f"/v1/predictions/{prediction}"
                return http.send("GET", url, headers=self._headers, max_bytes=_ANSWER_MAX_BYTES)
            finally:
                self.polling.hold()

    def download(self, url: str) -> HttpReply:
        with self._client.session(self.request.connection, self.request.deadline, self.request.cancelled) as http:
            return http.download(url, max_bytes=_PICTURE_MAX_BYTES)

    def call_off(self, prediction: str) -> None:
        spare = Deadline(time.monotonic() + _CALL_OFF_SECONDS)
        with suppress(ProviderFault), self._client.session(self.request.connection, spare, Event()) as http:
            url = f"/v1/predictions/{prediction}/cancel"
            http.send("POST", url, headers=self._headers, max_bytes=_ANSWER_MAX_BYTES)


def _create(line: _Line) -> str:
    """The id of a new prediction, which ends by itself when the photo's window must be over."""
    life = max(int(line.request.pace.window_seconds), _SHORTEST_LIFE_SECONDS)
    headers = {"Prefer": f"wait={_HOLD_SECONDS}", "Cancel-After": f"{life}s"}
    reply = line.order(f"/v1/models/{line.request.model}/predictions", headers, {"input": _input(line.request)})
    try:
        found = _object(reply, line.request.connection).get("id")
    except ProviderFault as fault:
        fault.may_have_cost = fault.may_have_cost or may_hide_an_order(reply.status)
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
    """The file; one that is not there is asked about again before it is looked for again."""
    return fetched(lambda: line.download(_output(line, prediction)), line.polling.rest)


def _output(line: _Line, prediction: str) -> str:
    """The address of what came out, when the prediction has ended."""
    while True:
        line.polling.rest()
        said = _said(line, prediction)
        if said.get("status") == "succeeded":
            return _url(said.get("output"))
        if said.get("status") in ("failed", "canceled", "aborted"):
            raise _failure(said, line.request.connection.api_key)


def _said(line: _Line, prediction: str) -> dict[str, Any]:
    """What Replicate says of the prediction; nothing, for now, after a fault that passes."""
    try:
        reply = line.ask(prediction)
        gone = FaultKind.RESULT_GONE if reply.status in (404, 410) else None
        said = _object(reply, line.request.connection, gone)
    except ProviderFault as fault:
        line.polling.bear(fault)
        return {}
    line.polling.answered()
    return said


def _url(output: Any) -> str:
    url = at(output, 0) if isinstance(output, list) else output
    if not isinstance(url, str) or not url:
        message = "The model on Replicate ended without a picture."
        raise ProviderFault(FaultKind.NO_IMAGE, message, permanent=True, status=200)
    return url


def _failure(said: dict[str, Any], key: str | None) -> ProviderFault:
    """Permanent: asking again would be told of the same prediction."""
    if said["status"] != "failed":
        message = "Replicate ended the prediction before it had a picture."
        return ProviderFault(FaultKind.OVERLOADED, message, permanent=True, status=200)
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
    if fault.kind is FaultKind.RATE_LIMITED and fault.retry_after is None and isinstance(delay, int):
        fault.retry_after = float(delay)
    raise fault


def _authorised(connection: Connection) -> dict[str, str]:
    return {"Authorization": f"Bearer {key_of(connection, 'Replicate')}"}
