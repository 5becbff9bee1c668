"""What keeps a post from its wall: how it is told, and whether time alone may mend it."""

from collections.abc import Mapping
from typing import Any

from app.domain.errors import MediaMissing, MediaStoreUnavailable, Refused
from app.domain.vk.errors import (
    VkBusy,
    VkError,
    VkOutcomeUnknown,
    VkQuotaUsedUp,
    VkUnreachable,
    VkUploadFailed,
)
from app.domain.vk.posts import SystemPost
from app.domain.vk.variables import UnknownVariables

MISHAPS = (VkError, UnknownVariables, MediaMissing, MediaStoreUnavailable, Refused)
"""What preparing and sending a post raises; everything else is a bug, or the database's absence."""

INTERRUPTIONS_MAX = 3
"""So often whoever publishes a post may die before it is given up: it may be what they die of."""

_FIRST_PAUSE_SECONDS = 15.0
_LONGEST_PAUSE_SECONDS = 600.0
_TRIES_MAX = 5
_QUOTA_SECONDS = 3600.0
_WAITS = (VkUnreachable, VkBusy, VkQuotaUsedUp, MediaStoreUnavailable)
_WAITS_A_LITTLE = (VkUploadFailed, VkOutcomeUnknown)


class Unsendable(VkError):
    """VK takes no such post, and need not be asked."""

    code = "unsendable"


class TextTooLong(Unsendable):
    """With its variables the text has more characters than VK takes: `details` holds `length` and `limit`."""

    code = "text_too_long"


class NothingToPost(Unsendable):
    """Neither words nor photos."""

    code = "nothing_to_post"


class PhotoWithdrawn(Unsendable):
    """Somebody has hidden or deleted a photo since the post got its copy."""

    code = "photo_withdrawn"


def told(error: Exception) -> dict[str, Any]:
    """As SystemPost.error keeps it: `code`, VK's or our words in `message`, and what belongs to the code."""
    if isinstance(error, VkError):
        return _told_of_vk(error)
    if isinstance(error, UnknownVariables):
        return {"code": "unknown_variables", "names": error.names}
    if isinstance(error, MediaMissing):
        return {"code": "photo_missing"}
    if isinstance(error, Refused) and error.retry_after is None:
        return {"code": "photo_unusable", "message": error.message}
    return {"code": "media_unavailable"}  # the store does not answer, or too many pictures are being decoded


def _told_of_vk(error: VkError) -> dict[str, Any]:
    known = {"vk_code": error.vk_code, "method": error.method, "retry_after": error.retry_after}
    return {
        "code": error.code,
        "message": error.message,
        "needs_person": error.needs_person,
        **{name: value for name, value in known.items() if value},
        **({"details": error.details} if error.details else {}),
    }


def pause_after(error: Exception, tries: int) -> float | None:
    """Seconds until the post is tried again, after so many tries; None if that is a person's decision.

    A connection, a quota or the media store come back by themselves, however long that takes: a post that is late by
    then follows its community's policy.
    """
    if isinstance(error, VkQuotaUsedUp):
        return error.retry_after or _QUOTA_SECONDS
    pause = min(_FIRST_PAUSE_SECONDS * 2.0 ** min(tries - 1, 10), _LONGEST_PAUSE_SECONDS)
    is_busy = isinstance(error, Refused) and error.retry_after is not None
    if is_busy or isinstance(error, _WAITS) or (isinstance(error, _WAITS_A_LITTLE) and tries < _TRIES_MAX):
        return pause
    return None


def was_interrupted_too_often(post: SystemPost) -> bool:
    known: Mapping[str, Any] = post.error or {}
    return known.get("code") == "interrupted" and known.get("times", 0) >= INTERRUPTIONS_MAX
