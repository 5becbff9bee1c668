"""PostgreSQL goes away under running processes, and comes back."""

import time

import pytest

from app.adapters.embedded_postgres import EmbeddedPostgres
from tests.processes.conftest import Install
from tests.support.booths import shoot, shoot_in_background
from tests.support.installation import Installation
from tests.support.tcp_proxy import tcp_proxy
from tests.waiting import until

pytestmark = pytest.mark.processes

ROLE = "photochanger"


def read_only(house: Installation, on: bool) -> None:
    """Let every new connection refuse to write, or write again, and have the processes connect anew."""
    house.ledger.ask(
        f"SET TRANSACTION READ WRITE; ALTER ROLE {ROLE} SET default_transaction_read_only = {'on' if on else 'off'};"
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'photochanger%'"
    )


@pytest.mark.parametrize("mode", ["immediate", "fast"])
def test_a_restart_in_mid_flight_costs_no_photo(install: Install, postgres_server: EmbeddedPostgres, mode: str) -> None:
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
        assert time.monotonic() - began < 4 + 3
        proxy.resume()
        house.start_worker()
        until(lambda: house.ledger.count("NOT is_finalized") == 0, what="the rescue ends the job")
        assert [job.failure_reason for job in house.ledger.jobs()] == ["timeout"]


def test_a_slow_database_does_not_move_the_deadline_either(install: Install, database_url: str) -> None:
    """200 ms for each answer of the database: an instant provider still makes it, a hanging one is cut off in time."""
    with tcp_proxy(database_url) as proxy:
        house = install(database_url, SYNC_RESPONSE_SECONDS="6")
        house.environment["DATABASE_URL"] = proxy.url
        house.start_web()
        house.start_scripted_worker("echo")
        proxy.delay_seconds = 0.1  # each way
        assert shoot(house).status_code == 200
        for process in house.processes[1:]:
            process.kill()
        house.start_scripted_worker("hang")
        began = time.monotonic()
        assert shoot(house).status_code == 504
        assert time.monotonic() - began < 6 + 2
        proxy.delay_seconds = 0


def test_a_database_that_turns_read_only_for_a_moment_harms_nobody_for_good(
    install: Install, postgres_server: EmbeddedPostgres
) -> None:
    """As a failover or a full disk does: errors that are no lost connection."""
    house = install(postgres_server.url, SYNC_RESPONSE_SECONDS="10")
    web = house.start_web()
    worker = house.start_scripted_worker("echo")
    read_only(house, True)
    answer = shoot(house)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "queue_unavailable")
    read_only(house, False)
    began = time.monotonic()
    until(lambda: shoot(house).status_code == 200, seconds=20, what="photos flow again")
    assert time.monotonic() - began < 10
    assert web.popen.poll() is None
    assert worker.popen.poll() is None
