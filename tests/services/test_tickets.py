"""What a queue provider is asked to create is created once, whatever happens to the worker."""

import time
from dataclasses import replace
from typing import NoReturn

import pytest

from app.domain.deadlines import Deadline
from app.domain.errors import FaultKind, ProviderFault
from app.domain.job import ClaimedJob, Order
from app.domain.slot import Policy
from app.ports.providers import ProviderAnswer, ProviderRequest
from app.services.processing.ticket import JobTicket
from tests.services.house import BACKUP, FAST, LOCAL, ORDERS, shot
from tests.services.test_chain import TENTH, faults_of, lasts
from tests.services.workshop import GONE_WRONG, REFUSED_FOR_GOOD, Workshop, after, gives, raises
from tests.twins.scripted_provider import Act
from tests.waiting import until


class Counter:
    """A queue provider that counts what is created; `troubles` happen in place of its first answers."""

    def __init__(self, *troubles: Exception, name: str = "queue") -> None:
        self.name = name
        self.created = 0
        self.troubles = list(troubles)

    def create(self) -> str:
        self.created += 1
        if self.troubles:
            raise self.troubles.pop(0)
        return f"{self.name}-{self.created}"

    def __call__(self, request: ProviderRequest) -> bytes:
        request.ticket.create(self.create)
        return shot()


def killed_after(provider: Counter) -> object:
    def act(request: ProviderRequest) -> bytes:
        request.ticket.create(provider.create)
        raise KeyboardInterrupt  # the process ends here

    return act


def stopped_after(provider: Counter, shop: Workshop) -> Act:
    """The worker has to leave its jobs to others."""

    def act(request: ProviderRequest) -> bytes:
        reference = request.ticket.create(provider.create)
        shop.cancelled.set()
        raise ProviderFault(FaultKind.CANCELLED, "Cancelled.", permanent=True, request_id=reference, may_have_cost=True)

    return act


def lost(provider: Counter) -> Act:
    """The order is taken, and then nothing is heard of it."""

    def act(request: ProviderRequest) -> bytes:
        reference = request.ticket.create(provider.create)
        raise ProviderFault(FaultKind.HANG, "Silence.", permanent=True, request_id=reference, may_have_cost=True)

    return act


def in_time(provider: Counter, seconds: float) -> Act:
    """The order is taken, its picture takes a while."""

    def act(request: ProviderRequest) -> bytes | ProviderAnswer:
        request.ticket.create(provider.create)
        return lasts(seconds, provider)(request)

    return act


def dies() -> NoReturn:
    raise KeyboardInterrupt


def broken(provider: Counter) -> Act:
    """The order is taken, but its file is no picture."""

    def act(request: ProviderRequest) -> bytes:
        request.ticket.create(provider.create)
        return b"no image"

    return act


def next_worker(shop: Workshop, job: ClaimedJob) -> ClaimedJob:
    shop.stores.pass_time(10)
    shop.queue.rescue()
    [again] = shop.queue.claim("next", 1)
    assert again.id == job.id
    return again


def test_the_reference_is_on_record_before_the_result_is_asked_for(shop: Workshop) -> None:
    provider = Counter()
    shop.orders.acts = [killed_after(provider), provider]  # type: ignore[list-item]
    job = shop.claimed(ORDERS)
    with pytest.raises(KeyboardInterrupt):
        shop.run(job)
    again = next_worker(shop, job)
    assert again.orders == {0: Order("queue-1")}
    shop.run(again)
    assert shop.view_of(job).result is not None
    assert provider.created == 1


def test_what_a_dead_worker_ordered_is_written_down_by_the_next(shop: Workshop) -> None:
    provider = Counter()
    shop.orders.acts = [killed_after(provider), broken(provider), provider]  # type: ignore[list-item]
    job = shop.claimed(ORDERS, policy=Policy(daily_budget_usd=float(FAST.price_usd)))
    with pytest.raises(KeyboardInterrupt):
        shop.run(job)
    assert shop.view_of(job).cost_usd == 0
    shop.run(next_worker(shop, job))
    assert shop.view_of(job).result is not None, "the budget has heard of it from the first worker"
    assert shop.view_of(job).cost_usd == FAST.price_usd


