"""What VK refuses, one class for each thing that a program can do about it; numbers.py has what people can do."""

from collections.abc import Mapping
from typing import Any, ClassVar


class VkError(Exception):
    """A call of VK's API that failed.

    `code` is the stable word for what has happened: pages translate it. It is the class's own, or a closer one that
    app.domain.vk.numbers has for VK's number. `vk_code` is that number, None where there was no answer; `message` what
    VK said, never with a token. `is_permanent`: repeating the same call cannot help.
    `is_unknown`: the call may have taken effect. `retry_after` is in seconds where VK, or good manners, say so.
    `needs_person`: nothing but somebody's hand helps.
    """

    code: str = "vk_error"
    is_permanent: ClassVar[bool] = True
    is_unknown: ClassVar[bool] = False
    needs_person: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        vk_code: int | None = None,
        method: str = "",
        retry_after: float | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.vk_code = vk_code
        self.method = method
        self.retry_after = retry_after
        self.details = dict(details or {})


class VkUnreachable(VkError):
    """The call never left: no connection, no name, refused before anything was sent."""

    code = "unreachable"
    is_permanent = False


class VkOutcomeUnknown(VkError):
    """Sent, but no usable answer came (timeout, lost connection, 5xx, VK's own failures): it may have taken effect."""

    code = "outcome_unknown"
    is_permanent = False
    is_unknown = True


class VkListTooLong(VkError):
    """What is looked for may lie further down a list than anybody reads: `details` holds `read`, how far that was."""

    code = "list_too_long"
    needs_person = True


class VkBusy(VkError):
    """Too many requests a second: refused before execution."""

    code = "busy"
    is_permanent = False


class VkQuotaUsedUp(VkError):
    """Flood control or a method's quota: the token is parked for `retry_after`."""

    code = "quota_used_up"
    is_permanent = False


class VkTokenRefused(VkError):
    """Authorisation failed, or a token of the wrong type: somebody must connect again."""

    code = "token_refused"
    needs_person = True


class VkWrongTokenType(VkTokenRefused):
    """This method wants an administrator's user token, and none of VK ID."""

    code = "wrong_token_type"


class VkCaptcha(VkError):
    """A person must pass a captcha: `details["redirect_uri"]` for about five minutes."""

    code = "captcha"
    needs_person = True


class VkValidationNeeded(VkError):
    """VK wants the token's owner to confirm something in a browser: `details["redirect_uri"]`."""

    code = "validation_needed"
    needs_person = True


class VkAccessDenied(VkError):
    """The token's owner may not do this here."""

    code = "access_denied"
    needs_person = True


class VkBadRequest(VkError):
    """VK did not understand us: our mistake, a setting's, or what it was about is gone."""

    code = "bad_request"


class VkUploadFailed(VkError):
    """VK's upload server took the file, but could make nothing of it."""

    code = "upload_failed"
    is_permanent = False


class VkFileRefused(VkError):
    """The photo breaks a limit of VK's: size, sides, proportions, format."""

    code = "file_refused"


class VkAlbumFull(VkError):
    """The album holds as many photos as it may."""

    code = "album_full"


class VkAlbumLimit(VkError):
    """The community has as many albums as it may."""

    code = "album_limit"


class VkCallbackLimit(VkError):
    """The community has as many Callback servers as it may: one must be deleted by hand."""

    code = "callback_limit"
    needs_person = True


class VkPostRefused(VkError):
    """The wall takes no post now, or not this one."""

    code = "post_refused"


class VkTimeTaken(VkPostRefused):
    """Another post is postponed to the same minute: move the time."""

    code = "time_taken"
