"""Codes of the services as sentences for people; the codes themselves are in app/domain/errors.py and catalogue.py."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext

from app.domain.errors import Reason
from app.domain.job import Failure, FailureReason
from app.web import fault_words
from app.web.pages.formats import plain_number
from app.web.pages.site import blueprint


def problem(found: Mapping[str, Any], typed: str | None = None) -> str:
    """Why a field's value was refused: `found` is a `code` with what is allowed.

    Of a name or a password whose length is wrong it is said how, if it is told what was `typed`.
    """
    low, high = found.get("minimum"), found.get("maximum")
    sentences = {
        "required": gettext("This is needed."),
        "not_a_number": _number(low, high),
        "out_of_range": _number(low, high),
        "too_long": gettext("At most %(high)s characters.", high=high),
        "bad_length": gettext("From %(low)s to %(high)s ordinary characters.", low=low, high=high),
        "bad_password": gettext("From %(low)s to %(high)s ordinary characters.", low=low, high=high),
        "bad_key": gettext("Latin letters, digits and signs without spaces, at most 2048 characters."),
        "bad_address": gettext("An address such as https://example.org/v1, without a user name or a question mark."),
        "bad_proxy": gettext("A proxy such as http://user:password@10.0.0.1:3128."),
        "not_an_option": gettext("Choose one of the list."),
        "not_a_zone": gettext("Choose one of the list, such as Europe/Moscow."),
        "not_a_time": gettext("A date and a time."),
        "not_after_start": gettext("The end comes after the beginning."),
        "too_long_event": gettext("At most %(n)s days. Make several events of a longer one.", n=high),
        "slot_or_event": gettext("Choose what the link leads to."),
        "not_a_template": gettext("This image is gone. Choose another one."),
        "not_a_community": gettext("This community is not connected any more. Choose another one."),
        "not_a_text": gettext("This text holds characters that cannot be stored."),
    }
    told = None if typed is None else _wrong_length(found, len(typed.strip()))
    return str(told or sentences.get(found["code"]) or gettext("This value cannot be used."))


def _wrong_length(found: Mapping[str, Any], length: int) -> str | None:
    """None where something else is wrong."""
    if found["code"] not in ("bad_length", "bad_password"):
        return None
    if not length and found["minimum"]:
        return str(gettext("Enter a name.") if found["code"] == "bad_length" else gettext("Enter a password."))
    if length < found["minimum"]:
        return str(gettext("Too short: %(low)s characters or more are needed.", low=found["minimum"]))
    return str(gettext("At most %(high)s characters.", high=found["maximum"])) if length > found["maximum"] else None


def _number(low: float | None, high: float | None) -> str:
    least, most = ("" if bound is None else plain_number(Decimal(str(bound))) for bound in (low, high))
    if least and most:
        return str(gettext("A number from %(low)s to %(high)s.", low=least, high=most))
    if least:
        return str(gettext("A number, %(low)s or more.", low=least))
    if most:
        return str(gettext("A number, at most %(high)s.", high=most))
    return str(gettext("A number."))


def refusal(reason: Reason) -> str:
    """Why an upload or a test run was not taken."""
    sentences = {
        Reason.INVALID_REQUEST: gettext("Choose a photo first."),
        Reason.INVALID_IMAGE: gettext("This image is damaged and cannot be opened."),
        Reason.UNSUPPORTED_MEDIA_TYPE: gettext("Only JPEG, PNG, WebP and HEIC images are accepted."),
        Reason.PAYLOAD_TOO_LARGE: gettext("This image is too large."),
        Reason.INVALID_SETTINGS: gettext("These settings cannot be used yet:"),
        Reason.QUEUE_BUSY: gettext("The queue is full at the moment. Try again shortly."),
        Reason.SLOT_BUSY: gettext("This slot is busy at the moment. Try again shortly."),
    }
    return str(sentences.get(reason) or gettext("The server cannot do this at the moment. Try again shortly."))


@blueprint.app_template_filter()
def failure_sentence(failure: Failure) -> str:
    """Why a job has no picture."""
    if failure.reason is FailureReason.TIMEOUT:
        return str(gettext("Not ready in time: the whole window was used up."))
    if failure.reason is FailureReason.CANCELLED:
        return str(gettext("Cancelled."))
    return fault_sentence(failure.detail.get("fault", ""))


@blueprint.app_template_filter()
def fault_sentence(kind: str) -> str:
    """What a provider did wrong."""
    return str(fault_words.fault_sentence(kind, gettext))


@blueprint.app_template_global()
def error_texts(status: int) -> tuple[str, str]:
    """Title and advice of an error page for administrators."""
    texts = {
        400: (gettext("This request cannot be read"), gettext("The page may have been open too long. Load it again.")),
        404: (gettext("There is no such page"), gettext("The link may be old, or mistyped.")),
        405: (gettext("There is no such page"), gettext("The link may be old, or mistyped.")),
        410: (gettext("This picture is no longer kept"), gettext("Pictures are deleted when their time is over.")),
        413: (gettext("The file is too large"), gettext("Choose a smaller one.")),
        503: (gettext("One moment, please"), gettext("The server is catching its breath. Try again in a few seconds.")),
    }
    ours = gettext("It has been logged. Try again, or go back to the slots.")
    return texts.get(status, (gettext("Something went wrong"), ours))
