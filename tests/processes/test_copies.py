"""Real cleanup processes copy photos; whatever becomes of the processes, each copy is there, whole and once."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import load_settings
from app.wiring import Wiring
from tests.processes.conftest import Install
from tests.support.copying import copies_in, finish_photo
from tests.support.installation import Installation, Process
from tests.support.quick_wiring import QuickWiring
from tests.waiting import until

pytestmark = pytest.mark.processes


@pytest.fixture
def house(install: Install) -> Installation:
    return install()


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    (tmp_path / "studio").mkdir()
    return tmp_path / "studio"


@pytest.fixture
def wiring(house: Installation, studio: Path) -> Iterator[Wiring]:
    """A hand in the house, whose copies go to `studio`; no process of it runs yet."""
    wiring = QuickWiring(load_settings(house.environment), role="test")
    wiring.copy_destination.change({"url": str(studio)}, "serg")
    yield wiring
    wiring.database.close()


def half_done(studio: Path) -> list[Path]:
    return list(studio.glob(".incoming/*"))


def copied_by(process: Process) -> int:
    return process.log().count('"photo_copied"')


def test_photos_are_copied_as_they_appear_to_wherever_they_go_now(
    house: Installation, wiring: Wiring, studio: Path, tmp_path: Path
) -> None:
    house.start_cleanup()
    finish_photo(wiring, b"the first")
    finish_photo(wiring, b"of a slot that wants none", copies=False)
    [copy] = until(lambda: copies_in(studio), what="the copy is there")
    assert copy.read_bytes() == b"the first"
    (tmp_path / "new").mkdir()
    wiring.copy_destination.change({"url": str(tmp_path / "new")}, "serg")
    finish_photo(wiring, b"the second")
    [copy] = until(lambda: copies_in(tmp_path / "new"), what="the second copy is there")
    assert copy.read_bytes() == b"the second"
    assert len(copies_in(studio)) == 1


def test_a_process_that_is_killed_half_way_is_replaced(house: Installation, wiring: Wiring, studio: Path) -> None:
    finish_photo(wiring, b"a photo")
    victim = house.start_slow_copying(seconds=60, hold_seconds=4)
    until(lambda: half_done(studio), seconds=30, what="the copy is half done")
    victim.kill()
    assert copies_in(studio) == []
    heir = house.start_cleanup()
    [copy] = until(lambda: copies_in(studio), seconds=30, what="another process copies it")
    assert copy.read_bytes() == b"a photo"
    until(lambda: copied_by(heir) == 1, what="it is written down")
    assert [row.attempts for row in house.ledger.ask("SELECT attempts FROM result_copy")] == [2]


def test_one_that_is_asked_to_stop_finishes_its_copy_first(house: Installation, wiring: Wiring, studio: Path) -> None:
    finish_photo(wiring, b"a photo")
    process = house.start_slow_copying(seconds=1, hold_seconds=60)
    until(lambda: half_done(studio), seconds=30, what="the copy is half done")
    process.send(signal.SIGTERM)
    assert process.wait() == 0
    assert len(copies_in(studio)) == 1
    assert house.ledger.ask("SELECT FROM result_copy WHERE copied_at IS NULL") == []
