"""Runs of the cleanup: once for each request, however long they take, and a crash at any point costs only another."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from app.domain.errors import DatabaseUnavailable, MediaStoreUnavailable
from app.domain.job import Failure, FailureReason
from tests.services.cellar import NOTHING, RETENTION_SECONDS, Cellar
from tests.twins.memory_media_store import MemoryMediaStore


class TestRequests:
    def test_a_run_that_was_asked_for_is_run_once(self, cellar: Cellar) -> None:
        asked = cellar.service.request("serg")
        assert [cellar.service.run_requested(), cellar.service.run_requested()] == [True, False]
        assert cellar.done(asked) == NOTHING

    def test_a_persons_request_is_on_record_and_the_clocks_is_not(self, cellar: Cellar) -> None:
        cellar.service.request(None)
        asked = cellar.service.request("serg")
        changes, _ = cellar.stores.audit.search(page=1, page_size=10)
        assert [(c.username, c.action, c.detail) for c in changes] == [("serg", "purge.requested", {"id": asked.id})]

    def test_nothing_runs_while_another_process_is_at_it(self, cellar: Cellar) -> None:
        cellar.service.request(None)
        cellar.stores.purges.start()
        cellar.service.request("serg")
        assert not cellar.service.run_requested()

    @pytest.mark.parametrize("outage", [MediaStoreUnavailable, DatabaseUnavailable])
    def test_a_run_that_broke_down_is_taken_up_by_the_next_look(self, cellar: Cellar, outage: type[Exception]) -> None:
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
    def test_a_second_run_finishes_what_the_first_began(self, after: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.services.retention._BATCH", 2)
        for nth in itertools.count(1):
            cellar = self.arranged()
            crashed = self.run_until_crash(cellar, nth, after=after)
            cellar.age_files()
            assert cellar.service.run_requested() == crashed
            assert cellar.folders() == {"previews": 5, "results": 1, "templates": 1}, f"crashed at call {nth}"
            assert cellar.purge() == NOTHING, "a third run finds nothing to do"
            if not crashed:
                break
        assert nth > 15