def test_what_a_stopping_worker_wrote_down_costs_no_second_time(shop: Workshop) -> None:
    provider = Counter()
    shop.orders.acts = [stopped_after(provider, shop), provider]
    job = shop.claimed(ORDERS)
    shop.run(job)
    shop.cancelled.clear()
    shop.run(next_worker(shop, job))
    assert shop.view_of(job).result is not None
    assert shop.view_of(job).cost_usd == FAST.price_usd


def test_a_photos_price_cap_counts_what_earlier_workers_spent(shop: Workshop) -> None:
    shop.orders.acts = [stopped_after(Counter(), shop)]
    shop.backup.acts = [raises(GONE_WRONG)]
    job = shop.claimed(BACKUP, ORDERS, BACKUP, policy=Policy(price_cap_usd=float(FAST.price_usd)))
    shop.run(job)
    shop.cancelled.clear()
    shop.orders.acts = [raises(GONE_WRONG)]
    asked = len(shop.backup.requests)
    shop.run(next_worker(shop, job))
    assert len(shop.backup.requests) == asked


def test_a_call_that_began_and_never_ended_is_not_made_again(shop: Workshop) -> None:
    provider = Counter(KeyboardInterrupt())
    shop.orders.acts = [provider]
    job = shop.claimed(ORDERS, LOCAL)
    with pytest.raises(KeyboardInterrupt):
        shop.run(job)
    shop.run(next_worker(shop, job))
    assert provider.created == 1
    assert shop.view_of(job).provider == "local"


def test_a_later_workers_chain_goes_on_where_the_first_was(shop: Workshop) -> None:
    provider = Counter()
    shop.orders.acts = [killed_after(provider), provider]  # type: ignore[list-item]
    shop.local.acts = [lambda _: b"no image"]
    job = shop.claimed(LOCAL, ORDERS)
    with pytest.raises(KeyboardInterrupt):
        shop.run(job)
    before = len(shop.local.requests)
    shop.run(next_worker(shop, job))
    assert len(shop.local.requests) == before
    assert shop.view_of(job).provider == "orders"


def test_what_was_certainly_not_created_may_be_tried_again(shop: Workshop) -> None:
    provider = Counter(ProviderFault(FaultKind.OVERLOADED, "Busy.", permanent=False, status=503))
    shop.orders.acts = [provider]
    job = shop.claimed(ORDERS)
    shop.run(job)
    assert provider.created == 2
    assert shop.view_of(job).result is not None


def test_what_may_have_been_created_is_not(shop: Workshop) -> None:
    provider = Counter(ProviderFault(FaultKind.CONNECTION_LOST, "Lost.", permanent=False, may_have_cost=True))
    shop.orders.acts = [provider]
    job = shop.claimed(ORDERS, LOCAL)
    shop.run(job)
    assert provider.created == 1
    assert shop.view_of(job).provider == "local"


def test_a_second_try_of_the_same_worker_only_fetches_and_costs_nothing(shop: Workshop) -> None:
    provider = Counter()
    shop.orders.acts = [broken(provider), provider]
    job = shop.claimed(ORDERS)
    shop.run(job)
    assert provider.created == 1
    assert shop.view_of(job).cost_usd == FAST.price_usd


def test_what_is_paid_is_fetched_when_there_is_no_time_for_a_new_order(shop: Workshop) -> None:
    provider = Counter()
    shop.orders.acts = [broken(provider), provider]
    job = shop.claimed(ORDERS)
    shop.run(replace(job, seconds_left=FAST.usual_seconds + 4))  # one less than a new order would want
    assert shop.view_of(job).result is not None
    assert provider.created == 1


def test_a_job_that_ended_meanwhile_orders_nothing(shop: Workshop) -> None:
    provider = Counter()
    shop.orders.acts = [provider]
    job = shop.claimed(ORDERS)
    shop.queue.cancel(job.id)
    shop.run(job)
    assert provider.created == 0


