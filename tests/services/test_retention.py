"""What has had its time is deleted, and nothing else."""

from datetime import timedelta
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from app.domain.job import preview_path
from app.domain.photo import UNDO_SECONDS
from app.domain.slot import Keeping
from app.ports.access import Scope
from tests.services.cellar import HOUR, NOTHING, RETENTION_SECONDS, Cellar
from tests.services.house import shot
from tests.twins.troubled_media import Undeletable


class TestResults:
    def test_an_expired_result_goes_with_its_previews(self, cellar: Cellar) -> None:
        cellar.pictured()
        cellar.stores.pass_time(RETENTION_SECONDS + 1)
        kept = cellar.pictured()
        counts = cellar.purge()
        assert cellar.folders() == {"payloads": 1, "previews": 5, "results": 1}
        assert all(str(kept) in key for key in cellar.media.files if not key.startswith("payloads/"))
        assert counts == NOTHING | {"results": 1, "payloads": 1, "bytes": 2 * len(shot())}

    def test_more_than_one_batch_goes_in_one_run(self, cellar: Cellar, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.services.retention._BATCH", 2)
        for _ in range(5):
            cellar.finished()
        for _ in range(5):
            cellar.file(f"results/{uuid4()}.jpg")
        cellar.stores.pass_time(RETENTION_SECONDS + 1)
        counts = cellar.purge()
        assert (counts["results"], counts["payloads"], counts["orphans"]) == (5, 5, 5)
        assert cellar.media.files == {}

    def test_a_file_that_is_gone_already_is_no_error(self, cellar: Cellar) -> None:
        cellar.pictured()
        cellar.media.files.clear()
        cellar.stores.pass_time(RETENTION_SECONDS + 1)
        assert cellar.purge()["results"] == 1


class TestDeletedPhotos:
    def test_go_with_everything_when_they_cannot_come_back(self, cellar: Cellar) -> None:
        deleted, hidden = cellar.pictured(), cellar.pictured()
        cellar.stores.photos.delete([deleted])
        cellar.stores.photos.hide([hidden])
        cellar.stores.pass_time(UNDO_SECONDS - 5)
        assert cellar.purge()["results"] == 0
        cellar.stores.pass_time(5)
        assert cellar.purge()["results"] == 1
        assert cellar.folders() == {"previews": 5, "results": 1}
        assert all(str(hidden) in key for key in cellar.media.files)

    def test_stay_if_they_came_back(self, cellar: Cellar) -> None:
        job_id = cellar.pictured()
        cellar.stores.photos.delete([job_id])
        cellar.stores.photos.restore([job_id])
        cellar.stores.pass_time(UNDO_SECONDS)
        assert cellar.purge()["results"] == 0


class TestKeptPhotos:
    def test_stay_for_a_week_and_no_longer(self, cellar: Cellar) -> None:
        cellar.stores.photos.keep([cellar.pictured()])
        cellar.stores.pass_time(168 * 3600 - 5)
        assert cellar.purge()["results"] == 0
        cellar.stores.pass_time(5)
        assert cellar.purge()["results"] == 1
        assert cellar.media.files == {}


class TestOriginals:
    """The shots of a slot that keeps them."""

    def test_go_with_their_results_in_one_run(self, cellar: Cellar) -> None:
        cellar.finished_with_original()
        cellar.stores.pass_time(60)
        assert cellar.purge()["payloads"] == 0
        cellar.stores.pass_time(RETENTION_SECONDS)
        counts = cellar.purge()
        assert (counts["results"], counts["payloads"], cellar.media.files) == (1, 1, {})

    def test_go_with_a_deleted_photo(self, cellar: Cellar) -> None:
        cellar.stores.photos.delete([cellar.finished_with_original()])
        cellar.stores.pass_time(UNDO_SECONDS)
        cellar.purge()
        assert cellar.media.files == {}

    def test_are_not_taken_for_orphans(self, cellar: Cellar) -> None:
        cellar.finished_with_original()
        cellar.stores.pass_time(3 * 3600)
        cellar.age_files()
        assert cellar.purge()["orphans"] == 0
        assert cellar.folders() == {"payloads": 1, "results": 1}

    def test_of_a_failure_go_at_once(self, cellar: Cellar) -> None:
        cellar.queue.cancel(cellar.queued(keeping=Keeping(originals=True)).id)
        cellar.stores.pass_time(60)
        assert cellar.purge()["payloads"] == 1


class TestPayloads:
    def test_a_shot_goes_when_its_window_is_over_and_its_result_stays(self, cellar: Cellar) -> None:
        cellar.finished()
        cellar.purge()
        assert cellar.folders() == {"payloads": 1, "results": 1}
        cellar.stores.pass_time(49)
        assert cellar.purge()["payloads"] == 1
        assert cellar.folders() == {"results": 1}

    def test_what_nobody_ended_is_ended_first(self, cellar: Cellar) -> None:
        cellar.queued()
        running = cellar.queued(window_seconds=60)
        cellar.queue.claim("dead worker", 1)
        cellar.stores.pass_time(50)
        counts = cellar.purge()
        assert (counts["jobs_ended"], counts["payloads"]) == (1, 1)
        assert list(cellar.media.files) == [running.payload.path]

    def test_a_job_taken_from_a_dead_worker_has_not_ended(self, cellar: Cellar) -> None:
        cellar.claimed()
        cellar.stores.pass_time(10)
        assert cellar.purge()["jobs_ended"] == 0


class TestMedia:
    def test_a_file_goes_when_its_time_is_over(self, cellar: Cellar) -> None:
        over, kept = cellar.public_file(lifetime_seconds=48), cellar.public_file(lifetime_seconds=60)
        cellar.stores.pass_time(49)
        counts = cellar.purge()
        assert counts == NOTHING | {"media": 1, "bytes": 5}
        assert (over.path in cellar.media.files, kept.path in cellar.media.files) == (False, True)

    def test_its_row_goes_thirty_days_later(self, cellar: Cellar) -> None:
        over = cellar.public_file(lifetime_seconds=48)
        cellar.stores.pass_time(49)
        assert cellar.purge()["rows"] == 0
        assert cellar.stores.media_objects.get(over.id) is not None
        cellar.stores.pass_time(30 * 24 * 3600)
        assert cellar.purge()["rows"] == 1
        assert cellar.stores.media_objects.get(over.id) is None

    def test_a_file_without_a_row_is_swept_and_one_with_a_row_is_not(self, cellar: Cellar) -> None:
        kept = cellar.public_file(lifetime_seconds=48)
        cellar.age_files()
        stray = cellar.file(f"media/{uuid4()}.jpg")
        assert cellar.purge()["orphans"] == 1
        assert (kept.path in cellar.media.files, stray in cellar.media.files) == (True, False)


class TestOrphans:
    def test_only_what_is_older_than_an_hour_is_one(self, cellar: Cellar) -> None:
        for folder in ("payloads", "results", "templates"):
            cellar.file(f"{folder}/{uuid4()}.jpg", age=HOUR - timedelta(minutes=1))
            cellar.file(f"{folder}/{uuid4()}.jpg", age=HOUR + timedelta(minutes=1))
        counts = cellar.purge()
        assert (counts["orphans"], counts["bytes"]) == (3, 15)
        assert cellar.folders() == {"payloads": 1, "results": 1, "templates": 1}

    def test_a_file_for_a_post_that_somebody_writes_has_two_days(self, cellar: Cellar) -> None:
        cellar.file(f"posts/{uuid4()}/0123abcd.jpg", age=HOUR + timedelta(minutes=1))
        young = cellar.file(f"posts/{uuid4()}/upload.jpg", age=48 * HOUR - timedelta(minutes=1))
        cellar.file(f"posts/{uuid4()}/upload.jpg", age=48 * HOUR + timedelta(minutes=1))
        assert cellar.purge()["orphans"] == 2
        assert list(cellar.media.files) == [young]

    def test_what_a_row_refers_to_is_none_however_old(self, cellar: Cellar) -> None:
        cellar.pictured()
        cellar.queued()
        cellar.template()
        cellar.age_files(timedelta(days=1))
        before = set(cellar.media.files)
        assert cellar.purge()["orphans"] == 0
        assert set(cellar.media.files) == before

    def test_a_preview_lives_as_long_as_its_jobs_result_of_any_attempt(self, cellar: Cellar) -> None:
        cellar.queue.hand_back([cellar.claimed()])
        [again] = cellar.queue.claim("worker", 1)
        kept = preview_path(cellar.succeed(again, shot()), "grid")
        cellar.file(kept)
        cellar.file(preview_path(uuid4(), "grid"))
        assert cellar.purge()["orphans"] == 1
        assert cellar.folders() == {"payloads": 1, "previews": 1, "results": 1}
        assert kept in cellar.media.files

    def test_the_file_of_an_attempt_that_lost_is_one(self, cellar: Cellar) -> None:
        job_id = cellar.finished()
        loser = cellar.file(f"results/{job_id}.2.jpg")
        assert cellar.purge()["orphans"] == 1
        assert loser not in cellar.media.files

    def test_the_file_of_a_deleted_template_is_one(self, cellar: Cellar) -> None:
        kept, deleted = cellar.template(), cellar.template()
        cellar.stores.templates.remove(deleted.id)
        cellar.age_files()
        cellar.purge()
        assert list(cellar.media.files) == [kept.path]

    def test_names_that_are_nobodys_go_too_but_other_folders_are_left_alone(self, cellar: Cellar) -> None:
        cellar.file("results/notes.txt")
        cellar.file("previews/stray.webp")
        foreign = [cellar.file("backup/results/a.jpg"), cellar.file("readme")]
        cellar.purge()
        assert list(cellar.media.files) == foreign


class TestRows:
    def test_what_expired_goes_and_is_counted(self, cellar: Cellar, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.services.retention._BATCH", 2)
        for number in range(5):
            cellar.stores.tokens.issue(str(number), "serg", "upload", Scope.WRITE, 60)
        cellar.stores.request_log.refused("slot-001", "invalid_password", {})
        assert cellar.purge()["rows"] == 0
        cellar.stores.pass_time(61)
        assert cellar.purge()["rows"] == 5
        assert len(cellar.stores.request_log.entries) == 1


class TestJobs:
    def test_go_ninety_days_after_they_came_and_are_counted(
        self, cellar: Cellar, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.services.retention._BATCH", 2)
        jobs = [cellar.finished() for _ in range(3)]
        cellar.stores.pass_time(90 * 24 * 3600 - 60)
        assert cellar.purge()["jobs"] == 0
        cellar.stores.pass_time(61)
        assert cellar.purge()["jobs"] == 3
        assert [cellar.stores.jobs.get(job_id) for job_id in jobs] == [None] * 3


class TestWhatResists:
    """A file that cannot be deleted, and a store in which nothing can."""

    def test_stops_nothing_else_and_is_told_not_counted(self) -> None:
        cellar = Cellar(Undeletable("results/"))
        for _ in range(2):
            cellar.pictured()
        [kept, _] = cellar.media.list("results")
        cellar.media.part = kept.key  # type: ignore[attr-defined]
        cellar.stores.pass_time(RETENTION_SECONDS + 1)
        cellar.file(f"results/{uuid4()}.jpg")
        with capture_logs() as logs:
            counts = cellar.purge()
        assert list(cellar.media.files) == [kept.key]
        size = 3 * len(shot()) + 5
        assert counts == NOTHING | {"results": 1, "payloads": 2, "orphans": 1, "bytes": size, "undeleted": 1}
        told = {"event": "files_not_deleted", "log_level": "error", "keys": [kept.key], "number": 1}
        assert logs[0] == told | {"error": "read-only"}

    def test_is_tried_again_by_the_sweep(self) -> None:
        cellar = Cellar(Undeletable("results/"))
        cellar.finished()
        cellar.stores.pass_time(RETENTION_SECONDS + 1)
        assert cellar.purge()["undeleted"] == 1
        cellar.age_files()
        assert cellar.purge()["undeleted"] == 1
        cellar.media.part = "nothing"  # type: ignore[attr-defined]
        assert cellar.purge() == NOTHING | {"orphans": 1, "bytes": len(shot())}
        assert cellar.media.files == {}
