"""The table of faults at Turbotext: what each is taken for, what it cost, and that no job is created twice."""

import time
from collections.abc import Iterator

import pytest

from app.adapters.providers.turbotext.line import RESULT_BYTES_MAX
from app.domain.errors import FaultKind
from tests.providers.drivers import verdict
from tests.providers.turbotext_studio import Studio, opened_studio
from tests.support.fakes import server
from tests.support.fakes.rows import bad_pictures, billed, picture, says
from tests.support.fakes.server import Behaviour
from tests.support.fakes.turbotext import KEY, FakeTurbotext, changed, is_create, is_download, is_poll, refusal
from tests.twins.memory_ticket import MemoryTicket

AGAIN, NEVER = False, True


@pytest.fixture
def studio() -> Iterator[Studio]:
    with opened_studio() as opened:
        yield opened


@pytest.fixture
def turbotext(studio: Studio) -> FakeTurbotext:
    return studio.turbotext


REFUSED = [
    ("rate_limited", FaultKind.RATE_LIMITED, AGAIN),
    ("rate_limited_delay", FaultKind.RATE_LIMITED, AGAIN),
    ("quota_day", FaultKind.ACCOUNT_EMPTY, NEVER),
    ("overloaded_503", FaultKind.OVERLOADED, AGAIN),
    ("key_401", FaultKind.KEY_REFUSED, NEVER),
    ("forbidden_403", FaultKind.KEY_REFUSED, NEVER),
    ("gone_404", FaultKind.MODEL_GONE, NEVER),
    ("region", FaultKind.REGION_REFUSED, NEVER),
    ("bad_argument", FaultKind.BAD_ARGUMENT, NEVER),
]


@pytest.mark.parametrize(("row", "kind", "is_permanent"), REFUSED)
def test_where_nothing_was_created_nothing_was_paid_and_the_job_may_be_ordered_later(
    studio: Studio, turbotext: FakeTurbotext, row: str, kind: FaultKind, is_permanent: bool
) -> None:
    ticket = MemoryTicket()
    befall(turbotext, row)
    fault = studio.fault(ticket=ticket)
    assert verdict(fault) == (kind, is_permanent)
    assert fault.retry_after == (1 if row == "rate_limited_delay" else None)
    assert not fault.may_have_cost
    assert turbotext.created == 0
    assert studio.run(ticket=ticket).image == picture()
    assert turbotext.created == 1


def befall(turbotext: FakeTurbotext, row: str) -> None:
    """The next call that the row is about fares as it says."""
    found = turbotext.misbehaviour(row)
    assert found is not None
    behaviour, condition = found
    turbotext.misbehave(behaviour, on=condition)


UNKNOWN = [
    ("hang", FaultKind.HANG),
    ("reset", FaultKind.CONNECTION_LOST),
    ("overloaded_500", FaultKind.OVERLOADED),
    ("overloaded_502", FaultKind.OVERLOADED),
    ("overloaded_504", FaultKind.OVERLOADED),
    ("no_reference", FaultKind.NO_REFERENCE),
]


@pytest.mark.parametrize(("row", "kind"), UNKNOWN)
def test_where_a_job_may_have_been_created_no_second_one_is(
    studio: Studio, turbotext: FakeTurbotext, row: str, kind: FaultKind
) -> None:
    ticket = MemoryTicket()
    befall(turbotext, row)
    fault = studio.fault(ticket=ticket, seconds=1.5)
    assert verdict(fault) == (kind, NEVER)
    assert fault.may_have_cost
    studio.fault(ticket=ticket)
    assert turbotext.created == 1


@pytest.mark.parametrize("status", [500, 502, 520])
def test_a_busy_turbotext_has_taken_no_order_whatever_the_status(
    studio: Studio, turbotext: FakeTurbotext, status: int
) -> None:
    turbotext.misbehave(says(refusal("Provider busy", status)), on=is_create)
    fault = studio.fault()
    assert verdict(fault) == (FaultKind.OVERLOADED, AGAIN)
    assert not fault.may_have_cost


GARBLED = {
    "a page": server.html(),
    "broken JSON": server.body(b'{"success": true, "queueid": 70', "application/json"),
    "no object": server.body(b"[700001]", "application/json"),
    "nested without end": server.body(b"[" * 100_000, "application/json"),
    "cut short": server.cut_short(),
}


@pytest.mark.parametrize("behaviour", GARBLED.values(), ids=GARBLED.keys())
def test_an_unreadable_answer_to_an_order_may_be_a_job(
    studio: Studio, turbotext: FakeTurbotext, behaviour: Behaviour
) -> None:
    turbotext.misbehave(billed(behaviour), on=is_create)
    fault = studio.fault()
    assert verdict(fault) == (FaultKind.INVALID_OUTPUT, NEVER)
    assert fault.may_have_cost
    assert len(turbotext.calls) == 1


@pytest.mark.parametrize("queue_id", ["", None, True, [7], {"id": 7}, "7 7", "7\n", "7" * 101])
def test_what_is_no_queue_id_is_a_missing_one(studio: Studio, turbotext: FakeTurbotext, queue_id: object) -> None:
    turbotext.misbehave(changed(lambda document: document.update(queueid=queue_id)), on=is_create)
    fault = studio.fault()
    assert verdict(fault) == (FaultKind.NO_REFERENCE, NEVER)
    assert fault.may_have_cost


