"""OpenAI: one call of the Images API makes one picture, of the shot and templates or of words alone.

Parameters, answers and error codes: developers.openai.com/api/reference, Images, November 2026.
"""

from decimal import Decimal
from threading import Event
from typing import Any

from app.adapters.providers import Tools, key_of
from app.domain.answers import at, decoded, json_object, parsed, quoted
from app.domain.deadlines import Deadline
from app.domain.errors import FaultKind, ProviderFault
from app.domain.prompts import insisting
from app.domain.statuses import fault_of_status
from app.ports.providers import Connection, FileParts, HttpReply, HttpSession, Provider, ProviderAnswer, ProviderRequest

_ANSWER_MAX_BYTES = 48 << 20
"""A PNG of 8 megapixels, should a gateway in between not pass the wish for a JPEG on, is 32 MB of base64."""

_WISHES = {"output_format": "jpeg", "output_compression": 95}
"""A JPEG is there sooner than a PNG. It will be encoded once more, so it loses nearly nothing here."""

_KINDS = {
    "moderation_blocked": FaultKind.CONTENT_BLOCKED,
    "content_policy_violation": FaultKind.CONTENT_BLOCKED,
    "insufficient_quota": FaultKind.ACCOUNT_EMPTY,
    "billing_hard_limit_reached": FaultKind.ACCOUNT_EMPTY,
    "unsupported_country_region_territory": FaultKind.REGION_REFUSED,
    "model_not_found": FaultKind.MODEL_GONE,
    "invalid_api_key": FaultKind.KEY_REFUSED,
}
"""Codes that say more than their status does."""

_USD_PER_MILLION_TOKENS = {"gpt-image-2.6-flare": (5, 8, 30), "gpt-image-2": (5, 8, 30)}
"""Of text sent, of pictures sent, of pictures made (developers.openai.com/api/docs/pricing, November 2026)."""

_TOKENS_MAX = 1_000_000


def create(tools: Tools) -> Provider:
    return OpenAi(tools)


class OpenAi:
    """Implements ports.providers.Provider."""

    def __init__(self, tools: Tools) -> None:
        self._http = tools.http

    def run(self, request: ProviderRequest) -> ProviderAnswer:
        headers = _authorised(request.connection)
        with self._http.session(request.connection, request.deadline, request.cancelled) as http:
            reply = _ask(http, request, headers)
        if not reply.is_success:
            raise _refusal(reply, request.connection)
        try:
            return _answer(reply, request.model)
        except ProviderFault as fault:
            fault.status, fault.request_id = reply.status, _request_id(reply)
            raise

    def check(self, connection: Connection, deadline: Deadline) -> None:
        headers = _authorised(connection)
        with self._http.session(connection, deadline, Event()) as http:
            reply = http.send("GET", _path(connection, "models"), headers=headers)
        if not reply.is_success:
            raise _refusal(reply, connection)
        json_object(reply.body)


def _ask(http: HttpSession, request: ProviderRequest, headers: dict[str, str]) -> HttpReply:
    fields = _fields(request)
    if request.operation == "generation":
        path = _path(request.connection, "images/generations")
        return http.send("POST", path, headers=headers, json=fields, max_bytes=_ANSWER_MAX_BYTES)
    path = _path(request.connection, "images/edits")
    form = {name: str(value) for name, value in fields.items()}
    return http.send("POST", path, headers=headers, form=form, files=_images(request), max_bytes=_ANSWER_MAX_BYTES)


def _path(connection: Connection, name: str) -> str:
    """Gateways and OpenAI's own tools give the base URL with its version."""
    return f"/{name}" if connection.base_url.endswith("/v1") else f"/v1/{name}"


def _fields(request: ProviderRequest) -> dict[str, Any]:
    """The catalogue's fields have the names of the API's parameters; templates go as files."""
    fields = {name: value for name, value in request.settings.items() if name not in request.templates}
    if request.insist:
        fields["prompt"] = insisting(fields["prompt"])
    return {"model": request.model, **_WISHES, **fields}


def _images(request: ProviderRequest) -> FileParts:
    """The shot is the first, the catalogue's prompts call it so. The API goes by the names' endings."""
    images = [request.shot, *request.templates.values()]
    names = [f"{n}.{image.mime_type.removeprefix('image/')}" for n, image in enumerate(images, 1)]
    return [("image[]", (name, image.data, image.mime_type)) for name, image in zip(names, images, strict=True)]


def _answer(reply: HttpReply, model: str) -> ProviderAnswer:
    answer = json_object(reply.body)
    picture = at(answer, "data", 0, "b64_json")
    if not isinstance(picture, str) or not picture:
        message = "OpenAI answered without a picture."
        raise ProviderFault(FaultKind.NO_IMAGE, message, permanent=False, may_have_cost=True)
    return ProviderAnswer(decoded(picture), _request_id(reply), _cost_usd(at(answer, "usage"), model))


def _cost_usd(usage: Any, model: str) -> Decimal | None:
    """What the tokens cost that OpenAI counted; None for a model whose price is not known, or without a count."""
    sent = at(usage, "input_tokens_details")
    counts = (at(sent, "text_tokens"), at(sent, "image_tokens"), at(usage, "output_tokens"))
    prices = _USD_PER_MILLION_TOKENS.get(model)
    if prices is None or not all(isinstance(count, int) and 0 <= count <= _TOKENS_MAX for count in counts):
        return None
    return sum((Decimal(n * price) for n, price in zip(counts, prices, strict=True)), Decimal(0)) / 1_000_000


def _refusal(reply: HttpReply, connection: Connection) -> ProviderFault:
    error = at(parsed(reply.body), "error")
    words = quoted(at(error, "message"), connection.api_key) or "no reason given"
    kind = _KINDS.get(str(at(error, "code"))) or _KINDS.get(str(at(error, "type")))
    message = f"OpenAI answered {reply.status}: {words}"
    return fault_of_status(reply.status, message, reply.headers, kind=kind, request_id=_request_id(reply))


def _request_id(reply: HttpReply) -> str | None:
    return quoted(reply.headers.get("x-request-id")) or None


def _authorised(connection: Connection) -> dict[str, str]:
    return {"Authorization": f"Bearer {key_of(connection, 'OpenAI')}"}
