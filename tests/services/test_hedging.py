"""A second request beside a slow first: the first picture wins, the other is called off."""

import time
from dataclasses import replace
from threading import Barrier

from app.domain.errors import FaultKind
from app.domain.slot import Policy
from app.ports.providers import ProviderRequest
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


def test_content_refused_by_the_rival_is_the_rivals_affair(shop: Workshop) -> None:
    shop.backup.acts = [lasts(1.2, raises(fault(FaultKind.BAD_ARGUMENT))), gives(shot())]
    shop.rival.acts = [raises(fault(FaultKind.CONTENT_BLOCKED))]
    other_model = replace(BACKUP, settings={"strength": 5, "model": "fine"})
    policy = Policy(hedge=True, content_blocked="next")
    job = shop.claimed(BACKUP, RIVAL, RIVAL, other_model, policy=policy, window_seconds=10)
    shop.run(job)
    assert len(shop.rival.requests) == 1
    assert shop.view_of(job).model == "fine"


def test_a_refusal_that_stops_the_chain_lets_what_runs_finish(shop: Workshop) -> None:
    shop.backup.acts = [lasts(1.2, gives(shot()))]
    shop.rival.acts = [raises(fault(FaultKind.CONTENT_BLOCKED))]
    job = shop.claimed(BACKUP, RIVAL, policy=HEDGED, window_seconds=TENTH)
    shop.run(job)
    assert shop.view_of(job).provider == "backup"


def test_two_at_once_stay_below_the_photos_price_cap(shop: Workshop) -> None:
    shop.backup.acts = [lasts(1.2, gives(shot()))]
    job = shop.claimed(BACKUP, RIVAL, policy=Policy(hedge=True, price_cap_usd=0.05), window_seconds=TENTH)
    shop.run(job)
    assert shop.rival.requests == []
    assert shop.view_of(job).provider == "backup"


def test_a_picture_that_comes_second_is_written_down_with_its_cost(shop: Workshop) -> None:
    both = Barrier(2)

    def together(request: ProviderRequest) -> bytes:
        both.wait(5)
        return shot()

    shop.backup.acts, shop.rival.acts = [lasts(0.9, together)], [together]
    job = shop.claimed(BACKUP, RIVAL, policy=HEDGED, window_seconds=TENTH)
    shop.run(job)
    until(lambda: faults_of(shop, job) == [None, None], 5, "both are in the log")
    until(lambda: shop.view_of(job).cost_usd == 2 * FAST.price_usd, 5, "both have cost")
