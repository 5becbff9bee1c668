"""What the clocks of a place say, and when."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.domain.zones import moment_at

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_clock_reads_a_moment() -> None:
    moment = moment_at(at("2026-11-20T18:00"), ZoneInfo("Europe/Moscow"))
    assert moment == at("2026-11-20T15:00+00:00")
    assert moment.tzinfo is UTC


@pytest.mark.parametrize("text", ["2026-03-29T02:00", "2026-03-29T02:30", "2026-03-29T02:59:59"])
def test_over_an_hour_that_is_left_out_there_is_none(text: str) -> None:
    assert moment_at(at(text), BERLIN) is None
    assert moment_at(at(text), BERLIN, later=True) is None


def test_around_it_there_is() -> None:
    assert moment_at(at("2026-03-29T01:59"), BERLIN) == at("2026-03-29T00:59+00:00")
    assert moment_at(at("2026-03-29T03:00"), BERLIN) == at("2026-03-29T01:00+00:00")


def test_an_hour_that_comes_twice_is_the_first_or_the_later_one() -> None:
    night = at("2026-10-25T02:30")
    assert moment_at(night, BERLIN) == at("2026-10-25T00:30+00:00")
    assert moment_at(night, BERLIN, later=True) == at("2026-10-25T01:30+00:00")


def test_elsewhere_later_makes_no_difference() -> None:
    evening = at("2026-10-25T18:00")
    assert moment_at(evening, BERLIN, later=True) == moment_at(evening, BERLIN)


def test_a_zone_may_be_off_by_half_an_hour() -> None:
    assert moment_at(at("2026-11-20T18:00"), ZoneInfo("Asia/Kolkata")) == at("2026-11-20T12:30+00:00")
