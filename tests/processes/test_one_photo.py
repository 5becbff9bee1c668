"""The main job, by real processes over a real PostgreSQL."""

import io
import time

import pytest
import requests
from PIL import Image

from tests.processes.conftest import Install
from tests.support.booths import photo, shoot, shoot_in_background
from tests.waiting import until

pytestmark = pytest.mark.processes


def test_a_shot_comes_back_transformed(install: Install) -> None:
    house = install()
    house.start_web()
    house.start_worker()
    shot = photo(1200, 800)
    answer = shoot(house, data=shot)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Transfer-Encoding" not in answer.headers
    assert Image.open(io.BytesIO(answer.content)).size == (1200, 800)
    assert answer.content != shot

    job_id = answer.headers["X-Job-Id"]
    public = requests.get(f"{house.url}/public/results/{job_id}", timeout=10)
    assert public.content == answer.content
    [job] = house.ledger.jobs()
    assert job.result_file_path == f"results/{job_id}.jpg"
    assert job.result_inline_base64 is None
    assert (job.result_expires_at - job.finalized_at).total_seconds() == 72 * 3600
    until(lambda: requests.get(f"{public.url}/grid", timeout=10).ok, what="the preview")
    until(lambda: house.ledger.count("placeholder <> ''") == 1, what="the placeholder")
    house.ledger.assert_sound()


def test_a_hanging_provider_gives_504_on_the_second(install: Install) -> None:
    house = install(SYNC_RESPONSE_SECONDS="3")
    house.start_web()
    house.start_scripted_worker("hang")
    began = time.monotonic()
    answer = shoot(house)
    assert time.monotonic() - began == pytest.approx(3, abs=0.5)
    assert answer.status_code == 504
    error = answer.json()["error"]
    assert error["code"] == "sync_timeout"
    assert error["details"]["job_id"] == answer.headers["X-Job-Id"]
    assert "expires_at" in error["details"]
    [job] = house.ledger.jobs()
    assert (job.is_finalized, job.failure_reason) == (True, "timeout")
    house.ledger.assert_sound()


def test_without_a_worker_the_answer_is_on_time_all_the_same(install: Install) -> None:
    house = install(SYNC_RESPONSE_SECONDS="1")
    house.start_web()
    assert shoot(house).status_code == 504


def test_a_result_that_comes_after_the_504_is_dropped_with_its_file(install: Install) -> None:
    house = install(SYNC_RESPONSE_SECONDS="2")
    house.start_web()
    worker = house.start_scripted_worker("late", 1)
    assert shoot(house).status_code == 504
    until(lambda: "result_dropped" in worker.log(), what="the late result is dropped")
    until(lambda: house.ledger.results() == [], what="its file is deleted")
    house.ledger.assert_sound()


def test_more_booths_than_may_wait_are_told_so_and_pages_stay_open(install: Install) -> None:
    house = install(SYNC_RESPONSE_SECONDS="4", HELD_REQUESTS_MAX="2")
    house.start_web()
    held = [shoot_in_background(house) for _ in range(2)]
    until(lambda: house.ledger.count("NOT is_finalized") == 2, what="two booths wait")
    refused = shoot(house)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "queue_unavailable")
    assert refused.headers["Retry-After"]
    assert requests.get(f"{house.url}/healthz", timeout=1).ok
    assert [booth.result().status_code for booth in held] == [504, 504]


def test_readiness_tells_what_is_missing(install: Install) -> None:
    house = install()
    house.start_web()
    ready = requests.get(f"{house.url}/readyz", timeout=10)
    assert ready.status_code == 503
    assert ready.json()["checks"] == {"database": True, "media_store": True, "worker": False}
    house.start_worker()
    until(lambda: requests.get(f"{house.url}/readyz", timeout=10).ok, what="the installation is ready")
