"""What has had its time is deleted, nothing else, and a crash at any point costs only another run."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from app.domain.errors import DatabaseUnavailable, MediaStoreUnavailable
from app.domain.job import Failure, FailureReason, preview_path
from app.domain.media import PREVIEW_SIZES
from app.ports import Purge
from app.services.retention import RetentionService
from tests.services.house import House, shot
from tests.twins.memory_media_store import MemoryMediaStore
from tests.twins.troubled_media import Undeletable

RETENTION_SECONDS = 72 * 3600
HOUR = timedelta(hours=1)
NOTHING = dict.fromkeys(("results", "payloads", "orphans", "bytes", "jobs_ended", "rows", "undeleted"), 0)


class Cellar(House):
    """A house with the cleanup service."""

    def __init__(self, media: MemoryMediaStore | None = None) -> None:
        super().__init__()
        self.media = media or self.media
        self.service = self.service_of(self.queue, self.media)

    def service_of(self, queue: Any, media: Any) -> RetentionService:
        return RetentionService(
            queue=queue,
            templates=self.stores.templates,
            media=media,
            ledger=self.stores.purges,
            expiring=[self.stores.tokens, self.stores.request_log],
        )

    def purge(self) -> Mapping[str, int]:
        """The counts of a run from beginning to end."""
        asked = self.service.request(None)
        assert self.service.run_requested()
        return self.done(asked)

    def done(self, purge: Purge) -> Mapping[str, int]:
        """The counts of a run that has finished."""
        found = self.service.find(purge.id)
        assert found is not None
        assert found.counts is not None
        return found.counts

    def pictured(self) -> UUID:
        """A finished job with payload, result and both previews."""
        job_id = self.finished()
        for size in PREVIEW_SIZES:
            self.media.write(preview_path(job_id, size), b"preview")
        return job_id

    def file(self, key: str, *, age: timedelta = HOUR * 2) -> str:
        self.media.write(key, b"12345")
        self.media.modified[key] = datetime.now(UTC) - age
        return key

    def age_files(self, age: timedelta = HOUR * 2) -> None:
        for key in self.media.files:
            self.media.modified[key] = datetime.now(UTC) - age

    def folders(self) -> dict[str, int]:
        """How many files each folder holds."""
        names = sorted(key.partition("/")[0] for key in self.media.files)
        return {name: len(list(group)) for name, group in itertools.groupby(names)}


@pytest.fixture
def cellar() -> Cellar:
    return Cellar()


class TestResults:
    def test_an_expired_result_goes_with_its_previews(self, cellar: Cellar) -> None:
        cellar.pictured()
        cellar.stores.pass_time(RETENTION_SECONDS + 1)
        kept = cellar.pictured()
        counts = cellar.purge()
        assert cellar.folders() == {"payloads": 1, "previews": 2, "results": 1}
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


class TestOrphans:
    def test_only_what_is_older_than_an_hour_is_one(self, cellar: Cellar) -> None:
        for folder in ("payloads", "results", "templates"):
            cellar.file(f"{folder}/{uuid4()}.jpg", age=HOUR - timedelta(minutes=1))
            cellar.file(f"{folder}/{uuid4()}.jpg", age=HOUR + timedelta(minutes=1))
        counts = cellar.purge()
        assert (counts["orphans"], counts["bytes"]) == (3, 15)
        assert cellar.folders() == {"payloads": 1, "results": 1, "templates": 1}

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
            cellar.stores.tokens.issue(str(number), "serg", 60)
        cellar.stores.request_log.refused("slot-001", "invalid_password", {})
        assert cellar.purge()["rows"] == 0
        cellar.stores.pass_time(61)
        assert cellar.purge()["rows"] == 5
        assert len(cellar.stores.request_log.entries) == 1


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


class TestRequests:
    def test_a_run_that_was_asked_for_is_run_once(self, cellar: Cellar) -> None:
        asked = cellar.service.request("serg")
        assert [cellar.service.run_requested(), cellar.service.run_requested()] == [True, False]
        assert cellar.done(asked) == NOTHING

    def test_nothing_runs_while_another_process_is_at_it(self, cellar: Cellar) -> None:
        cellar.service.request(None)
        cellar.stores.purges.start()
        cellar.service.request("serg")
        assert not cellar.service.run_requested()

    @pytest.mark.parametrize("outage", [MediaStoreUnavailable, DatabaseUnavailable])
    def test_a_run_that_broke_down_is_taken_up_by_the_next_look(
        self, cellar: Cellar, outage: type[Exception]
    ) -> None:
        asked = cellar.service.request("serg")
        if outage is DatabaseUnavailable:
            cellar.database.go_away(1, after=1)
        cellar.media.unavailable = outage is MediaStoreUnavailable
        with pytest.raises(outage):
            cellar.service.run_requested()
        cellar.media.unavailable = False
        assert cellar.service.run_requested()
        assert cellar.done(asked) == NOTHING

    def test_one_that_cannot_even_be_given_back_is_taken_up_half_a_minute_later(self, cellar: Cellar) -> None:
        asked = cellar.service.request("serg")
        cellar.database.go_away(after=1)
        with pytest.raises(DatabaseUnavailable):
            cellar.service.run_requested()
        cellar.database.come_back()
        assert not cellar.service.run_requested()
        cellar.stores.pass_time(31)
        assert cellar.service.run_requested()
        assert cellar.done(asked) == NOTHING


class TestLongRuns:
    """Five batches that take 20 seconds each."""

    @pytest.fixture
    def slow(self, monkeypatch: pytest.MonkeyPatch) -> Cellar:
        monkeypatch.setattr("app.services.retention._BATCH", 2)
        cellar = Cellar()
        for _ in range(10):
            cellar.file(f"results/{uuid4()}.jpg")
        return cellar

    def run(self, slow: Cellar, seconds: float, meanwhile: Callable[[], object]) -> None:
        class SlowMedia(MemoryMediaStore):
            def delete(self, keys: Sequence[str]) -> None:
                super().delete(keys)
                slow.stores.pass_time(seconds)
                meanwhile()

        media = SlowMedia()
        media.files, media.modified = slow.media.files, slow.media.modified
        assert slow.service_of(slow.queue, media).run_requested()

    def test_are_run_once_however_long_they_take(self, slow: Cellar) -> None:
        asked = slow.service.request("serg")
        seen: list[bool] = []
        self.run(slow, 20, lambda: seen.append(slow.service.run_requested()))
        assert seen == [False] * 5
        assert slow.done(asked)["orphans"] == 10

    def test_who_was_frozen_too_long_leaves_the_rest_to_the_other(self, slow: Cellar) -> None:
        asked = slow.service.request("serg")
        with capture_logs() as logs:
            self.run(slow, 31, slow.service.run_requested)
        assert [entry["event"] for entry in logs] == ["purge_finished", "purge_taken_over"]
        assert slow.done(asked)["orphans"] == 8


class Crash(Exception):
    """The process dies here."""


class CrashesAt:
    """Passes calls on to `target`, and dies at the nth of all that share `calls`: before it, or after its effect."""

    def __init__(self, target: object, calls: Callable[[], int], nth: int, *, after: bool) -> None:
        self._target = target
        self._calls = calls
        self._nth = nth
        self._after = after

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._target, name)

        def call(*arguments: Any) -> Any:
            dies = self._calls() == self._nth
            if dies and not self._after:
                raise Crash
            answer = method(*arguments)
            if dies:
                raise Crash
            return answer

        return call


class TestCrashes:
    """Whatever call of the queue or the media store is the last of a run, the next run ends the same."""

    def arranged(self) -> Cellar:
        """Something of every kind, to go and to stay."""
        cellar = Cellar()
        for _ in range(3):
            cellar.pictured()
        failed = cellar.claimed()
        cellar.queue.finalize_failure(failed, Failure(FailureReason.PROVIDER_ERROR), [])
        cellar.stores.pass_time(RETENTION_SECONDS + 1)
        cellar.pictured()
        cellar.queued()
        cellar.stores.pass_time(50)
        cellar.template()
        cellar.age_files()
        cellar.file(f"results/{uuid4()}.jpg")
        cellar.file(f"previews/{uuid4()}/grid.webp")
        return cellar

    def run_until_crash(self, cellar: Cellar, nth: int, *, after: bool) -> bool:
        """False if the run had fewer than `nth` calls, and so ended well."""
        counter = itertools.count(1)
        wrapped = [CrashesAt(part, lambda: next(counter), nth, after=after) for part in (cellar.queue, cellar.media)]
        cellar.service.request(None)
        try:
            cellar.service_of(*wrapped).run_requested()
        except Crash:
            cellar.stores.pass_time(31)
            return True
        return False

    @pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
    def test_a_second_run_finishes_what_the_first_began(
        self, after: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.services.retention._BATCH", 2)
        for nth in itertools.count(1):
            cellar = self.arranged()
            crashed = self.run_until_crash(cellar, nth, after=after)
            cellar.age_files()
            assert cellar.service.run_requested() == crashed
            assert cellar.folders() == {"previews": 2, "results": 1, "templates": 1}, f"crashed at call {nth}"
            assert cellar.purge() == NOTHING, "a third run finds nothing to do"
            if not crashed:
                break
        assert nth > 15
