"""Photos are copied as they appear, each once, to where the house wants them. Tests move the clock."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.ports.copies import CopyTally
from app.services.copies import CopyService
from tests import pictures
from tests.factories import SETTINGS, new_job
from tests.services.branch import BUCKET, FOLDER, HOLD, Branch, Storeroom
from tests.twins.memory_media_store import MemoryMediaStore

COPIED = {**SETTINGS, "keeping": {"originals": False, "copies": True}}


@pytest.fixture
def branch() -> Branch:
    return Branch()


class TestCopies:
    def test_a_photo_lies_in_the_folder_of_its_day_and_slot_under_its_download_name(self, branch: Branch) -> None:
        branch.photo(pictures.jpeg(40, 30))
        branch.service.run()
        [(name, content)] = branch.copies().items()
        assert re.fullmatch(r"(\d{4}-\d\d-\d\d)/slot-001/slot-001_\1_\d{6}\.jpg", name)
        assert content == pictures.jpeg(40, 30)
        assert (branch.tally().copied, branch.tally().waiting) == (1, 0)

    def test_days_and_times_are_those_of_the_house(self, branch: Branch) -> None:
        job_id = branch.photo()
        photo = branch.stores.photos.find(job_id)
        assert photo is not None
        branch.service.run()
        here = photo.finalized_at.astimezone(branch.zone)
        assert list(branch.copies()) == [f"{here:%Y-%m-%d}/slot-001/slot-001_{here:%Y-%m-%d_%H%M%S}.jpg"]

    def test_nothing_is_asked_of_the_storage_without_orders(self, branch: Branch) -> None:
        branch.service.run()
        assert branch.storerooms.opened == []

    def test_all_of_one_second_have_names_of_their_own(self, branch: Branch) -> None:
        contents = {pictures.jpeg(30 + n, 30) for n in range(5)}
        for content in contents:
            branch.photo(content)
        branch.service.run()
        assert set(branch.copies().values()) == contents

    def test_also_when_clocks_are_set_back_and_an_hour_comes_twice(self, branch: Branch) -> None:
        contents = {pictures.jpeg(30 + n, 30) for n in range(2)}
        first, second = (branch.photo(content) for content in contents)
        branch.zone = ZoneInfo("Europe/Berlin")
        branch.finished_at(first, datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
        branch.finished_at(second, datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
        branch.service.run()
        assert set(branch.copies().values()) == contents
        plain, told_apart = sorted(branch.copies(), key=len)
        assert plain == "2026-10-25/slot-001/slot-001_2026-10-25_023000.jpg"
        assert re.fullmatch(rf"{plain[:-4]}_[0-9a-f]{{8}}\.jpg", told_apart)

    def test_a_storage_is_opened_once_for_many(self, branch: Branch) -> None:
        for _ in range(3):
            branch.photo()
        branch.service.run()
        branch.photo()
        branch.service.run()
        assert branch.storerooms.opened == [FOLDER]

    def test_many_that_wait_are_copied_in_rounds_that_end(self, branch: Branch) -> None:
        def take_time() -> None:
            branch.passed += 0.1

        branch.storerooms.stores[FOLDER.url] = Storeroom(take_time)
        for _ in range(40):
            branch.photo(b"a photo")
        copied = []
        while branch.tally().waiting:
            branch.service.run()
            copied.append(branch.tally().copied)
        assert copied == [15, 30, 40]
        assert len(branch.copies()) == 40


class TestWithoutDestination:
    def test_photos_wait_until_there_is_one(self, branch: Branch) -> None:
        branch.destination = None
        branch.photo()
        branch.service.run()
        assert branch.tally().waiting == 1
        branch.destination = FOLDER
        branch.service.run()
        assert len(branch.copies()) == 1

    def test_what_waits_when_it_changes_goes_to_the_new_one(self, branch: Branch) -> None:
        branch.photo()
        branch.service.run()
        branch.photo()
        branch.destination = BUCKET
        branch.service.run()
        assert (len(branch.copies()), len(branch.copies(BUCKET))) == (1, 1)

    def test_also_in_the_middle_of_a_round(self, branch: Branch) -> None:
        def change() -> None:
            branch.destination = BUCKET

        branch.storerooms.stores[FOLDER.url] = Storeroom(change)
        for _ in range(3):
            branch.photo()
        branch.service.run()
        assert (len(branch.copies()), len(branch.copies(BUCKET))) == (1, 2)

    def test_and_at_once_when_the_old_one_was_failing(self, branch: Branch) -> None:
        branch.storerooms.missing.add(FOLDER.url)
        branch.photo(), branch.photo()
        branch.service.run()
        branch.destination = BUCKET
        branch.service.run()
        assert len(branch.copies(BUCKET)) == 1, "the one that had not been tried yet"
        branch.pass_time(6)
        branch.service.run()
        assert len(branch.copies(BUCKET)) == 2


class TestTwoSchedulers:
    def test_each_photo_is_copied_by_one(self, branch: Branch) -> None:
        written: list[None] = []
        branch.storerooms.stores[FOLDER.url] = Storeroom(lambda: written.append(None))
        for _ in range(40):
            branch.photo(b"a photo")
        schedulers = [branch.scheduler() for _ in range(4)]
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(CopyService.run, schedulers))
        assert (len(written), branch.tally().copied) == (40, 40)

    def test_one_that_hangs_is_replaced_after_a_while(self, branch: Branch) -> None:
        is_writing, may_end = threading.Event(), threading.Event()

        def hang() -> None:
            if not is_writing.is_set():
                is_writing.set()
                assert may_end.wait(10)

        branch.storerooms.stores[FOLDER.url] = Storeroom(hang)
        branch.photo()
        with ThreadPoolExecutor(1) as threads:
            hanging = threads.submit(branch.service.run)
            assert is_writing.wait(10)
            branch.scheduler().run()
            assert branch.tally().copied == 0
            branch.database.pass_time(HOLD)
            branch.scheduler().run()
            assert branch.tally().copied == 1
            may_end.set()
            hanging.result()
        assert (len(branch.copies()), branch.tally().copied) == (1, 1)


class TestLeftovers:
    def test_what_died_half_way_is_cleared_away_when_the_storage_opens(self) -> None:
        seen: list[datetime] = []

        class Cluttered(MemoryMediaStore):
            def discard_abandoned(self, before: datetime) -> int:
                seen.append(before)
                return 1

        branch = Branch()
        branch.storerooms.stores[FOLDER.url] = Cluttered()
        branch.photo()
        branch.service.run()
        [before] = seen
        assert datetime.now(UTC) - before >= timedelta(minutes=59), "others may be writing"


class TestTotals:
    def finish(self, branch: Branch, slot_id: str) -> None:
        branch.queue.enqueue(replace(new_job(slot_id=slot_id), settings=COPIED))
        [job] = branch.queue.claim("worker", 1)
        branch.succeed(job, b"a photo")
        branch.pass_time(1)

    def test_the_house_is_the_sum_of_its_slots(self, branch: Branch) -> None:
        assert branch.service.total() == CopyTally()
        self.finish(branch, "slot-001")
        branch.service.run()
        branch.storerooms.missing.add(BUCKET.url)
        branch.destination = BUCKET
        for slot_id in ("slot-002", "slot-003"):
            self.finish(branch, slot_id)
        branch.service.run()
        total, first = branch.service.total(), branch.service.tally("slot-002")["slot-002"]
        assert (total.copied, total.waiting, total.oldest_waiting_at) == (1, 2, first.oldest_waiting_at)
        assert total.error == f"There is no folder {BUCKET.url}."
