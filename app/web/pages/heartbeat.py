"""A slot's last photos as a bar each, drawn here: the longer a photo took, the higher its bar.

Fifteen slots with sixty bars are 900 on one page, so they are light: bars that look the same are one path of SVG, what
they say when they are pointed at is one attribute (static/heartbeat.js), and moments are written without Babel, which
would take longer than all the rest of the page.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from uuid import UUID

from flask_babel import get_locale, gettext

from app.domain.activity import HEARTBEAT_LENGTH, Beat, SlotActivity
from app.domain.statistics import Outcome

_STEP = 6
_HEIGHT = 28
_FULL = timedelta(seconds=60)  # the longest window there is
_LEAST = 4
_LINKED = 6
"""Of the newest failures, how many lead to their jobs: a link is as long as ten bars."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """`paths` draw the bars of each outcome, `links` the failures that lead to their jobs.

    `start` is where the first bar stands. `said` is what each bar tells: a moment, and the seconds that a good photo
    took or the first letter of another outcome (templates/_slots.html has the words).
    """

    start: int
    paths: Mapping[Outcome, str]
    links: Sequence[tuple[Outcome, str, UUID]]
    said: str
    summary: str
    width: int = _STEP * HEARTBEAT_LENGTH
    height: int = _HEIGHT


def heartbeat(activity: SlotActivity, zone: tzinfo, today: date) -> Heartbeat:
    """`today` is the day in `zone`: its moments need no date."""
    start = _STEP * (HEARTBEAT_LENGTH - len(activity.beats))
    drawn = [(beat, _path(start + _STEP * n + _STEP // 2, beat)) for n, beat in enumerate(activity.beats)]
    failed = [beat.job_id for beat in activity.beats if beat.outcome is not Outcome.SUCCESS]
    linked = set(failed[-_LINKED:])
    paths: dict[Outcome, str] = defaultdict(str)
    for beat, path in drawn:
        if beat.job_id not in linked:
            paths[beat.outcome] += path
    return Heartbeat(
        start=start,
        paths=paths,
        links=[(beat.outcome, path, beat.job_id) for beat, path in drawn if beat.job_id in linked],
        said=";".join(f"{_moment(beat.finalized_at.astimezone(zone), today)} {_took(beat)}" for beat, _ in drawn),
        summary=_summary(activity),
    )


def _path(x: int, beat: Beat) -> str:
    """Who sees no colours knows an error by its exclamation mark, a timeout by its dashes over the whole height."""
    if beat.outcome is Outcome.PROVIDER_ERROR:
        return f"M{x} 0v18m0 5v5"
    if beat.outcome is Outcome.TIMEOUT:
        return f"M{x} 0v{_HEIGHT}"
    return f"M{x} {_HEIGHT}v-{_height(beat.took)}"


def _height(took: timedelta) -> int:
    """Growing with the root of the time, so that quick photos differ too."""
    return max(_LEAST, min(_HEIGHT, round(_HEIGHT * math.sqrt(took / _FULL))))


def _moment(when: datetime, today: date) -> str:
    if when.date() == today:
        return f"{when:%H:%M}"
    return f"{when.day} {get_locale().months['format']['abbreviated'][when.month]} {when:%H:%M}"


def _took(beat: Beat) -> str:
    if beat.outcome is not Outcome.SUCCESS:
        return beat.outcome[0]
    return str(max(1, round(beat.took.total_seconds())))


def _summary(activity: SlotActivity) -> str:
    """The bars for who does not see them."""
    parts = ", ".join(_parts(activity))
    return str(gettext("The last photos (%(n)s): %(parts)s", n=len(activity.beats), parts=parts))


def _parts(activity: SlotActivity) -> Iterator[str]:
    n = activity.outcomes
    if good := n[Outcome.SUCCESS]:
        yield gettext("%(n)s good", n=good)
    if late := n[Outcome.TIMEOUT]:
        yield gettext("%(n)s not in time", n=late)
    if bad := n[Outcome.PROVIDER_ERROR]:
        yield gettext("%(n)s with an error", n=bad)
    if stopped := n[Outcome.CANCELLED]:
        yield gettext("%(n)s cancelled", n=stopped)
