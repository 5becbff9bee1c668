"""A claimed job meets its deadline, other workers, and outages of database and files."""

from dataclasses import replace

import pytest

from app.domain.errors import DatabaseUnavailable, FaultKind, ProviderFault
from tests.services.house import BACKUP, FAST, LOCAL, ORDERS, shot
from tests.services.workshop import GONE_WRONG, REFUSED_FOR_GOOD, Workshop, after, gives, raises
from tests.twins.troubled_media import FullFor, Undeletable

LAST_MOMENT = 0.5


class TestDeadline:
    def test_a_shot_whose_window_is_over_costs_no_call(self, shop: Workshop) -> None:
        job = replace(shop.claimed(), seconds_left=0.0)
        shop.run(job)
        assert shop.local.requests == []
        assert shop.end_of(job) is None, "the waiting side says that it is over"

    def test_no_fallback_is_begun_without_time_for_it(self, shop: Workshop) -> None:
        job = replace(shop.claimed(LOCAL, BACKUP), seconds_left=6.9)  # four for an ordinary call, three in reserve
        shop.local.acts = [raises(REFUSED_FOR_GOOD)]
        shop.run(job)
        assert shop.backup.requests == []

    def test_a_hang_is_left_to_be_a_timeout(self, shop: Workshop) -> None:
        job = shop.claimed(window_seconds=0.5)
        shop.local.acts = [raises(GONE_WRONG)]
        shop.run(job)
        assert shop.end_of(job) is None

    def test_so_is_one_whose_order_may_not_be_made_again(self, shop: Workshop) -> None:
        job = shop.claimed(window_seconds=0.5)
        shop.local.acts = [raises(ProviderFault(FaultKind.HANG, "Silence.", permanent=True, may_have_cost=True))]
        shop.run(job)
        assert shop.end_of(job) is None

    def test_a_provider_that_says_that_its_time_is_over_is_no_silence(self, shop: Workshop) -> None:
        job = shop.claimed(ORDERS)
        aborted = ProviderFault(FaultKind.HANG, "Aborted.", permanent=True, status=200, may_have_cost=True)
        shop.orders.acts = [raises(aborted)]
        shop.run(job)
        assert shop.failure_of(job).detail["attempts"][0]["http_status"] == 200

    def test_a_fault_in_the_last_moment_is_left_to_be_a_timeout(self, shop: Workshop) -> None:
        job = replace(shop.claimed(), seconds_left=LAST_MOMENT)
        shop.local.acts = [raises(ProviderFault(FaultKind.OVERLOADED, "Busy.", permanent=False))]
        shop.run(job)
        assert shop.end_of(job) is None

    def test_a_fault_in_the_last_moment_that_no_time_would_have_helped_is_told(self, shop: Workshop) -> None:
        job = replace(shop.claimed(), seconds_left=LAST_MOMENT)
        shop.local.acts = [raises(REFUSED_FOR_GOOD)]
        shop.run(job)
        assert shop.failure_of(job).detail["fault"] == "bad_argument"

    def test_a_picture_that_comes_after_the_window_is_dropped_with_its_file(self, shop: Workshop) -> None:
        job = shop.claimed()
        shop.local.acts = [after(lambda: shop.stores.pass_time(48.1), gives(shot()))]
        shop.run(job)
        assert shop.end_of(job) is None
        assert shop.files("results") == set()


