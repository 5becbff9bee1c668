"""VK's numbers for what it refuses, and what each means here.

Numbers and descriptions: VK's API schema 5.199 (errors.json) and https://dev.vk.com/ru/reference/errors.
"""

import re
from collections.abc import Mapping
from typing import Any

from app.domain.text import storable
from app.domain.vk import errors
from app.domain.vk.errors import VkError

_MESSAGE_MAX = 300

_NUMBERS: dict[type[VkError], tuple[int, ...]] = {
    errors.VkOutcomeUnknown: (1, 10, 13, 36),
    errors.VkBusy: (6, 32, 43),
    errors.VkQuotaUsedUp: (9, 29, 601),
    errors.VkTokenRefused: (2, 4, 5, 11, 37, 41, 101, 1114, 1116, 1117, 1118, 3609, 3610, 3611),
    errors.VkWrongTokenType: (20, 21, 27, 28, 1051),
    errors.VkCaptcha: (14, 3300),
    errors.VkValidationNeeded: (17, 24, 25, 703, 704, 3301, 3302, 3303, 3304, 11500),
    errors.VkAccessDenied: (7, 15, 18, 19, 30, 42, 200, 201, 203, 204, 210, 211, 212, 500, 600),
    errors.VkBadRequest: (
        *(3, 8, 12, 16, 23, 33, 34, 35, 38, 39, 40, 100, 104, 113, 114, 118, 119, 121, 122, 125, 150, 1260, 9999),
    ),
    errors.VkUploadFailed: (22, 105, 129),
    errors.VkAlbumFull: (300,),
    errors.VkAlbumLimit: (302,),
    errors.VkCallbackLimit: (2000,),
    errors.VkPostRefused: (214, 219, 220, 222, 224, 225, 13000),
}

_CLASSES = {number: kind for kind, numbers in _NUMBERS.items() for number in numbers}
_TIME_TAKEN = re.compile("already scheduled", re.IGNORECASE)


def refusal(error: Mapping[str, Any], method: str, token: str) -> VkError:
    """What VK's `error` object says. `request_params`, which repeat the call, are left where they are."""
    number: int = error["error_code"]
    message = quotable(str(error.get("error_msg") or "No reason given."), token)
    kind = _class_of(number, message)
    return kind(message, vk_code=number, method=method, details=_details(error, token))


def quotable(text: str, token: str | None = None) -> str:
    """`text` as it may be shown and stored, the token masked should VK have repeated it."""
    text = storable(text, len(text))
    return storable(text.replace(token, "•••") if token else text, _MESSAGE_MAX)


def _class_of(number: int, message: str) -> type[VkError]:
    """Of a number that nobody here knows only this is known: VK has done nothing."""
    kind = _CLASSES.get(number, VkError)
    if kind is errors.VkPostRefused and _TIME_TAKEN.search(message):
        return errors.VkTimeTaken
    return kind


def _details(error: Mapping[str, Any], token: str) -> dict[str, Any]:
    """Where a person can go on: only addresses of the web, for pages make links of them."""
    address = error.get("redirect_uri")
    if isinstance(address, str) and address.startswith("https://") and token not in address:
        return {"redirect_uri": address}
    return {}
