"""A slot's last photos as bars: what is drawn, and what it tells to who cannot see it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import Babel

from app.domain.activity import HEARTBEAT_LENGTH, Beat, SlotActivity
from app.domain.statistics import Outcome
from app.web.pages.heartbeat import Heartbeat, heartbeat

MOSCOW = ZoneInfo("Europe/Moscow")
EVENING = datetime(2026, 11, 20, 20, 59, 30, tzinfo=UTC)
"""Just before midnight in Moscow."""


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    app = Flask(__name__)
    Babel(app, locale_selector=lambda: "en")
    with app.test_request_context():
        yield


def beat(outcome: Outcome = Outcome.SUCCESS, *, seconds: float = 8, at: datetime = EVENING) -> Beat:
    return Beat(uuid4(), at, timedelta(seconds=seconds), outcome)


def drawn(*beats: Beat) -> Heartbeat:
    return heartbeat(SlotActivity(beats), MOSCOW, date(2026, 11, 20))


def test_the_newest_photo_stands_on_the_right_after_the_places_without_one() -> None:
    found = drawn(beat(), beat())
    assert (found.width, found.start) == (360, 360 - 2 * 6)
    assert found.paths == {Outcome.SUCCESS: "M351 28v-10M357 28v-10"}


def test_a_full_bar_has_no_empty_places() -> None:
    assert drawn(*(beat() for _ in range(HEARTBEAT_LENGTH))).start == 0


@pytest.mark.parametrize(("seconds", "height"), [(0.01, 4), (5, 8), (15, 14), (60, 28), (90, 28)])
def test_a_longer_photo_has_a_higher_bar_and_every_one_is_seen(seconds: float, height: int) -> None:
    assert drawn(beat(seconds=seconds)).paths == {Outcome.SUCCESS: f"M357 28v-{height}"}


def test_outcomes_differ_in_shape_and_not_in_colour_only() -> None:
    found = drawn(beat(Outcome.PROVIDER_ERROR), beat(Outcome.TIMEOUT), beat())
    assert [path for _, path, _ in found.links] == ["M345 0v18m0 5v5", "M351 0v28"]
    assert found.paths == {Outcome.SUCCESS: "M357 28v-10"}


def test_the_newest_failures_lead_to_their_jobs() -> None:
    beats = [beat(Outcome.TIMEOUT) for _ in range(8)] + [beat()]
    found = drawn(*beats)
    assert [job_id for _, _, job_id in found.links] == [b.job_id for b in beats[2:8]]
    assert {kind: path.count("M") for kind, path in found.paths.items()} == {Outcome.TIMEOUT: 2, Outcome.SUCCESS: 1}


def test_every_bar_says_when_and_how_long_or_why_not() -> None:
    long_ago = EVENING - timedelta(days=1)
    failed = map(beat, (Outcome.TIMEOUT, Outcome.PROVIDER_ERROR, Outcome.CANCELLED))
    assert drawn(beat(at=long_ago), *failed, beat()).said == "19 Nov 23:59 8;23:59 t;23:59 p;23:59 c;23:59 8"


def test_a_moment_of_another_day_has_its_date_even_seconds_after_midnight() -> None:
    seen_later = heartbeat(SlotActivity([beat()]), MOSCOW, date(2026, 11, 21))
    assert seen_later.said == "20 Nov 23:59 8"


@pytest.mark.parametrize(
    ("outcomes", "summary"),
    [
        pytest.param([Outcome.SUCCESS], "The last photos (1): 1 good", id="one"),
        pytest.param([Outcome.SUCCESS] * 3, "The last photos (3): 3 good", id="all good"),
        pytest.param(
            [Outcome.SUCCESS] * 2 + [Outcome.TIMEOUT] * 2 + [Outcome.PROVIDER_ERROR, Outcome.CANCELLED],
            "The last photos (6): 2 good, 2 not in time, 1 with an error, 1 cancelled",
            id="some of each",
        ),
    ],
)
def test_its_summary_is_for_who_does_not_see_it(outcomes: list[Outcome], summary: str) -> None:
    assert drawn(*map(beat, outcomes)).summary == summary
