"""What VK's servers say, or a VkError: they answer failures with status 200, and at times with pages or half a line."""

import json
from collections.abc import Mapping
from typing import Any

from app.adapters.vk_api.refusals import quotable, refusal
from app.domain.vk.errors import VkBusy, VkFileRefused, VkOutcomeUnknown, VkUploadFailed
from app.ports.providers import HttpReply

_BAD_IMAGE = "ERR_UPLOAD_BAD_IMAGE"


def response_of(reply: HttpReply, method: str, token: str) -> Any:
    """What stands in `response`. Raises VkError."""
    answer = _parsed(reply)
    if isinstance(error := answer.get("error"), dict) and isinstance(error.get("error_code"), int):
        raise refusal(error, method, token)
    if reply.status == 429:
        raise VkBusy("VK answered with status 429.", method=method)
    if not reply.is_success or "response" not in answer:
        raise VkOutcomeUnknown(f"VK answered with status {reply.status}, and not as its API does.", method=method)
    return answer["response"]


def upload_of(reply: HttpReply) -> Mapping[str, Any]:
    """What an upload server made of the files. Raises VkFileRefused for a picture, VkUploadFailed for all else.

    Nothing can be seen of an upload before it is saved, so that all of it may be repeated.
    """
    answer = _parsed(reply)
    if error := answer.get("error"):
        said = quotable(error if isinstance(error, str) else json.dumps(error))
        raise (VkFileRefused if _BAD_IMAGE in said else VkUploadFailed)(f"VK's upload server says: {said}")
    if not reply.is_success or not answer:
        raise VkUploadFailed(f"VK's upload server answered with status {reply.status}, and not as it should.")
    return answer


def _parsed(reply: HttpReply) -> dict[str, Any]:
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
