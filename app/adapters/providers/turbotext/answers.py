"""What Turbotext says, and what follows from it.

Descriptions of the API disagree about types and places, so both are taken as they come: truth values and queue ids as
JSON values or as text, results under any of the names that were seen. Error words are not documented at all.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from app.domain.answers import parsed, quoted
from app.domain.errors import FaultKind, ProviderFault
from app.domain.statuses import fault_of_status, kind_of_status, may_hide_an_order
from app.ports.providers import HttpReply

Answer = Mapping[str, Any]
Kinds = Mapping[int, FaultKind]

_OF_A_JOB: Kinds = MappingProxyType({404: FaultKind.NO_REFERENCE, 410: FaultKind.NO_REFERENCE})
"""Statuses that mean something else when a job is asked for than they usually do."""

_BUSY = "provider_busy"
_FACE = "Turbotext found no face: the guest should look into the camera, close to it, with nothing before the face."
_WORDS = {
    "limit": (FaultKind.ACCOUNT_EMPTY, "The tariff's photo attempts at Turbotext are used up."),
    _BUSY: (FaultKind.OVERLOADED, "Turbotext is busy and has not accepted the picture."),
    # no matter of settings, so no administrator is called
    "face_not_detected": (FaultKind.NO_IMAGE, _FACE),
    "face_not_found": (FaultKind.NO_IMAGE, _FACE),
    "size_error": (FaultKind.BAD_ARGUMENT, "Turbotext does not take pictures of this size."),
    "url_error": (
        FaultKind.BAD_ARGUMENT,
        "Turbotext could not fetch a picture from us: PUBLIC_BASE_URL must be reachable from the Internet.",
    ),
    "params_error": (FaultKind.BAD_ARGUMENT, "Turbotext does not accept a setting of the slot."),
}
_PATTERNS = (
    (re.compile(r"auth|api_?key|bearer"), FaultKind.KEY_REFUSED, "Turbotext does not accept the key"),
    (re.compile(r"queue|not_?found"), FaultKind.NO_REFERENCE, "Turbotext does not know the job"),
)
_REFERENCE = re.compile(r"[\w.:-]{1,100}")


def queue_id(reply: HttpReply, key: str) -> str:
    """The id of the job that was created; raises ProviderFault, which says whether there may be a job nevertheless."""
    try:
        answer = read(reply, key)
    except ProviderFault as fault:
        is_unknown = may_hide_an_order(reply.status) and not _is_refused_as_busy(reply)
        fault.may_have_cost = is_unknown or fault.kind is FaultKind.INVALID_OUTPUT
        fault.permanent = fault.permanent or fault.may_have_cost
        raise
    found = answer.get("queueid")
    reference = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    if not _REFERENCE.fullmatch(reference):
        message = "Turbotext accepted the picture, but named no job to ask for."
        raise ProviderFault(FaultKind.NO_REFERENCE, message, permanent=True, status=reply.status, may_have_cost=True)
    return reference


def location(reply: HttpReply, key: str) -> str | None:
    """Where the job's picture lies, perhaps relative to the base URL; None while it is in the making.

    Raises ProviderFault.
    """
    answer = read(reply, key, _OF_A_JOB)
    if _is_waiting(answer):
        return None
    if _is_true(_data(answer).get("forbidden_content")):
        message = "Turbotext refuses what is in the picture."
        raise ProviderFault(FaultKind.CONTENT_BLOCKED, message, permanent=True, status=reply.status)
    found = next(_locations(answer), None)
    if found:
        return found
    if "success" not in answer:
        raise _unreadable(reply)
    message = "Turbotext finished without a picture."
    raise ProviderFault(FaultKind.NO_IMAGE, message, permanent=True, status=reply.status)


def read(reply: HttpReply, key: str, kinds: Kinds = MappingProxyType({})) -> Answer:
    """A JSON object that is no refusal. Raises ProviderFault.

    A refusal's word says more than its status, which is 200 as a rule; `kinds` are those of statuses that mean
    something of their own here.
    """
    answer = _object(reply)
    word = _error_word(answer or {})
    if not reply.is_success:
        raise _failed(reply, word, key, kinds)
    if answer is None:
        raise _unreadable(reply)
    if word or ("success" in answer and not _is_true(answer["success"]) and not _is_waiting(answer)):
        kind, message = _meaning(word, key)
        raise ProviderFault(kind, message, permanent=kind is not FaultKind.OVERLOADED, status=reply.status)
    return answer


def is_readable(reply: HttpReply) -> bool:
    return _object(reply) is not None


def _object(reply: HttpReply) -> Answer | None:
    """None for anything but a JSON object."""
    found = parsed(reply.body)
    return found if isinstance(found, dict) else None


def _unreadable(reply: HttpReply) -> ProviderFault:
    message = "Turbotext's answer cannot be read."
    return ProviderFault(FaultKind.INVALID_OUTPUT, message, permanent=False, status=reply.status)


def _failed(reply: HttpReply, word: str, key: str, kinds: Kinds) -> ProviderFault:
    kind, message = FaultKind.BAD_ARGUMENT, f"Turbotext answered with status {reply.status}."
    if word:
        kind, message = _meaning(word, key)
    if kind is FaultKind.BAD_ARGUMENT:  # then the status knows better
        kind = kinds.get(reply.status) or kind_of_status(reply.status)
    return fault_of_status(reply.status, message, reply.headers, kind=kind)


def _meaning(word: str, key: str) -> tuple[FaultKind, str]:
    """Words that nobody has seen yet are taken for a mistake of ours, which asking again does not mend."""
    known = _normal(word)
    if known in _WORDS:
        return _WORDS[known]
    quote = quoted(word, key) or "no reason"
    for pattern, kind, message in _PATTERNS:
        if pattern.search(known):
            return kind, f"{message}: {quote}."
    return FaultKind.BAD_ARGUMENT, f"Turbotext refuses the picture: {quote}."


def _is_refused_as_busy(reply: HttpReply) -> bool:
    return _normal(_error_word(_object(reply) or {})) == _BUSY


def _normal(word: str) -> str:
    return word.strip().lower().replace(" ", "_")


def _error_word(answer: Answer) -> str:
    error = answer.get("error")
    return str(error) if error else ""


def _is_waiting(answer: Answer) -> bool:
    return answer.get("action") == "reconnect" or answer.get("status") == "processing"


def _is_true(value: Any) -> bool:
    return str(value).strip().lower() in ("true", "1")


def _data(answer: Answer) -> Answer:
    """PHP writes an empty object as an empty list."""
    data = answer.get("data")
    return data if isinstance(data, dict) else {}


def _locations(answer: Answer) -> Iterator[str]:
    data = _data(answer)
    names = ((answer, "uploaded_image"), (data, "uploaded_image"), (data, "image"), (answer, "result_url"))
    for found in (place.get(name) for place, name in names):
        for value in found if isinstance(found, list) else [found]:
            if isinstance(value, str) and value.strip():
                yield value.strip()
