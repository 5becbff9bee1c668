"""The cleanup process: what has had its time disappears, once, and nothing else does."""

import os
import time
from pathlib import Path

import pytest
import requests

from tests.processes.conftest import Install
from tests.support.booths import shoot
from tests.support.installation import ADMIN_PASSWORD, Installation, Process
from tests.waiting import until

pytestmark = pytest.mark.processes


def token(house: Installation) -> dict[str, str]:
    answer = requests.post(f"{house.url}/api/login", json={"username": "serg", "password": ADMIN_PASSWORD}, timeout=10)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def purge(house: Installation) -> dict[str, int]:
    """Ask for a purge and wait for its counts."""
    headers = token(house)
    queued = requests.post(f"{house.url}/api/media/cache/purge", headers=headers, timeout=10)
    assert queued.status_code == 202
    state = f"{house.url}/api/media/cache/purge/{queued.json()['id']}"
    counts: dict[str, int] = until(
        lambda: requests.get(state, headers=headers, timeout=10).json()["counts"], seconds=15, what="the purge ends"
    )
    return counts


def test_expired_results_are_deleted_and_410_from_then_on(install: Install) -> None:
    house = install(SYNC_RESPONSE_SECONDS="5")
    house.start_web()
    house.start_worker()
    old, fresh = (shoot(house).headers["X-Job-Id"] for _ in range(2))
    house.ledger.ask("UPDATE job SET result_expires_at = now(), expires_at = now() WHERE id = :id", id=old)
    assert requests.get(f"{house.url}/public/results/{old}", timeout=10).status_code == 410, "before any cleanup"
    house.start_cleanup()
    counts = purge(house)
    until(lambda: len(house.ledger.results()) == 1, what="the expired file is deleted")
    assert requests.get(f"{house.url}/public/results/{old}", timeout=10).status_code == 410
    assert requests.get(f"{house.url}/public/results/{fresh}", timeout=10).status_code == 200
    assert not (house.media / f"previews/{old}/grid.webp").exists()
    assert not (house.media / f"payloads/{old}.jpg").exists()
    assert set(counts) >= {"results", "payloads", "orphans", "bytes"}
    assert purge(house)["results"] == 0


def test_files_that_a_crash_left_behind_are_swept_and_young_ones_spared(install: Install) -> None:
    house = install()
    house.start_web()
    house.start_worker()
    shoot(house)
    an_hour_ago = time.time() - 3700
    stale, young = (house.media / "results" / f"{name * 8}-aaaa-4aaa-8aaa-aaaaaaaaaaaa.jpg" for name in "ab")
    for path in (stale, young):
        path.write_bytes(b"left behind")
    for path in (stale, *house.media.glob("results/[!ab]*"), *house.media.glob("previews/*/*")):
        os.utime(path, (an_hour_ago, an_hour_ago))
    house.start_cleanup()
    purge(house)
    assert not stale.exists()
    assert young.exists()
    young.unlink()
    house.ledger.assert_sound()
    assert len(list(house.media.glob("previews/*/*"))) == 2


def leave_behind(house: Installation, number: int) -> list[Path]:
    """Results that no row refers to, old enough to be swept."""
    folder, an_hour_ago = house.media / "results", time.time() - 3700
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:08}-aaaa-4aaa-8aaa-aaaaaaaaaaaa.jpg" for number in range(number)]
    for path in paths:
        path.write_bytes(b"left behind")
        os.utime(path, (an_hour_ago, an_hour_ago))
    return paths


def left(paths: list[Path]) -> int:
    return sum(path.exists() for path in paths)


def finished_by(process: Process) -> int:
    """How many purges the process says it has finished."""
    return process.log().count('"purge_finished"')


def test_two_cleanup_processes_never_run_the_same_purge(install: Install) -> None:
    house = install()
    house.start_web()
    cleanups = [house.start_cleanup(), house.start_cleanup()]
    for _ in range(5):
        purge(house)
    runs = "SELECT attempt FROM purge_run WHERE finished_at IS NOT NULL"
    until(lambda: sum(map(finished_by, cleanups)) == len(house.ledger.ask(runs)), what="each run is told once")
    assert {row.attempt for row in house.ledger.ask(runs)} == {1}


def test_a_purge_that_outlasts_its_lease_is_run_once(install: Install) -> None:
    house = install()
    files = leave_behind(house, 10)
    slow = house.start_slow_cleanup(seconds=1, lease_seconds=2)
    until(lambda: left(files) < len(files), seconds=30, what="the first batch is gone")
    house.start_cleanup()
    until(lambda: finished_by(slow), seconds=30, what="the slow purge ends")
    [long, *_] = house.ledger.ask("SELECT attempt, counts FROM purge_run ORDER BY id")
    assert (long.attempt, long.counts["orphans"]) == (1, len(files))


def test_a_cleanup_killed_half_way_is_taken_up_by_another(install: Install) -> None:
    house = install()
    files = leave_behind(house, 10)
    victim = house.start_slow_cleanup(seconds=1, lease_seconds=3)
    until(lambda: left(files) < len(files), seconds=30, what="the first batch is gone")
    victim.kill()
    assert left(files) > 0
    [interrupted] = house.ledger.ask("SELECT id, attempt, finished_at FROM purge_run")
    assert (interrupted.attempt, interrupted.finished_at) == (1, None)
    house.start_cleanup()
    done = until(
        lambda: house.ledger.ask(
            "SELECT attempt, counts FROM purge_run WHERE id = :id AND finished_at IS NOT NULL", id=interrupted.id
        ),
        seconds=30,
        what="the interrupted purge is finished",
    )
    assert done[0].attempt == 2
    assert left(files) == 0
