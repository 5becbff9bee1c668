"""What states, sources and reasons of jobs are called."""

from flask_babel import gettext

from app.domain.errors import FaultKind, Reason
from app.domain.job import FailureReason, JobStatus, JobView, Source
from app.domain.job_log import Entry, State
from app.domain.statistics import Outcome
from app.web.pages.site import blueprint
from app.web.pages.stats.names import ending_label

_OTHER_CODES = (FailureReason.TIMEOUT, FailureReason.CANCELLED, "worker_lost")
_REFUSALS = (
    Reason.INVALID_PASSWORD,
    Reason.TOO_MANY_ATTEMPTS,
    Reason.INVALID_REQUEST,
    Reason.INVALID_IMAGE,
    Reason.UNSUPPORTED_MEDIA_TYPE,
    Reason.PAYLOAD_TOO_LARGE,
    Reason.SLOT_NOT_FOUND,
    Reason.SLOT_DISABLED,
    Reason.SLOT_BUSY,
    Reason.QUEUE_BUSY,
    Reason.QUEUE_UNAVAILABLE,
    Reason.SHUTTING_DOWN,
)

Choices = dict[str, str]


def state_choices() -> Choices:
    return {
        State.PENDING: gettext("In the queue"),
        State.PROCESSING: gettext("Being processed"),
        State.SUCCESS: gettext("Ready"),
        State.FAILED: gettext("Failed"),
        State.TIMEOUT: gettext("Not in time"),
        State.PROVIDER_ERROR: gettext("Provider’s error"),
        State.CANCELLED: gettext("Cancelled"),
        State.REFUSED: gettext("Refused"),
    }


def source_choices() -> Choices:
    return {
        Source.INGEST: gettext("booths"),
        Source.TEST: gettext("test runs"),
        Source.RERUN: gettext("re-runs"),
    }


def reason_choices() -> dict[str, Choices]:
    """By the kind of reason: why a job failed, why a request never became one."""
    codes = [code for code in (*_OTHER_CODES, *FaultKind) if code != FaultKind.CANCELLED or code in _OTHER_CODES]
    return {
        gettext("No picture"): {code: ending_label(Outcome.PROVIDER_ERROR, code) for code in codes},
        gettext("Not taken"): {code: ending_label(Outcome.REFUSED, code) for code in _REFUSALS},
    }


def state_of(entry: Entry) -> State:
    """The one word for what has become of a shot."""
    if not isinstance(entry, JobView):
        return State.REFUSED
    if entry.status is not JobStatus.FINALIZED:
        return State(entry.status.value)
    return State(entry.failure.reason.value) if entry.failure else State.SUCCESS


@blueprint.app_template_filter()
def state_pill(entry: Entry) -> tuple[str, str]:
    """Its name and the class of its colour."""
    state = state_of(entry)
    colours = {State.SUCCESS: "good", State.PENDING: "", State.PROCESSING: "", State.CANCELLED: ""}
    return state_choices()[state], colours.get(state, "bad")


@blueprint.app_template_filter()
def why_not(entry: Entry) -> str:
    """Why there is no picture, in a few words; empty for a job that has one or may yet get it."""
    if not isinstance(entry, JobView):
        return ending_label(Outcome.REFUSED, entry.reason)
    return ending_label(Outcome(entry.failure.reason.value), entry.failure.code) if entry.failure else ""


@blueprint.app_template_test()
def refused_request(entry: Entry) -> bool:
    return not isinstance(entry, JobView)
