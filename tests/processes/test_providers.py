"""Photos through AI providers, by real processes: whatever happens on the way, the booth gets the best that is left."""

import io
import signal
import threading
import time
from collections.abc import Iterator
from typing import Protocol

import pytest
import requests
from PIL import Image, ImageChops, ImageOps, ImageStat

from app.adapters.embedded_postgres import EmbeddedPostgres
from app.booth.client import send
from app.booth.wire import CAPTURED_PARTS, Shot, build_request
from tests.pictures import jpeg
from tests.processes.conftest import Install
from tests.support.administrator import Administrator
from tests.support.booths import photo, shoot, shoot_in_background
from tests.support.fakes import gemini as geminis
from tests.support.fakes import server
from tests.support.fakes import turbotext as turbotexts
from tests.support.fakes.gemini import FakeGemini
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import Answer
from tests.support.fakes.turbotext import FakeTurbotext
from tests.support.fakes.wire import Wire
from tests.support.installation import Installation
from tests.support.tcp_proxy import tcp_proxy
from tests.waiting import until

pytestmark = pytest.mark.processes

SLOT = "slot-001"
PRICE_USD = 0.039  # of a picture of Gemini's
RECONNECT = Reply.json(turbotexts.RECONNECT)


class Open(Protocol):
    def __call__(self, *url: str, seconds: float, **environment: str) -> tuple[Installation, Administrator]:
        """A running installation with one worker and a window of `seconds`, and its administrator."""


@pytest.fixture
def gemini() -> Iterator[FakeGemini]:
    with FakeGemini() as fake:
        yield fake


@pytest.fixture
def turbotext() -> Iterator[FakeTurbotext]:
    with FakeTurbotext() as fake:
        yield fake


@pytest.fixture
def opened(install: Install, gemini: FakeGemini, turbotext: FakeTurbotext) -> Open:
    def opened(*url: str, seconds: float, **environment: str) -> tuple[Installation, Administrator]:
        providers = {
            "GEMINI_BASE_URL": gemini.url,
            "GEMINI_API_KEY": geminis.KEY,
            "TURBOTEXT_BASE_URL": turbotext.url,
            "TURBOTEXT_API_KEY": turbotexts.KEY,
        }
        house = install(*url, SYNC_RESPONSE_SECONDS=str(seconds), **{**providers, **environment})
        house.environment["PUBLIC_BASE_URL"] = house.url
        house.start_web()
        house.start_worker()
        return house, Administrator(house)

    return opened


