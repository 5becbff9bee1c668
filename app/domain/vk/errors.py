"""What VK refuses, one class for each thing that a person or a program can do about it.

Codes and their meaning: VK's API schema 5.199 (errors.json) and dev.vk.com; what is marked permanent there is.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class VkError(Exception):
    """A call of VK's API that failed.

    `code` is the stable word for what has happened: pages translate it. `vk_code` is VK's number, None where there was
    no answer; `message` what VK said, never with a token. `is_permanent`: repeating the same call cannot help.
    `is_unknown`: the call may have taken effect. `retry_after` is in seconds where VK, or good manners, say so.
    `needs_person`: nothing but somebody's hand helps.
    """

    code: ClassVar[str] = "vk_error"
    is_permanent: ClassVar[bool] = True
    is_unknown: ClassVar[bool] = False
    needs_person: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        vk_code: int | None = None,
        method: str = "",
        retry_after: float | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.vk_code = vk_code
        self.method = method
        self.retry_after = retry_after
        self.details = dict(details or {})


class VkUnreachable(VkError):
    """The call never left: no connection, no name, refused before anything was sent."""

    code = "unreachable"
    is_permanent = False


class VkOutcomeUnknown(VkError):
    """Sent, but no usable answer came (timeout, lost connection, 5xx, codes 1 and 10): it may have taken effect."""

    code = "outcome_unknown"
    is_permanent = False
    is_unknown = True


class VkBusy(VkError):
    """Too many requests a second (6): refused before execution."""

    code = "busy"
    is_permanent = False


class VkQuotaUsedUp(VkError):
    """Flood control or a method's quota (9, 29): the token is parked for `retry_after`."""

    code = "quota_used_up"
    is_permanent = False


class VkTokenRefused(VkError):
    """Authorisation failed (5), or a token of the wrong type (27, 28, 1051): somebody must connect again."""

    code = "token_refused"
    needs_person = True


class VkWrongTokenType(VkTokenRefused):
    """This method wants an administrator's user token, or refuses tokens of VK ID (27, 28, 1051)."""

    code = "wrong_token_type"


class VkCaptcha(VkError):
    """A person must pass a captcha (14, 3300): `details["redirect_uri"]` for about five minutes."""

    code = "captcha"
    needs_person = True


class VkValidationNeeded(VkError):
    """VK wants the token's owner to confirm something in a browser (17): `details["redirect_uri"]`."""

    code = "validation_needed"
    needs_person = True


class VkAccessDenied(VkError):
    """The token's owner may not do this here (15, 200, 203, 210, 7)."""

    code = "access_denied"
    needs_person = True


class VkBadRequest(VkError):
    """VK did not understand us (100, 113, 114, 118, 121, 8): our mistake, or a setting's."""

    code = "bad_request"


class VkUploadFailed(VkError):
    """VK's upload server took the file, but could make nothing of it (22, 129)."""

    code = "upload_failed"
    is_permanent = False


class VkFileRefused(VkError):
    """The photo breaks a limit of VK's: size, sides, proportions, format."""

    code = "file_refused"


class VkAlbumFull(VkError):
    """The album holds as many photos as it may (300)."""

    code = "album_full"


class VkAlbumLimit(VkError):
    """The community has as many albums as it may (302)."""

    code = "album_limit"


class VkCallbackLimit(VkError):
    """The community has as many Callback servers as it may (2000): one must be deleted by hand."""

    code = "callback_limit"
    needs_person = True


class VkPostRefused(VkError):
    """The wall takes no post now (214, 219, 220, 222, 224, 225), or VK has put a strike on the community (13000)."""

    code = "post_refused"


class VkTimeTaken(VkPostRefused):
    """Another post is postponed to the same minute (214 with its message): move the time."""

    code = "time_taken"