class TestCancelled:
    def test_a_cancelled_attempt_is_the_last_and_writes_nothing(self, shop: Workshop) -> None:
        job = shop.claimed(LOCAL, BACKUP)
        shop.local.acts = [after(shop.cancelled.set, raises(REFUSED_FOR_GOOD))]
        shop.run(job)
        assert shop.backup.requests == []
        assert shop.end_of(job) is None

    def test_who_loses_the_race_deletes_its_own_file_and_no_other(self, shop: Workshop) -> None:
        job = shop.claimed()

        def taken_over_and_finished() -> None:
            shop.stores.pass_time(10)
            shop.queue.rescue()
            [winner] = shop.queue.claim("other", 1)
            shop.succeed(winner, shot(48, 32))

        shop.local.acts = [after(taken_over_and_finished, gives(shot()))]
        shop.run(job)
        assert shop.files("results") == {f"results/{job.id}.2.jpg"}
        assert shop.files("previews") == set()

    def test_a_losers_file_that_cannot_be_deleted_is_left_to_the_cleanup(self) -> None:
        shop = Workshop(Undeletable())
        job = shop.claimed()
        shop.local.acts = [after(lambda: shop.queue.cancel(job.id), gives(shot()))]
        shop.run(job)
        assert shop.files("results") == {f"results/{job.id}.jpg"}


class TestDatabaseOutage:
    def test_a_finished_picture_waits_for_the_database(self, shop: Workshop) -> None:
        job = shop.claimed()
        shop.local.acts = [after(lambda: shop.database.go_away(calls=2), gives(shot()))]
        shop.run(job)
        assert shop.view_of(job).result is not None
        assert len(shop.local.requests) == 1

    def test_a_lost_answer_is_no_lost_picture(self, shop: Workshop) -> None:
        job = shop.claimed()
        shop.local.acts = [after(shop.database.lose_answers, gives(shot()))]
        shop.run(job)
        result = shop.view_of(job).result
        assert result is not None
        assert shop.files("results") == {result.path}

    def test_a_lost_answer_is_no_second_payment(self, shop: Workshop) -> None:
        job = shop.claimed(BACKUP, LOCAL)
        paid = ProviderFault(FaultKind.BAD_ARGUMENT, "It never works.", permanent=True, may_have_cost=True)
        shop.backup.acts = [after(shop.database.lose_answers, raises(paid))]
        shop.run(job)
        assert shop.view_of(job).cost_usd == FAST.price_usd
        assert shop.stores.events(job.id) == ["received", "attempt", "attempt", "finalized"]

    def test_a_failure_waits_too_and_costs_no_second_call(self, shop: Workshop) -> None:
        job = shop.claimed()
        shop.local.acts = [after(lambda: shop.database.go_away(calls=2), raises(REFUSED_FOR_GOOD))]
        shop.run(job)
        assert shop.failure_of(job).detail["fault"] == "bad_argument"
        assert len(shop.local.requests) == 1

    def test_at_the_deadline_it_gives_up_and_leaves_the_file_to_the_cleanup(self, shop: Workshop) -> None:
        job = shop.claimed(window_seconds=0.7)
        shop.local.acts = [after(shop.database.go_away, gives(shot()))]
        with pytest.raises(DatabaseUnavailable):
            shop.run(job)
        assert shop.files("results") == {f"results/{job.id}.jpg"}, "it may have been recorded, the answer lost"


class TestMediaStore:
    @pytest.mark.parametrize("lost", ["file", "store", "bytes"])
    def test_a_shot_that_is_not_there_as_stored_is_a_failure(self, shop: Workshop, lost: str) -> None:
        job = shop.claimed()
        shop.media.unavailable = lost == "store"
        if lost == "file":
            shop.media.delete([job.payload.path])
        elif lost == "bytes":
            shop.media.write(job.payload.path, shot(48, 32))
        shop.run(job)
        assert shop.failure_of(job).detail["fault"] == "internal"
        assert shop.local.requests == []

    def test_a_result_that_cannot_be_stored_is_a_failure(self) -> None:
        shop = Workshop(FullFor("results/"))
        job = shop.claimed()
        shop.run(job)
        assert shop.failure_of(job).detail["message"] == "The result could not be stored."
        assert [a["fault"] for a in shop.failure_of(job).detail["attempts"]] == [None]

    def test_a_preview_that_cannot_be_stored_harms_nobody(self) -> None:
        shop = Workshop(FullFor("previews/"))
        job = shop.claimed()
        shop.run(job)
        assert shop.view_of(job).result is not None
        assert shop.files("previews") == set()
