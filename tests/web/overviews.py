"""What the counters might tell the page of statistics, and an application that only knows languages and zones."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import Babel

from app.domain.periods import Period, TimeStep
from app.domain.statistics import DURATION_BOUNDS_MS, NO_DURATIONS, Counts, Durations, Figures, Outcome, Overview, Point
from app.web.pages.stats.question import Question

ZONE = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 20, 9, tzinfo=UTC)  # in Moscow
WINDOW_MS = 48_000

Endings = Mapping[tuple[Outcome, str], int]


def durations(**photos: int) -> Durations:
    """So many photos that took just less than so many milliseconds: `durations(ms5000=3)`."""
    counts = list(NO_DURATIONS)
    for name, number in photos.items():
        counts[DURATION_BOUNDS_MS.index(int(name.removeprefix("ms")))] = number
    return Durations(tuple(counts))


def hours(*counts: Counts, endings: Mapping[int, Endings] | None = None) -> list[Point]:
    """A course by the hour, from noon in Moscow; `endings` are by their place in it."""
    told = endings or {}
    return [
        Point((NOON + timedelta(hours=n)).astimezone(ZONE), found, told.get(n, {})) for n, found in enumerate(counts)
    ]


def overview(**told: Any) -> Overview:
    """Of a period in which nothing happened but what is `told`."""
    nothing: dict[str, Any] = {
        "period": Period(NOON - timedelta(days=1), NOON),
        "step": TimeStep.HOUR,
        "totals": Figures(),
        "previous": None,
        "course": [],
        "endings": [],
        "calls": [],
        "costs": [],
        "booths": [],
        "slots": [],
        "since": None,
        "read_at": NOON,
    }
    return Overview(**{**nothing, **told})


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """As if a reader of `language` asked."""
    app = Flask("app")
    Babel(app, locale_selector=lambda: language, timezone_selector=lambda: ZONE.key)
    app.add_url_rule("/jobs", "pages.jobs")
    with app.test_request_context():
        yield


USUAL = Question()
