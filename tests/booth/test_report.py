"""Counting and arithmetic of the simulator's report."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.booth.client import Answer
from app.booth.report import Tally, as_json, as_table, percentile
from app.booth.simulator import Outcome
from app.booth.troubles import NoAnswer, Trouble

HEADERS = (("content-type", "image/jpeg"), ("content-length", "9"), ("cache-control", "no-store"))


def image(last_byte_ms: float = 100.0, *, late: float = 0.0, headers: tuple[tuple[str, str], ...] = HEADERS) -> Outcome:
    return Outcome(1, late, Answer(200, headers, b"\xff\xd8\xff image", 0, 1, 2.0, 50.0, last_byte_ms, 1000), None)


def refusal(status: int, code: str, message: str) -> Outcome:
    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    return Outcome(1, 0.0, Answer(status, HEADERS, body, 0, 1, 2.0, 50.0, 60.0, 1000), None)


def no_answer(trouble: Trouble, message: str) -> Outcome:
    return Outcome(1, 0.0, None, NoAnswer(trouble, message))


def tally_of(*outcomes: Outcome, secret: str | None = None) -> Tally:
    tally = Tally(secret)
    for outcome in outcomes:
        tally.add(outcome)
    return tally


class TestPercentile:
    @pytest.mark.parametrize(("share", "expected"), [(50, 50), (95, 95), (99, 99), (100, 100), (1, 1), (0, 1)])
    def test_of_a_hundred_values_it_is_the_one_of_that_rank(self, share: float, expected: float) -> None:
        assert percentile(list(range(100, 0, -1)), share) == expected

    @pytest.mark.parametrize(("share", "expected"), [(50, 2), (75, 3), (76, 4), (95, 4)])
    def test_between_two_ranks_the_higher_counts(self, share: float, expected: float) -> None:
        assert percentile([4, 1, 3, 2], share) == expected

    def test_of_one_value_it_is_that_value(self) -> None:
        assert {percentile([7.5], share) for share in (50, 95, 99, 100)} == {7.5}

    @given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 100))
    def test_enough_values_lie_at_or_below_it(self, values: list[float], share: float) -> None:
        found = percentile(values, share)

        assert found in values
        assert sum(value <= found for value in values) >= len(values) * share / 100 - 1e-9


class TestJson:
    def test_everything_is_counted(self) -> None:
        chunked = (*HEADERS, ("transfer-encoding", "chunked"))
        timeout = refusal(504, "sync_timeout", "Too late.")
        assert timeout.answer
        tally = tally_of(
            image(100),
            image(200, late=1.5),
            image(300, late=0.5, headers=chunked),
            timeout,
            no_answer(Trouble.TIMEOUT, "no whole answer within 53 s"),
        )

        assert as_json(tally, seconds=30) == {
            "shots": 5,
            "images": 3,
            "seconds": 30,
            "shots_per_minute": 10.0,
            "late_shots": 1,
            "results": [
                {"status": 200, "code": "image", "count": 3, "message": None},
                {"status": 504, "code": "sync_timeout", "count": 1, "message": "Too late."},
                {"status": None, "code": "timeout", "count": 1, "message": "no whole answer within 53 s"},
            ],
            "milliseconds": {
                "continue": {"p50": 2.0, "p95": 2.0, "p99": 2.0, "max": 2.0},
                "first_byte": {"p50": 50.0, "p95": 50.0, "p99": 50.0, "max": 50.0},
                "last_byte": {"p50": 100.0, "p95": 300.0, "p99": 300.0, "max": 300.0},
            },
            "bytes": {"sent": 4000, "received": 27 + len(timeout.answer.body)},
            "violations": {"chunked": 1},
        }

    def test_a_run_without_answers_has_no_times(self) -> None:
        report = as_json(tally_of(no_answer(Trouble.CUT, "cut")), seconds=0)

        assert report["shots_per_minute"] is None
        assert report["milliseconds"]["last_byte"] == {"p50": None, "p95": None, "p99": None, "max": None}

    @pytest.mark.parametrize("status", [200, 502])
    def test_an_answer_that_is_neither_image_nor_error_is_named_so(self, status: int) -> None:
        answer = Answer(status, HEADERS, b"<html>", 0, 1, 2.0, 50.0, 60.0, 1000)

        (row,) = as_json(tally_of(Outcome(1, 0.0, answer, None)), seconds=1)["results"]

        assert (row["status"], row["code"]) == (status, "no_image")

    def test_an_error_that_calls_itself_an_image_does_not_count_as_one(self) -> None:
        assert as_json(tally_of(refusal(500, "image", "")), seconds=1)["images"] == 0

    def test_the_password_is_masked_in_the_servers_words(self) -> None:
        tally = tally_of(refusal(401, "invalid_s3cret", "s3cret is wrong"), secret="s3cret")

        text = json.dumps(as_json(tally, seconds=1)) + as_table(tally, seconds=1)

        assert "s3cret" not in text
        assert "*** is wrong" in text

    def test_a_server_cannot_write_to_the_terminal(self) -> None:
        tally = tally_of(refusal(500, "bad\x1b[2J", "two\r\nlines\x07 " + "long " * 100))

        (row,) = as_json(tally, seconds=1)["results"]

        assert (row["code"] + row["message"]).isprintable()
        assert len(row["message"]) == 120


class TestTable:
    def test_people_get_the_same_figures(self) -> None:
        tally = tally_of(
            *[image(ms) for ms in range(1, 99)],
            image(4000, late=2, headers=HEADERS[1:]),
            refusal(504, "sync_timeout", "Too late."),
        )

        assert as_table(tally, seconds=60).splitlines() == [
            "99 of 100 shots came back as images, in 60.0 s",
            "100.0 shots a minute",
            "",
            "      99  200 image",
            "       1  504 sync_timeout             Too late.",
            "",
            "  milliseconds        p50      p95      p99      max",
            "  100 Continue          2        2        2        2",
            "  first byte           50       50       50       50",
            "  last byte            50       94       98     4000",
            "  0.1 MB sent, 0.0 MB of answers received",
            "",
            "The booth program may not accept these answers:",
            "       1  wrong_content_type: Content-Type does not name the image that came",
            "",
            "Shots sent late because every booth was still waiting: 1. Play more --booths.",
        ]

    def test_without_answers_there_are_dashes(self) -> None:
        table = as_table(tally_of(no_answer(Trouble.CONNECTION_REFUSED, "nothing listens at h:1")), seconds=1)

        assert "       1  --- connection_refused       nothing listens at h:1" in table
        assert "  last byte             -        -        -        -" in table
