"""What a booth gets once its shot is taken: the picture, or the documented reason why there is none."""

import shutil
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.domain.job import Failure, FailureReason
from app.wiring import Wiring
from tests.factories import new_job
from tests.support.ledger import Ledger
from tests.web.booth import PHOTO, code, details, shoot
from tests.web.playing_the_worker import fail, in_background, succeed

pytestmark = pytest.mark.usefixtures("polling")

SHORT = {"SYNC_RESPONSE_SECONDS": "0.5"}
PICTURE = b"\xff\xd8 a finished picture \xff\xd9"


@pytest.fixture
def environment() -> dict[str, str]:
    return {"SYNC_RESPONSE_SECONDS": "20"}


@pytest.mark.parametrize("path", ["/ingest", "/api/ingest"])
def test_the_answer_is_the_picture_and_nothing_else(client: FlaskClient, wiring: Wiring, path: str) -> None:
    won = in_background(wiring, succeed(wiring, PICTURE))
    answer = shoot(client, path=path)
    assert won.result()
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PICTURE, "image/jpeg")
    assert answer.headers["Content-Length"] == str(len(PICTURE))
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert client.get(f"/public/results/{answer.headers['X-Job-Id']}").data == PICTURE


def test_the_inline_copy_is_cleared_once_it_was_sent(client: FlaskClient, wiring: Wiring, ledger: Ledger) -> None:
    in_background(wiring, succeed(wiring, b"inline", inline="aW5saW5l"))
    assert shoot(client).data == b"inline"
    assert ledger.jobs()[0].result_inline_base64 is None


@pytest.mark.parametrize("environment", [SHORT])
def test_without_a_worker_the_booth_hears_so_when_its_window_ends(client: FlaskClient, ledger: Ledger) -> None:
    shoot(client, password="wrong")  # the slow hash, which would be counted below
    began = time.monotonic()
    answer = shoot(client)
    assert 0.4 < time.monotonic() - began < 2
    [job] = ledger.jobs()
    assert (answer.status_code, code(answer)) == (504, "sync_timeout")
    assert answer.headers["X-Job-Id"] == str(job.id)
    assert details(answer) == {"job_id": str(job.id), "expires_at": job.expires_at.isoformat()}
    assert (job.status, job.failure_reason) == ("finalized", "timeout")


def test_a_fault_of_the_provider(client: FlaskClient, wiring: Wiring) -> None:
    attempts = [{"provider": "local", "fault": "invalid_output", "duration_ms": 12}]
    ended = in_background(wiring, fail(wiring, code="provider_error", fault="invalid_output", attempts=attempts))
    answer = shoot(client)
    assert ended.result()
    assert (answer.status_code, code(answer)) == (502, "provider_error")
    assert details(answer)["attempts"] == attempts
    assert details(answer)["job_id"] == answer.headers["X-Job-Id"]


def test_a_provider_that_is_not_set_up(client: FlaskClient, wiring: Wiring) -> None:
    in_background(wiring, fail(wiring, code="provider_unavailable", fault="not_configured"))
    answer = shoot(client)
    assert (answer.status_code, code(answer)) == (503, "provider_unavailable")
    assert answer.headers["X-Job-Id"]


def test_a_job_that_an_administrator_cancels(client: FlaskClient, wiring: Wiring) -> None:
    in_background(wiring, lambda job: wiring.stores.queue.cancel(job.id))
    answer = shoot(client)
    assert (answer.status_code, code(answer)) == (502, "provider_error")
    assert details(answer)["failure_reason"] == "cancelled"


def test_a_server_that_is_stopping(client: FlaskClient, wiring: Wiring) -> None:
    wiring.waiting.interrupt()
    answer = shoot(client)
    assert (answer.status_code, code(answer)) == (503, "shutting_down")
    assert (answer.headers["Retry-After"], bool(answer.headers["X-Job-Id"])) == ("5", True)


def test_a_picture_that_vanished_before_it_was_sent(client: FlaskClient, wiring: Wiring) -> None:
    end = succeed(wiring, PICTURE)
    in_background(wiring, lambda job: (end(job), wiring.media.delete([f"results/{job.id}.jpg"])))
    answer = shoot(client)
    assert (answer.status_code, code(answer)) == (503, "queue_unavailable")
    assert details(answer)["job_id"] == answer.headers["X-Job-Id"]


@pytest.mark.parametrize("environment", [{**SHORT, "QUEUE_MAX_ACTIVE_JOBS": "1"}])
def test_a_full_queue(client: FlaskClient, wiring: Wiring) -> None:
    waiting = new_job(slot_id="slot-009")
    wiring.stores.queue.enqueue(waiting)
    answer = shoot(client)
    assert (answer.status_code, code(answer)) == (429, "queue_busy")
    assert details(answer) == {"active": 1, "max_active": 1}
    assert int(answer.headers["Retry-After"]) >= 1
    assert list(wiring.media.list("payloads")) == []
    wiring.stores.queue.end_waiting(waiting.id, Failure(FailureReason.TIMEOUT))
    assert code(shoot(client)) == "sync_timeout"


@pytest.mark.parametrize("environment", [{**SHORT, "SLOT_MAX_ACTIVE_JOBS": "1"}])
def test_a_full_slot(client: FlaskClient, wiring: Wiring) -> None:
    wiring.stores.queue.enqueue(new_job(slot_id="slot-001"))
    answer = shoot(client)
    assert (answer.status_code, code(answer)) == (429, "slot_busy")
    assert answer.headers["Retry-After"]
    assert code(shoot(client, "slot-002")) == "sync_timeout"


@pytest.mark.parametrize("environment", [SHORT])
def test_a_media_store_that_cannot_be_written(client: FlaskClient, wiring: Wiring, tmp_path: Path) -> None:
    assert code(shoot(client, fileToUpload=PHOTO)) == "sync_timeout"
    shutil.rmtree(tmp_path / "media" / "payloads")
    (tmp_path / "media" / "payloads").touch()
    answer = shoot(client)
    assert (answer.status_code, code(answer)) == (503, "queue_unavailable")
    assert answer.headers["Retry-After"]
