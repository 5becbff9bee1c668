"""A second request beside a slow first: the first picture wins, the other is called off."""

import time

from app.domain.errors import FaultKind
from app.domain.slot import Policy
from tests.services.house import BACKUP, FAST, LOCAL, ORDERS, RIVAL, shot
from tests.services.test_chain import TENTH, fault, faults_of, lasts
from tests.services.workshop import Workshop, gives, raises
from tests.waiting import until

HEDGED = Policy(hedge=True)


def test_a_quick_provider_has_no_rival(shop: Workshop) -> None:
    shop.run(shop.claimed(BACKUP, RIVAL, policy=HEDGED))
    assert shop.rival.requests == []


def test_a_slow_one_gets_a_rival_and_is_called_off_when_that_is_first(shop: Workshop) -> None:
    shop.backup.acts = [lasts(60, gives(shot()))]
    job = shop.claimed(BACKUP, RIVAL, policy=HEDGED, window_seconds=TENTH)
    began = time.monotonic()
    shop.run(job)
    assert time.monotonic() - began >= FAST.p95_seconds * TENTH / 45
    assert shop.view_of(job).provider == "rival"
    until(lambda: faults_of(shop, job) == [None, "cancelled"], 5, "the first is called off")


def test_the_slow_one_may_still_win(shop: Workshop) -> None:
    shop.backup.acts = [lasts(1.2, gives(shot()))]
    shop.rival.acts = [lasts(60, gives(shot()))]
    job = shop.claimed(BACKUP, RIVAL, policy=HEDGED, window_seconds=TENTH)
    shop.run(job)
    assert shop.view_of(job).provider == "backup"
    assert shop.rival.requests[0].cancelled.is_set()


def test_a_rival_that_fails_leaves_the_first_alone(shop: Workshop) -> None:
    shop.backup.acts = [lasts(1.2, gives(shot()))]
    shop.rival.acts = [raises(fault(FaultKind.BAD_ARGUMENT))]
    job = shop.claimed(BACKUP, RIVAL, policy=HEDGED, window_seconds=TENTH)
    shop.run(job)
    assert shop.view_of(job).provider == "backup"


def test_after_both_have_failed_the_rest_of_the_chain_follows(shop: Workshop) -> None:
    shop.backup.acts = [lasts(1.0, raises(fault(FaultKind.BAD_ARGUMENT)))]
    shop.rival.acts = [raises(fault(FaultKind.BAD_ARGUMENT))]
    job = shop.claimed(BACKUP, RIVAL, LOCAL, policy=HEDGED, window_seconds=TENTH)
    shop.run(job)
    assert shop.view_of(job).provider == "local"
    assert len(shop.rival.requests) == 1


def test_without_a_later_step_the_same_is_asked_again(shop: Workshop) -> None:
    shop.backup.acts = [lasts(60, gives(shot())), gives(shot(30, 20))]
    job = shop.claimed(BACKUP, policy=HEDGED, window_seconds=TENTH)
    shop.run(job)
    assert shop.view_of(job).result is not None
    assert len(shop.backup.requests) == 2


def test_a_provider_that_bills_each_order_is_never_asked_twice(shop: Workshop) -> None:
    shop.orders.acts = [lasts(1.2, gives(shot()))]
    job = shop.claimed(ORDERS, policy=HEDGED, window_seconds=TENTH)
    shop.run(job)
    assert len(shop.orders.requests) == 1


def test_a_job_that_ends_elsewhere_calls_both_off(shop: Workshop) -> None:
    def stop_soon(request: object) -> bytes:
        shop.cancelled.set()
        return lasts(60, gives(shot()))(request)  # type: ignore[arg-type, return-value]

    shop.backup.acts = [lasts(60, gives(shot()))]
    shop.rival.acts = [stop_soon]
    shop.run(shop.claimed(BACKUP, RIVAL, policy=HEDGED, window_seconds=TENTH))
    until(lambda: shop.backup.requests[0].cancelled.is_set(), 5, "the first is called off")
    until(lambda: shop.rival.requests[0].cancelled.is_set(), 5, "its rival too")