WORDS = [
    ("LIMIT", FaultKind.ACCOUNT_EMPTY, NEVER, "used up"),
    ("provider_busy", FaultKind.OVERLOADED, AGAIN, "busy"),
    ("face_not_detected", FaultKind.NO_IMAGE, NEVER, "look into the camera"),
    ("Face not found", FaultKind.NO_IMAGE, NEVER, "look into the camera"),
    ("size_error", FaultKind.BAD_ARGUMENT, NEVER, "size"),
    ("url_error", FaultKind.BAD_ARGUMENT, NEVER, "PUBLIC_BASE_URL"),
    ("params_error", FaultKind.BAD_ARGUMENT, NEVER, "setting"),
    ("Bad API key", FaultKind.KEY_REFUSED, NEVER, "key"),
    ("нечто неслыханное", FaultKind.BAD_ARGUMENT, NEVER, "нечто неслыханное"),
    ("", FaultKind.BAD_ARGUMENT, NEVER, "no reason"),
]


@pytest.mark.parametrize(("word", "kind", "is_permanent", "told"), WORDS)
def test_a_refusal_is_known_by_its_word(
    studio: Studio, turbotext: FakeTurbotext, word: str, kind: FaultKind, is_permanent: bool, told: str
) -> None:
    turbotext.misbehave(says(refusal(word)), on=is_create)
    fault = studio.fault()
    assert verdict(fault) == (kind, is_permanent)
    assert told in fault.message
    assert fault.status == 200
    assert not fault.may_have_cost


def test_a_face_that_is_found_missing_later_was_paid_for(studio: Studio, turbotext: FakeTurbotext) -> None:
    turbotext.misbehave(says(refusal("face_not_detected")), on=is_poll)
    fault = studio.fault("identity_transfer")
    assert verdict(fault) == (FaultKind.NO_IMAGE, NEVER)
    assert fault.may_have_cost


def test_the_word_of_a_refusal_is_told_without_the_key_and_in_one_short_line(
    studio: Studio, turbotext: FakeTurbotext
) -> None:
    turbotext.misbehave(says(refusal(f"odd\r\n\x1b[31m {KEY} " + "much " * 200)), on=is_create)
    message = studio.fault().message
    assert KEY not in message
    assert message.isprintable()
    assert len(message) < 300


def test_a_link_that_turbotext_cannot_fetch_is_told_as_such(studio: Studio, turbotext: FakeTurbotext) -> None:
    studio.folder.always(server.status(502))
    fault = studio.fault()
    assert verdict(fault) == (FaultKind.BAD_ARGUMENT, NEVER)
    assert "PUBLIC_BASE_URL" in fault.message


FINISHED_BADLY = [
    ("no_image", FaultKind.NO_IMAGE),
    ("text_only", FaultKind.NO_IMAGE),
    ("empty_content", FaultKind.NO_IMAGE),
    ("blocked", FaultKind.CONTENT_BLOCKED),
    ("internal_result", FaultKind.FORBIDDEN_ADDRESS),
    ("redirect", FaultKind.FORBIDDEN_ADDRESS),
    ("too_many_bytes", FaultKind.TOO_LARGE),
]


@pytest.mark.parametrize(("row", "kind"), FINISHED_BADLY)
def test_a_job_that_ends_badly_is_paid_for_and_over(
    studio: Studio, turbotext: FakeTurbotext, row: str, kind: FaultKind
) -> None:
    befall(turbotext, row)
    fault = studio.fault()
    assert verdict(fault) == (kind, NEVER)
    assert fault.may_have_cost
    assert fault.request_id == "700001"
    assert turbotext.created == 1


@pytest.mark.parametrize("truth", ["True", "true", 1])
def test_forbidden_content_may_be_said_in_words(studio: Studio, turbotext: FakeTurbotext, truth: object) -> None:
    change = changed(lambda document: document["data"].update(forbidden_content=truth))
    turbotext.always(change, on=is_poll)
    assert verdict(studio.fault()) == (FaultKind.CONTENT_BLOCKED, NEVER)


@pytest.mark.parametrize(
    "place", ["https://elsewhere.example/1.png", "//elsewhere.example/1.png", "http://[1/2.png", "file:///etc/hosts"]
)
def test_a_result_is_fetched_from_turbotext_only(studio: Studio, turbotext: FakeTurbotext, place: str) -> None:
    turbotext.always(changed(lambda document: document.update(uploaded_image=place)), on=is_poll)
    assert verdict(studio.fault()) == (FaultKind.FORBIDDEN_ADDRESS, NEVER)


def test_a_download_that_drips_ends_with_the_attempt(studio: Studio, turbotext: FakeTurbotext) -> None:
    befall(turbotext, "drip")
    began = time.monotonic()
    fault = studio.fault(seconds=2)
    assert fault.kind is FaultKind.HANG
    assert time.monotonic() - began < 2.5


def test_a_download_that_does_not_say_its_size_is_stopped(studio: Studio, turbotext: FakeTurbotext) -> None:
    turbotext.misbehave(server.huge(RESULT_BYTES_MAX + 1, declared=False), on=is_download)
    assert verdict(studio.fault()) == (FaultKind.TOO_LARGE, NEVER)


@pytest.mark.parametrize("row", ["corrupt_image", "wrong_mime", "too_many_pixels"])
def test_what_is_fetched_is_handed_on_unopened(studio: Studio, turbotext: FakeTurbotext, row: str) -> None:
    """The chain opens every picture, whoever made it."""
    befall(turbotext, row)
    assert studio.run().image == bad_pictures()[row]


@pytest.mark.parametrize("row", ["slow", "cut_json", "html"])
def test_what_passes_is_survived(studio: Studio, turbotext: FakeTurbotext, row: str) -> None:
    befall(turbotext, row)
    assert studio.run().image == picture()
    assert turbotext.created == 1


def test_a_result_that_is_gone_and_a_job_that_is_never_ready_have_their_rows(turbotext: FakeTurbotext) -> None:
    assert turbotext.misbehaviour("result_gone")
    assert turbotext.misbehaviour("reconnect")
    assert turbotext.misbehaviour("cut_base64") is None
