"""Whatever fails is copied later, and what is lost is told. Tests move the clock."""

import itertools
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import structlog

from app.domain.errors import DatabaseUnavailable
from app.domain.photo import Photo
from app.services.copies import pause_after
from tests.services.branch import BUCKET, FOLDER, HOLD, Branch, Storeroom
from tests.twins.memory_media_store import MemoryMediaStore
from tests.twins.memory_photos import MemoryPhotos
from tests.twins.troubled_media import FullFor

RETENTION = 72 * 3600


@pytest.fixture
def branch() -> Branch:
    return Branch()


class TestFailures:
    def test_a_storage_that_takes_nothing_is_tried_with_one_photo_at_a_time(self, branch: Branch) -> None:
        branch.storerooms.missing.add(FOLDER.url)
        for _ in range(3):
            branch.photo()
        for _ in range(3):
            branch.service.run()
        assert len(branch.storerooms.opened) == 1
        assert (branch.tally().waiting, branch.tally().error) == (3, "There is no folder /mnt/studio.")

    def test_less_and_less_often_and_at_least_every_minute(self, branch: Branch) -> None:
        branch.storerooms.missing.add(FOLDER.url)
        branch.photo()
        tries = []
        for second in range(400):
            branch.service.run()
            if len(branch.storerooms.opened) > len(tries):
                tries.append(second)
            branch.pass_time(1)
        pauses = [later - earlier for earlier, later in itertools.pairwise(tries)]
        assert pauses[:4] == pytest.approx([5, 10, 20, 40], abs=1)
        assert pauses[4:] == pytest.approx([60] * len(pauses[4:]), abs=1)
        assert pause_after(1000) == 60

    def test_everything_follows_once_it_works_again(self, branch: Branch) -> None:
        branch.storerooms.missing.add(FOLDER.url)
        for _ in range(3):
            branch.photo()
        branch.service.run()
        branch.storerooms.missing.clear()
        branch.pass_time(6)
        branch.service.run()
        assert (branch.tally().copied, branch.tally().error) == (3, "")

    def test_a_full_disk_loses_nothing(self, branch: Branch) -> None:
        branch.storerooms.stores[FOLDER.url] = FullFor("20")
        branch.photo()
        branch.service.run()
        assert (branch.tally().waiting, branch.tally().error) == (1, "no space left on device")
        branch.storerooms.stores[FOLDER.url] = MemoryMediaStore()
        branch.pass_time(6)
        branch.service.run()
        assert branch.tally().copied == 1

    def test_a_photo_that_cannot_be_read_holds_up_no_other(self, branch: Branch) -> None:
        gone, damaged, whole = (branch.photo() for _ in range(3))
        for job_id, content in ((gone, None), (damaged, b"half of it")):
            [path] = [path for path in branch.media.files if path.startswith(f"results/{job_id}")]
            branch.media.delete([path])
            if content:
                branch.media.write(path, content)
        branch.service.run()
        assert branch.tally().copied == 1
        assert branch.tally().waiting == 2
        assert "gone or damaged" in branch.tally().error
        assert whole

    def test_nor_do_our_own_files_when_they_are_away_count_against_the_storage(self, branch: Branch) -> None:
        branch.photo()
        branch.media.unavailable = True
        branch.service.run()
        assert branch.tally().waiting == 1
        branch.media.unavailable = False
        branch.pass_time(6)
        branch.service.run()
        assert branch.tally().copied == 1

    def test_the_log_says_what_failed_and_no_secret(self, branch: Branch) -> None:
        branch.destination = BUCKET
        branch.storerooms.missing.add(BUCKET.url)
        branch.photo()
        with structlog.testing.capture_logs() as logs:
            branch.service.run()
        assert [entry["event"] for entry in logs] == ["photo_not_copied"]
        assert BUCKET.secret_access_key not in f"{logs}{BUCKET!r}"


class TestTheDatabaseAway:
    def test_a_round_ends_and_the_next_goes_on(self, branch: Branch) -> None:
        branch.photo()
        branch.database.go_away(1)
        with pytest.raises(DatabaseUnavailable):
            branch.service.run()
        branch.service.run()
        assert branch.tally().copied == 1

    def test_a_copy_that_could_not_be_written_down_is_made_again_in_its_place(self, branch: Branch) -> None:
        branch.photo()
        branch.storerooms.stores[FOLDER.url] = room = Storeroom(branch.database.go_away)
        with pytest.raises(DatabaseUnavailable):
            branch.service.run()
        branch.database.come_back()
        room.then = lambda: None
        assert len(branch.copies()) == 1
        branch.pass_time(HOLD)
        branch.service.run()
        assert (len(branch.copies()), branch.tally().copied) == (1, 1)

    def test_and_keeps_its_name_though_the_house_has_moved_meanwhile(self, branch: Branch) -> None:
        branch.photo()
        branch.storerooms.missing.add(FOLDER.url)
        branch.service.run()
        named = [row.name for row in branch.database.table("result_copy").values()]
        branch.storerooms.missing.clear()
        branch.zone = ZoneInfo("Asia/Tokyo")
        branch.pass_time(6)
        branch.service.run()
        assert list(branch.copies()) == named


class TestWithdrawn:
    def test_a_hidden_photo_waits_until_it_is_shown_again(self, branch: Branch) -> None:
        job_id = branch.photo()
        branch.stores.photos.hide([job_id])
        branch.service.run()
        assert branch.copies() == {}
        branch.stores.photos.show([job_id])
        branch.service.run()
        assert len(branch.copies()) == 1

    def test_one_that_is_hidden_when_it_is_taken_is_not_copied(self, branch: Branch) -> None:
        job_id = branch.photo()

        class HiddenMeanwhile(MemoryPhotos):
            def find(self, photo_id: UUID) -> Photo | None:
                self.hide([photo_id])
                return super().find(photo_id)

        branch.stores.photos = HiddenMeanwhile(branch.database)
        branch.scheduler().run()
        assert branch.copies() == {}
        branch.stores.photos.show([job_id])
        branch.pass_time(HOLD)
        branch.service.run()
        assert len(branch.copies()) == 1


class TestLost:
    def test_what_could_not_be_copied_in_time_is_counted_and_logged(self, branch: Branch) -> None:
        branch.storerooms.missing.add(FOLDER.url)
        branch.photo()
        branch.service.run()
        branch.pass_time(RETENTION + 60)
        with structlog.testing.capture_logs() as logs:
            branch.service.run()
        assert [(entry["event"], entry["number"]) for entry in logs] == [("copies_lost", 1)]
        assert (branch.tally().lost, branch.tally().waiting) == (1, 0)

    def test_also_where_nobody_has_said_where_to(self, branch: Branch) -> None:
        branch.destination = None
        branch.photo()
        branch.pass_time(RETENTION + 60)
        branch.service.run()
        assert branch.tally().lost == 1

    def test_it_is_looked_for_once_a_minute(self, branch: Branch) -> None:
        branch.service.run()
        branch.destination = None
        branch.photo()
        branch.database.pass_time(RETENTION + 60)
        branch.service.run()
        assert branch.tally().lost == 0
        branch.passed += 61
        branch.service.run()
        assert branch.tally().lost == 1
