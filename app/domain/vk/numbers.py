"""VK's numbers for what it refuses: the class of each, and the word by which pages and programs know it.

Numbers and descriptions: VK's API schema 5.199 (errors.json) and https://dev.vk.com/ru/reference/errors.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from app.domain.vk import errors
from app.domain.vk.errors import VkError


class Meaning(NamedTuple):
    """`code` is a VkError's."""

    kind: type[VkError]
    code: str


_NUMBERS: Mapping[type[VkError], Mapping[str, tuple[int, ...]]] = {
    errors.VkOutcomeUnknown: {"vk_unknown_error": (1,), "vk_internal_error": (10,), "outcome_unknown": (13, 36)},
    errors.VkListTooLong: {"list_too_long": ()},
    errors.VkBusy: {"busy": (6, 32, 43)},
    errors.VkQuotaUsedUp: {"flood_control": (9,), "rate_limit": (29,), "quota_used_up": (601,)},
    errors.VkTokenRefused: {
        "token_refused": (2, 4, 5, 11, 37, 41, 101, 1114, 1116, 1117, 1118, 3609, 3610, 3611),
    },
    errors.VkWrongTokenType: {
        "community_token_refused": (27,),
        "service_token_refused": (28,),
        "vk_id_token_refused": (1051,),
        "wrong_token_type": (20, 21),
    },
    errors.VkCaptcha: {"captcha": (14,), "recaptcha": (3300,)},
    errors.VkValidationNeeded: {
        "two_factor_needed": (703,),
        "validation_needed": (17, 24, 25, 704, 3301, 3302, 3303, 3304, 11500),
    },
    errors.VkAccessDenied: {
        "content_blocked": (19,),
        "album_denied": (200,),
        "community_denied": (203,),
        "post_denied": (210,),
        "access_denied": (7, 15, 18, 30, 42, 201, 204, 211, 212, 500, 600),
    },
    errors.VkBadRequest: {
        "bad_parameter": (100,),
        "gone": (104,),
        "no_such_user": (113,),
        "no_such_album": (114,),
        "upload_server_refused": (118,),
        "upload_hash_refused": (121,),
        "bad_request": (3, 8, 12, 16, 23, 33, 34, 35, 38, 39, 40, 119, 122, 125, 150, 1260, 9999),
    },
    errors.VkUploadFailed: {"upload_failed": (22, 105, 129)},
    errors.VkAlbumFull: {"album_full": (300,)},
    errors.VkAlbumLimit: {"album_limit": (302,)},
    errors.VkCallbackLimit: {"callback_limit": (2000,)},
    errors.VkPostRefused: {
        "post_refused": (214,),
        "advertised_lately": (219,),
        "too_many_recipients": (220,),
        "links_forbidden": (222,),
        "too_many_advertisements": (224,),
        "donut_disabled": (225,),
        "strike": (13000,),
    },
    errors.VkTimeTaken: {"time_taken": ()},
    errors.VkUnreachable: {"unreachable": ()},
    errors.VkFileRefused: {"file_refused": ()},
}

_MEANINGS = {
    number: Meaning(kind, code)
    for kind, numbers_by_code in _NUMBERS.items()
    for code, numbers in numbers_by_code.items()
    for number in numbers
}
_KINDS = {code: kind for kind, numbers_by_code in _NUMBERS.items() for code in numbers_by_code}
_TIME_TAKEN = re.compile("already scheduled", re.IGNORECASE)

CODES = frozenset(_KINDS) | {VkError.code}
"""All that VK's refusals can be called."""


def meaning_of(number: int, message: str) -> Meaning:
    """Of a number that nobody here knows only this is known: VK has done nothing."""
    meaning = _MEANINGS.get(number, Meaning(VkError, VkError.code))
    if meaning.kind is errors.VkPostRefused and _TIME_TAKEN.search(message):
        return Meaning(errors.VkTimeTaken, errors.VkTimeTaken.code)
    return meaning


def kind_of(code: str) -> type[VkError]:
    """The class of a code that was stored; VkError for what is none of these."""
    return _KINDS.get(code, VkError)