class TestSeveralOrders:
    """A chain may hold one at each of its steps."""

    def test_a_step_that_was_refused_takes_nothing_from_one_that_is_paid(self, shop: Workshop) -> None:
        paid, refused = Counter(), Counter(REFUSED_FOR_GOOD)
        shop.orders.acts = [lost(paid), refused]
        shop.local.acts = [after(dies, gives(shot()))]
        job = shop.claimed(ORDERS, ORDERS, LOCAL)
        with pytest.raises(KeyboardInterrupt):
            shop.run(job)
        again = next_worker(shop, job)
        assert again.orders == {0: Order("queue-1", is_logged=True)}
        shop.orders.acts = [paid]
        shop.run(again)
        assert (paid.created, refused.created) == (1, 1)
        assert shop.view_of(job).cost_usd == FAST.price_usd

    def test_both_are_fetched_by_a_later_worker(self, shop: Workshop) -> None:
        first, second = Counter(), Counter(name="other")
        shop.orders.acts = [lost(first), killed_after(second)]  # type: ignore[list-item]
        job = shop.claimed(ORDERS, ORDERS)
        with pytest.raises(KeyboardInterrupt):
            shop.run(job)
        again = next_worker(shop, job)
        assert again.orders == {0: Order("queue-1", is_logged=True), 1: Order("other-1")}
        shop.orders.acts = [lost(first), second]
        shop.run(again)
        assert shop.view_of(job).result is not None
        assert (first.created, second.created) == (1, 1)

    def test_two_that_raced_are_both_known_to_the_next_worker(self, shop: Workshop) -> None:
        slow, rival = Counter(), Counter(name="other")
        shop.orders.acts = [in_time(slow, 60), stopped_after(rival, shop)]
        job = shop.claimed(ORDERS, ORDERS, policy=Policy(hedge=True), window_seconds=TENTH)
        shop.run(job)
        until(lambda: faults_of(shop, job) == ["cancelled", "cancelled"], 5, "both are called off")
        shop.cancelled.clear()
        shop.queue.hand_back([job])
        [again] = shop.queue.claim("next", 1)
        assert set(again.orders) == {0, 1}
        shop.orders.acts = [lost(slow), rival]
        shop.run(again)
        assert (slow.created, rival.created) == (1, 1)


class TestWithoutADatabase:
    @pytest.fixture
    def ticket(self, shop: Workshop) -> JobTicket:
        """Of a photo that is nearly out of time, so that nobody waits long for a database."""
        return JobTicket(shop.queue, shop.claimed(ORDERS), 0, Deadline(time.monotonic() + 0.5))

    def test_nothing_is_ordered_that_could_not_be_announced(self, shop: Workshop, ticket: JobTicket) -> None:
        provider = Counter()
        shop.database.go_away()
        with pytest.raises(ProviderFault) as caught:
            ticket.create(provider.create)
        fault = caught.value
        assert (fault.kind, fault.permanent, fault.may_have_cost) == (FaultKind.INTERNAL, True, False)
        assert provider.created == 0

    @pytest.mark.parametrize("calls", [1, float("inf")], ids=["a moment", "long"])
    def test_a_paid_order_is_not_lost_when_its_number_cannot_be_recorded(
        self, shop: Workshop, ticket: JobTicket, calls: float
    ) -> None:
        provider = Counter()

        def create() -> str:
            shop.database.go_away(calls)
            return provider.create()

        assert [ticket.create(create) for _ in range(2)] == ["queue-1", "queue-1"]
        shop.database.come_back()
        shop.stores.pass_time(10)
        shop.queue.rescue()
        [again] = shop.queue.claim("next", 1)
        assert again.orders == {0: Order("queue-1" if calls == 1 else None)}

    def test_a_refusal_stays_what_it_is(self, shop: Workshop, ticket: JobTicket) -> None:
        def refuse() -> str:
            shop.database.go_away()
            raise REFUSED_FOR_GOOD

        with pytest.raises(ProviderFault) as caught:
            ticket.create(refuse)
        assert caught.value is REFUSED_FOR_GOOD


def test_a_job_that_ends_while_its_order_is_taken_still_knows_the_order(shop: Workshop) -> None:
    job = shop.claimed(ORDERS)

    def create() -> str:
        shop.queue.cancel(job.id)
        return "queue-1"

    assert JobTicket(shop.queue, job, 0, Deadline(time.monotonic() + 5)).create(create) == "queue-1"