def decoded(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def difference(data: bytes, expected: Image.Image) -> float:
    """The mean difference of two pictures of the same size, in steps of 256."""
    return float(ImageStat.Stat(ImageChops.difference(decoded(data), expected).convert("L")).mean[0])


def orders(fake: FakeGemini) -> int:
    return sum(geminis.makes_a_picture(call) for call in fake.calls)


def test_a_shot_of_the_booth_program_comes_back_as_gemini_made_it(
    opened: Open, gemini: FakeGemini, empty_database_url: str
) -> None:
    house, administrator = opened(empty_database_url, seconds=30, INGEST_PASSWORD="123456")
    administrator.set_up(SLOT, "gemini", prompt="Mirror it for {qr1}, not for {user_id}")
    url, shot = f"{house.url}/ingest/{SLOT}", jpeg(1024, 680)
    answer = send(url, build_request(url, [*CAPTURED_PARTS, ("{qr1}", "Аня")], Shot("IMG_0003.JPG", shot)))
    assert answer.status == 200, answer.body
    assert difference(answer.body, ImageOps.mirror(decoded(shot))) < 4

    [call] = gemini.calls
    assert call.json()["contents"][0]["parts"][-1] == {"text": "Mirror it for Аня, not for "}
    [job] = house.ledger.jobs()
    [attempt] = administrator.attempts(str(job.id))
    assert (attempt["request_id"], attempt["http_status"]) == ("fake-response-1", 200)
    assert float(job.cost_usd) == pytest.approx(PRICE_USD, rel=0.01)
    house.ledger.assert_sound()


def test_turbotext_fetches_the_shot_from_us_for_as_long_as_the_booth_waits(
    opened: Open, turbotext: FakeTurbotext
) -> None:
    house, administrator = opened(seconds=5)
    administrator.set_up(SLOT, "turbotext", prompt="пираты")
    shot = photo(640, 480)
    answer = shoot(house, data=shot)
    assert answer.status_code == 200, answer.text
    assert difference(answer.content, decoded(turbotext.picture)) < 4
    [order] = turbotext.jobs.values()
    assert order.pictures == {"url": shot}
    address = order.parameters["url"]
    assert address.startswith(f"{house.url}/public/media/")
    until(lambda: requests.get(address, timeout=10).status_code == 410, what="the shot is public no more")
    assert turbotext.created == 1


def test_a_killed_workers_order_is_fetched_by_another_and_never_made_twice(
    opened: Open, turbotext: FakeTurbotext
) -> None:
    house, administrator = opened(seconds=30)
    administrator.set_up(SLOT, "turbotext", prompt="пираты")
    ready = threading.Event()
    turbotext.always(lambda call, answer, wire: answer(call) if ready.is_set() else RECONNECT, turbotexts.is_poll)
    booth = shoot_in_background(house)
    until(lambda: turbotext.polled, what="the worker asks for its order")
    house.processes[-1].kill()
    house.start_worker()
    ready.set()
    answer = booth.result(timeout=25)
    assert answer.status_code == 200, answer.text
    assert turbotext.created == 1
    [job] = house.ledger.jobs()
    assert (job.attempt, float(job.cost_usd)) == (2, 0.05), "what the dead worker ordered was paid for"
    house.ledger.assert_sound()


def test_a_provider_that_hangs_costs_a_photo_only_where_there_is_nothing_else(opened: Open, gemini: FakeGemini) -> None:
    house, administrator = opened(seconds=3)
    administrator.set_up(SLOT, "gemini", prompt="pirates")
    administrator.set_up("slot-002", "gemini", "local", prompt="pirates")
    gemini.always(server.hang())
    began = time.monotonic()
    booths = [shoot_in_background(house, slot) for slot in (SLOT, "slot-002")]
    lost, saved = (booth.result() for booth in booths)
    assert time.monotonic() - began == pytest.approx(3, abs=0.5)
    assert (lost.status_code, lost.json()["error"]["code"]) == (504, "sync_timeout")
    assert saved.status_code == 200
    asked = administrator.attempts(saved.headers["X-Job-Id"])
    assert [(attempt["provider"], attempt["fault"]) for attempt in asked] == [("gemini", "hang"), ("local", None)]
    house.ledger.assert_sound()


def test_an_answer_after_the_504_is_dropped_and_its_cost_is_not(opened: Open, gemini: FakeGemini) -> None:
    """The worker is frozen while Gemini draws, and thawed when the booth has gone."""
    house, administrator = opened(seconds=3)
    administrator.set_up(SLOT, "gemini", prompt="pirates")
    booth = shoot_in_background(house)
    until(lambda: gemini.calls, what="Gemini is asked")
    worker = house.processes[-1]
    worker.send(signal.SIGSTOP)
    answer = booth.result()
    assert answer.status_code == 504
    worker.send(signal.SIGCONT)
    job_id = answer.headers["X-Job-Id"]
    [attempt] = until(lambda: administrator.attempts(job_id), what="the late call is written down")
    assert float(attempt["cost_usd"]) == pytest.approx(PRICE_USD, rel=0.01)
    job = administrator.job(job_id)
    assert (job["failure_reason"], job["result"]) == ("timeout", None)
    assert job["cost_usd"] == pytest.approx(PRICE_USD, rel=0.01)
    assert orders(gemini) == 1
    house.ledger.assert_sound()


def test_a_new_key_counts_from_the_next_photo_on(opened: Open, gemini: FakeGemini) -> None:
    house, administrator = opened(seconds=20, GEMINI_API_KEY="AIzaSy-of-another-studio")
    administrator.set_up(SLOT, "gemini", prompt="pirates")
    refused = shoot(house)
    assert (refused.status_code, refused.json()["error"]["code"]) == (502, "provider_error")
    assert "Gemini" in administrator.alerts()
    house.secrets.append(geminis.KEY)
    administrator.give_key("gemini", geminis.KEY)
    assert "Gemini" not in administrator.alerts()
    assert shoot(house).status_code == 200
    sent = [call.headers["x-goog-api-key"] for call in gemini.calls]
    assert sent == ["AIzaSy-of-another-studio", geminis.KEY]


def test_a_database_that_restarts_during_the_call_costs_no_second_one(
    opened: Open, gemini: FakeGemini, postgres_server: EmbeddedPostgres
) -> None:
    house, administrator = opened(postgres_server.url, seconds=30)
    administrator.set_up(SLOT, "gemini", prompt="pirates")
    gemini.misbehave(server.slow(2), on=geminis.makes_a_picture)
    booth = shoot_in_background(house)
    until(lambda: gemini.calls, what="Gemini is asked")
    postgres_server.stop("immediate")
    postgres_server.ensure_running()
    answer = booth.result(timeout=40)
    assert answer.status_code == 200, answer.text
    assert orders(gemini) == 1
    house.ledger.assert_sound()


def test_a_database_that_turns_slow_when_the_picture_is_there_does_not_lose_it(
    opened: Open, gemini: FakeGemini, database_url: str
) -> None:
    """It is 1.4 s from a question to its answer then: enough for the picture's row, not for the books before it."""
    house, administrator = opened(seconds=5)
    administrator.set_up(SLOT, "gemini", prompt="pirates")
    house.processes[-1].kill()
    with tcp_proxy(database_url) as proxy:
        house.environment["DATABASE_URL"] = proxy.url
        house.start_worker()
        house.environment["DATABASE_URL"] = database_url
        drawing = server.slow(2.2)

        def draw(call: Call, answer: Answer, wire: Wire) -> Reply | None:
            reply = drawing(call, answer, wire)
            proxy.delay_seconds = 0.35  # each way, and each use of a connection asks first whether it lives
            return reply

        gemini.misbehave(draw, on=geminis.makes_a_picture)
        assert shoot(house).status_code == 200
    house.ledger.assert_sound()
