"""What `generateContent` answers with 200: a picture, or the reasons why there is none."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from app.adapters.providers.gemini.fields import field, objects
from app.domain.answers import at, decoded, json_object, quoted
from app.domain.errors import FaultKind, ProviderFault
from app.ports.providers import ProviderAnswer

_BLOCKED = re.compile("SAFETY|RECITATION|BLOCKLIST|PROHIBITED|SPII")

_USD_PER_MILLION_TOKENS = {
    "gemini-2.5-flash-image": 30,
    "gemini-3.1-flash-lite-image": 30,
    "gemini-3.1-flash-image": 60,
    "gemini-3-pro-image": 120,
}
"""What tokens of pictures cost (ai.google.dev/gemini-api/docs/pricing, October 2026)."""

_TOKENS_MAX = 100_000


def answer_of(body: bytes, model: str) -> ProviderAnswer:
    """Raises ProviderFault: CONTENT_BLOCKED, NO_IMAGE, INVALID_OUTPUT."""
    document: Any = None
    try:
        document = json_object(body)
        _refuse_blocked(document)
        image = decoded(_picture(objects(document, "candidates")))
    except ProviderFault as fault:
        fault.status, fault.request_id = 200, _request_id(document)
        raise
    return ProviderAnswer(image, _request_id(document), _cost_usd(document, model))


def _request_id(document: Any) -> str | None:
    return quoted(field(document, "responseId")) or None


def _refuse_blocked(document: Any) -> None:
    """Comes before any picture: of a blocked answer an interim one may be all that is left."""
    if reason := quoted(field(field(document, "promptFeedback"), "blockReason")):
        raise ProviderFault(FaultKind.CONTENT_BLOCKED, f"Gemini refused the request: {reason}", permanent=True)
    for candidate in objects(document, "candidates"):
        if _BLOCKED.search(str(field(candidate, "finishReason"))):
            message = f"Gemini refused the content: {_ending([candidate])}"
            raise ProviderFault(FaultKind.CONTENT_BLOCKED, message, permanent=True)


def _picture(candidates: list[Any]) -> str:
    """The base64 of the last picture that is not a thought on the way to it, else of the last one."""
    pictures = list(_pictures(candidates))
    final = [data for is_thought, data in pictures if not is_thought]
    if chosen := final or [data for _, data in pictures]:
        return chosen[-1]
    message = f"Gemini answered without a picture: {_ending(candidates)}"
    raise ProviderFault(FaultKind.NO_IMAGE, message, permanent=False)


def _pictures(candidates: list[Any]) -> Iterator[tuple[bool, str]]:
    for part in _parts(candidates):
        data = at(field(part, "inlineData"), "data")
        if isinstance(data, str) and data:
            yield at(part, "thought") is True, data


def _parts(candidates: list[Any]) -> Iterator[Any]:
    for candidate in candidates:
        yield from objects(field(candidate, "content"), "parts")


def _ending(candidates: list[Any]) -> str:
    """Why they ended, in a word. What else they say is left out: it tells of the guests in the picture."""
    reasons = (field(candidate, "finishReason") for candidate in candidates)
    return quoted(" ".join(reason for reason in reasons if isinstance(reason, str))) or "no reason given"


def _cost_usd(document: Any, model: str) -> Decimal | None:
    """The picture's tokens, as Gemini counted them, at the model's price; None for a model whose price is not known.

    Prompt and input images are left out: they come to a tenth of a cent.
    """
    details = objects(field(document, "usageMetadata"), "candidatesTokensDetails")
    counts = [field(detail, "tokenCount") for detail in details if field(detail, "modality") == "IMAGE"]
    tokens = sum(count for count in counts if isinstance(count, int))
    price = _USD_PER_MILLION_TOKENS.get(model)
    return Decimal(price * tokens) / 1_000_000 if price and 0 < tokens < _TOKENS_MAX else None
