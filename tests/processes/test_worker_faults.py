"""Workers die, stop and misbehave; the booth gets its picture, or a clear answer, in time."""

import hashlib
import signal
from collections import Counter
from dataclasses import replace

import pytest

from app.adapters.db.connection import Database
from app.adapters.db.queue import PostgresJobQueue
from tests.factories import new_job
from tests.processes.conftest import Install
from tests.support.booths import photo, shoot, shoot_in_background
from tests.waiting import until

pytestmark = pytest.mark.processes


def test_the_job_of_a_killed_worker_is_taken_over_within_ten_seconds(install: Install) -> None:
    house = install(SYNC_RESPONSE_SECONDS="30")
    house.start_web()
    doomed = house.start_scripted_worker("hang")
    booth = shoot_in_background(house)
    until(lambda: house.ledger.count("status = 'processing'") == 1, what="the job is claimed")
    house.start_scripted_worker("echo")
    doomed.kill()
    assert booth.result(timeout=12).status_code == 200
    [job] = house.ledger.jobs()
    assert job.attempt == 2
    house.ledger.assert_sound()


def test_a_job_that_takes_down_every_worker_fails_after_three(install: Install) -> None:
    house = install(SYNC_RESPONSE_SECONDS="60")
    house.start_web()
    booth = shoot_in_background(house)
    for _ in range(3):
        house.start_scripted_worker("crash").wait(20)
    survivor = house.start_scripted_worker("echo")
    answer = booth.result(timeout=30)
    assert (answer.status_code, answer.json()["error"]["details"]["code"]) == (502, "worker_lost")
    assert survivor.popen.poll() is None
    assert shoot(house).status_code == 200
    house.ledger.assert_sound()


@pytest.mark.parametrize("signals", [1, 5])
def test_a_stopping_worker_hands_back_what_it_cannot_finish(install: Install, signals: int) -> None:
    house = install(SYNC_RESPONSE_SECONDS="30", SHUTDOWN_GRACE_SECONDS="0.5")
    house.start_web()
    stopping = house.start_scripted_worker("hang")
    booth = shoot_in_background(house)
    until(lambda: house.ledger.count("status = 'processing'") == 1, what="the job is claimed")
    for _ in range(signals):
        stopping.send(signal.SIGTERM)
    assert stopping.wait(10) == 0
    assert house.ledger.count("status = 'pending'") == 1
    house.start_scripted_worker("echo")
    assert booth.result(timeout=10).status_code == 200
    assert "handed_back" in house.ledger.events()
    house.ledger.assert_sound()


def test_a_stopping_worker_finishes_what_it_can(install: Install) -> None:
    house = install(SYNC_RESPONSE_SECONDS="30", SHUTDOWN_GRACE_SECONDS="10")
    house.start_web()
    worker = house.start_scripted_worker("slow", 1)
    booth = shoot_in_background(house)
    until(lambda: house.ledger.count("status = 'processing'") == 1, what="the job is claimed")
    worker.send(signal.SIGTERM)
    assert booth.result(timeout=10).status_code == 200
    assert worker.wait(10) == 0


def test_a_worker_frozen_past_its_lease_finalizes_nothing(install: Install) -> None:
    house = install(SYNC_RESPONSE_SECONDS="40")
    house.start_web()
    frozen = house.start_scripted_worker("slow", 1)
    booth = shoot_in_background(house)
    until(lambda: house.ledger.count("status = 'processing'") == 1, what="the job is claimed")
    frozen.send(signal.SIGSTOP)
    house.start_scripted_worker("echo")
    assert booth.result(timeout=15).status_code == 200
    frozen.send(signal.SIGCONT)
    until(lambda: "result_dropped" in frozen.log(), what="the thawed worker's result is dropped")
    until(lambda: len(house.ledger.results()) == 1, what="the loser deletes its own file")
    house.ledger.assert_sound()


def test_two_workers_do_each_of_2000_jobs_exactly_once(install: Install, database_url: str) -> None:
    house = install()
    database = Database(database_url, pool_size=1, application_name="tests")
    queue = PostgresJobQueue(database, max_active=5000)
    folder = house.media / "payloads"
    folder.mkdir(parents=True)
    shot = photo(32, 24)
    digest = hashlib.sha256(shot).hexdigest()
    for _ in range(2000):
        job = new_job(window_seconds=600)
        (house.media / job.payload.path).write_bytes(shot)
        queue.enqueue(replace(job, payload=replace(job.payload, sha256=digest)))
    house.start_scripted_worker("echo")
    house.start_scripted_worker("echo")
    until(lambda: house.ledger.count("NOT is_finalized") == 0, seconds=180, what="the queue is empty")
    done = house.ledger.jobs()
    assert Counter((job.failure_reason, job.attempt) for job in done) == {(None, 1): 2000}
    attempts = house.ledger.ask("SELECT job_id FROM processing_log WHERE event = 'attempt'")
    assert len(attempts) == len({row.job_id for row in attempts}) == 2000
    house.ledger.assert_sound()
    database.close()
