"""The whole life of a job in passages, from the request's arrival to the booth's answer."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from flask_babel import gettext

from app.domain.catalogue import Catalogue
from app.domain.job import JobStatus, JobView, LogEvent
from app.domain.job_log import JobRecord
from app.web.pages.jobs.choices import why_not
from app.web.pages.site import blueprint
from app.web.pages.stories import Passage, Story, attempted

_STEPS_MS = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
_TICKS_MAX = 6
_WORK = ("taken_in", "waiting", "attempt", "finishing")


@blueprint.app_template_filter()
def seconds_left(job: JobView) -> str:
    """Of the window of a job that is not over yet."""
    left = max(timedelta(0), job.expires_at - job.read_at)
    return str(gettext("%(n)s s left", n=left // timedelta(seconds=1)))


class Timeline(Story):
    """Of one job, with the marks of its scale."""

    @property
    def ticks(self) -> list[timedelta]:
        """Even moments from the beginning on, a handful of them."""
        whole = self.whole / timedelta(milliseconds=1)
        step = next((step for step in _STEPS_MS if whole / step <= _TICKS_MAX), _STEPS_MS[-1])
        return [timedelta(milliseconds=ms) for ms in range(0, int(whole) + 1, step)]

    def is_near_the_end(self, moment: timedelta) -> bool:
        """Whether there is no room for a word to the right of it."""
        return moment > self.whole * 0.95


def timeline(record: JobRecord, catalogue: Catalogue) -> Timeline:
    """Sorted by beginning; what is still going on ends when the job was read."""
    told = [passage for event in record.events for passage in _told(event, record.view, catalogue)]
    latest = max((passage.end for passage in told if passage.kind in _WORK), default=record.view.created_at)
    return Timeline(sorted([*told, *_end(record, latest)], key=lambda passage: (passage.begin, passage.end)))


def _told(event: LogEvent, view: JobView, catalogue: Catalogue) -> Iterator[Passage]:
    if event.event == "received":
        queued_until = view.started_at or view.finalized_at or view.read_at
        yield Passage("taken_in", gettext("Taking the photo in"), view.created_at, event.at)
        yield Passage("waiting", gettext("In the queue"), event.at, max(event.at, queued_until))
    elif event.event == "attempt":
        yield from attempted(event, catalogue)
    elif event.event in ("requeued", "handed_back"):
        yield Passage("given_back", gettext("Given back to the queue"), event.at, event.at)
    elif event.event == "answered":
        yield Passage("sent", gettext("Sending to the booth"), view.finalized_at or event.at, event.at)


def _end(record: JobRecord, latest: datetime) -> Iterator[Passage]:
    """What came after the last attempt, or after none; a fault that an attempt has told is not told again."""
    view = record.view
    if view.status is JobStatus.PROCESSING:
        yield Passage("running", gettext("Being processed"), latest, max(latest, view.read_at))
    if view.finalized_at and view.failure is None:
        yield Passage("storing", gettext("Storing"), min(latest, view.finalized_at), view.finalized_at)
    if view.finalized_at and view.failure:
        is_told = any(event.detail.get("fault") == view.failure.code for event in record.events)
        fault = "" if is_told else why_not(view)
        yield Passage("ended", gettext("Ended"), view.finalized_at, view.finalized_at, fault=fault)
