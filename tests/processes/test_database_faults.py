"""PostgreSQL goes away under running processes, and comes back."""

import time

import pytest

from app.adapters.embedded_postgres import EmbeddedPostgres
from tests.processes.conftest import Install
from tests.support.booths import shoot, shoot_in_background
from tests.support.tcp_proxy import tcp_proxy
from tests.waiting import until

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("mode", ["immediate", "fast"])
def test_a_restart_in_mid_flight_costs_no_photo(
    install: Install, postgres_server: EmbeddedPostgres, mode: str
) -> None:
    house = install(postgres_server.url, SYNC_RESPONSE_SECONDS="30")
    web = house.start_web()
    worker = house.start_scripted_worker("slow", 2)
    booths = [shoot_in_background(house) for _ in range(4)]
    until(lambda: house.ledger.count("status = 'processing'") == 4, what="four photos are in work")
    postgres_server.stop(mode)  # type: ignore[arg-type]
    postgres_server.ensure_running()
    assert [booth.result(timeout=40).status_code for booth in booths] == [200] * 4
    assert shoot(house).status_code == 200
    assert web.popen.poll() is None
    assert worker.popen.poll() is None
    house.ledger.assert_sound()


def test_a_shot_that_arrives_while_the_database_is_down_is_answered(
    install: Install, postgres_server: EmbeddedPostgres
) -> None:
    house = install(postgres_server.url, SYNC_RESPONSE_SECONDS="30")
    house.start_web()
    house.start_scripted_worker("echo")
    postgres_server.stop()
    answer = shoot(house)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "queue_unavailable")
    postgres_server.ensure_running()
    until(lambda: shoot(house).status_code == 200, seconds=20, what="photos flow again")
    house.ledger.assert_sound()


def test_a_hanging_database_does_not_move_the_deadline(install: Install, database_url: str) -> None:
    with tcp_proxy(database_url) as proxy:
        house = install(database_url, SYNC_RESPONSE_SECONDS="4")
        house.environment["DATABASE_URL"] = proxy.url
        house.start_web()
        house.environment["DATABASE_URL"] = database_url
        booth = shoot_in_background(house)
        began = time.monotonic()
        until(lambda: house.ledger.count("NOT is_finalized") == 1, what="the booth waits")
        proxy.hang()
        answer = booth.result(timeout=20)
        assert answer.status_code == 504
        assert time.monotonic() - began < 4 + 6
        proxy.resume()
        house.start_worker()
        until(lambda: house.ledger.count("NOT is_finalized") == 0, what="the rescue ends the job")
        assert [job.failure_reason for job in house.ledger.jobs()] == ["timeout"]
