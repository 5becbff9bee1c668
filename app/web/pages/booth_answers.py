"""What each answer to a booth means, in words, and what to do about it."""

from flask_babel import gettext

from app.domain.errors import Reason
from app.web.pages.site import blueprint


@blueprint.app_template_filter()
def booth_advice(code: str) -> str:
    """Of an error's code; empty for codes that tell nothing to an operator."""
    sentences: dict[str, str] = {
        Reason.INVALID_REQUEST: gettext("The form held no photo, or arrived broken: the booth must post photos."),
        Reason.INVALID_IMAGE: gettext("The photo is damaged and cannot be opened."),
        Reason.INVALID_PASSWORD: gettext("The password is missing or wrong. Type it into the booth program again."),
        Reason.SLOT_NOT_FOUND: gettext("The address leads to no slot. Copy the link again."),
        Reason.SLOT_DISABLED: gettext("The slot is paused."),
        Reason.PAYLOAD_TOO_LARGE: gettext("The photo is too large. Set “Max image size” in the booth program."),
        Reason.UNSUPPORTED_MEDIA_TYPE: gettext("The file is no photo of a known kind. JPEG is the safest choice."),
        Reason.QUEUE_BUSY: gettext("Too many photos were in work at once."),
        Reason.SLOT_BUSY: gettext("Too many photos of this slot were in work at once."),
        Reason.TOO_MANY_ATTEMPTS: gettext("After several wrong passwords the booth must wait a few minutes."),
        Reason.PROVIDER_ERROR: gettext("The provider gave no picture. The job’s page says why."),
        Reason.PROVIDER_UNAVAILABLE: gettext("The provider cannot be used now: a key is missing, or it is paused."),
        Reason.QUEUE_UNAVAILABLE: gettext("The database or the storage did not answer."),
        Reason.SHUTTING_DOWN: gettext("The server was restarting."),
        Reason.SYNC_TIMEOUT: gettext("The picture was not ready in time."),
        "method_not_allowed": gettext("The booth must send photos with POST."),
        "not_found": gettext("The address is not quite right. Copy the link again."),
    }
    return str(sentences.get(code, ""))
