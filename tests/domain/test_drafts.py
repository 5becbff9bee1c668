"""What a post may be like before anything of it is stored."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from app.domain.vk.drafts import AHEAD_MAX, PhotoRef, Source, draft_of, draft_problems
from app.domain.vk.posts import TEXT_MAX

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
JOB = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")
PHOTOS = [f"own:{n}" for n in range(11)]


def code(**wanted: Any) -> dict[str, str]:
    return {name: problem["code"] for name, problem in draft_problems(wanted, NOW).items()}


@pytest.mark.parametrize("text", [f"result:{JOB}", f"upload:{JOB}", "album:300000001_456239017", "album:-7_5", "own:9"])
def test_a_photo_is_referred_to_by_where_it_comes_from(text: str) -> None:
    ref = PhotoRef.parse(text)
    assert ref
    assert str(ref) == text


@pytest.mark.parametrize("text", ["", "result:", "result:7", "album:7", "own:x", "own:100", f"photo:{JOB}", "own:1 "])
def test_what_is_no_reference_is_none(text: str) -> None:
    assert PhotoRef.parse(text) is None


def test_a_result_is_referred_to_by_its_job() -> None:
    assert PhotoRef.of_result(JOB) == PhotoRef(Source.RESULT, str(JOB))


def test_words_or_a_photo_are_enough() -> None:
    assert code(text="Свадьба") == code(photos=["own:0"]) == {}
    assert code(text=" \n ") == code() == {"text": "empty_post"}


@pytest.mark.parametrize(
    ("text", "problem"), [("я" * (TEXT_MAX + 1), "too_long"), ("a\x00b", "not_a_text"), (7, "not_a_text")]
)
def test_a_text_that_vk_would_not_take(text: Any, problem: str) -> None:
    assert code(text=text) == {"text": problem}


@pytest.mark.parametrize(
    ("photos", "problem"),
    [
        (PHOTOS, "too_many_photos"),
        (["own:1", "own:1"], "photo_twice"),
        (["own:1", 7], "not_a_photo"),
        ("own:1", "not_a_photo"),
    ],
)
def test_photos_that_a_post_cannot_have(photos: Any, problem: str) -> None:
    assert code(photos=photos) == {"photos": problem}


@pytest.mark.parametrize(
    ("date", "problem"),
    [
        ("tomorrow", "not_a_time"),
        (NOW.replace(tzinfo=None), "not_a_time"),
        (NOW - timedelta(minutes=3), "in_the_past"),
        (NOW + AHEAD_MAX + timedelta(minutes=1), "too_far"),
    ],
)
def test_times_that_nothing_can_be_planned_for(date: Any, problem: str) -> None:
    assert code(text="a", publication_date=date) == {"publication_date": problem}


def test_a_minute_that_has_just_passed_means_now() -> None:
    assert code(text="a", publication_date=NOW - timedelta(minutes=1)) == {}


def test_what_nobody_knows_is_refused_by_its_name() -> None:
    assert code(text="a", colour="red") == {"colour": "unknown_field"}


def test_a_draft_is_in_utc_with_plain_line_breaks() -> None:
    date = datetime(2026, 11, 20, 18, tzinfo=timezone(timedelta(hours=3)))
    draft = draft_of({"text": " a\r\nb ", "photos": ["own:2", "own:0"], "publication_date": date})
    assert (draft.text, draft.publication_date) == ("a\nb", date)
    assert draft.publication_date
    assert draft.publication_date.tzinfo is UTC
    assert [ref.id for ref in draft.photos] == ["2", "0"]


def test_no_date_is_now() -> None:
    assert draft_of({"text": "a"}).publication_date is None
