"""What can still be saved is: a fallback that cannot be asked cuts nothing short, who is slow gets what is left."""

import time
from dataclasses import replace
from decimal import Decimal

from app.domain.errors import FaultKind
from app.domain.slot import Policy
from app.ports.providers import Connection, ProviderRequest
from tests.services.house import BACKUP, LOCAL, ORDERS, RIVAL, shot
from tests.services.test_chain import TENTH, fault, faults_of, lasts
from tests.services.workshop import Workshop, gives, raises
from tests.twins.troubled_media import FailingAtFirst

LONGER_THAN_USUAL = 1.0  # 0.8 s is what nineteen of twenty calls stay under in such a window


class TestFallbacksThatCannotBeAsked:
    def test_one_without_a_key_leaves_the_first_its_time(self, shop: Workshop) -> None:
        shop.connections.changed["rival"] = Connection("https://rival.example")
        shop.backup.acts = [lasts(LONGER_THAN_USUAL, gives(shot()))]
        job = shop.claimed(BACKUP, RIVAL, window_seconds=TENTH)
        shop.run(job)
        assert faults_of(shop, job) == [None]

    def test_one_that_is_paused_does_too(self, shop: Workshop) -> None:
        shop.rival.acts = [raises(fault(FaultKind.KEY_REFUSED))]
        shop.run(shop.claimed(RIVAL))
        shop.backup.acts = [lasts(LONGER_THAN_USUAL, gives(shot()))]
        job = shop.claimed(BACKUP, RIVAL, window_seconds=TENTH)
        shop.run(job)
        assert faults_of(shop, job) == [None]

    def test_one_above_the_price_cap_does_too(self, shop: Workshop) -> None:
        shop.backup.acts = [lasts(LONGER_THAN_USUAL, gives(shot()))]
        job = shop.claimed(BACKUP, RIVAL, policy=Policy(price_cap_usd=0.05), window_seconds=TENTH)
        shop.run(job)
        assert faults_of(shop, job) == [None]


class TestTimeThatIsLeft:
    def test_a_slow_provider_is_asked_again_when_the_fallback_fails(self, shop: Workshop) -> None:
        shop.backup.acts = [lasts(60, gives(shot())), gives(shot())]
        shop.rival.acts = [raises(fault(FaultKind.BAD_ARGUMENT))]
        job = shop.claimed(BACKUP, RIVAL, window_seconds=TENTH)
        shop.run(job)
        assert faults_of(shop, job) == ["hang", "bad_argument", None]

    def test_one_that_had_all_the_time_is_not(self, shop: Workshop) -> None:
        """It may have stopped early, when there was no time for another question."""
        shop.backup.acts = [raises(fault(FaultKind.HANG, may_have_cost=True)), gives(shot())]
        job = shop.claimed(BACKUP, window_seconds=0.5)
        shop.run(job)
        assert faults_of(shop, job) == ["hang"]

    def test_a_paid_order_is_fetched_even_without_time_for_an_ordinary_call(self, shop: Workshop) -> None:
        orders = 0

        def create() -> str:
            nonlocal orders
            orders += 1
            return "queue-1"

        def slow_order(request: ProviderRequest) -> bytes:
            request.ticket.create(create)
            answer = lasts(1.6 - (time.monotonic() - began), gives(shot()))(request)
            assert isinstance(answer, bytes)
            return answer

        shop.orders.acts = [slow_order]
        shop.rival.acts = [lasts(0.3, raises(fault(FaultKind.BAD_ARGUMENT)))]
        job = replace(shop.claimed(ORDERS, RIVAL, window_seconds=TENTH), seconds_left=2.2)
        began = time.monotonic()
        shop.run(job)
        assert (faults_of(shop, job), orders) == (["hang", "bad_argument", None], 1)

    def test_our_own_lateness_opens_no_breaker(self, shop: Workshop) -> None:
        shop.backup.acts = [raises(fault(FaultKind.HANG, may_have_cost=True))]
        for _ in range(6):
            shop.run(replace(shop.claimed(BACKUP), seconds_left=1.0))
        shop.backup.acts = [gives(shot())]
        job = shop.claimed(BACKUP)
        shop.run(job)
        assert faults_of(shop, job) == [None]


class TestWhatTroublesOfOursCost:
    def test_a_paid_picture_is_fetched_past_a_breaker_that_opened_meanwhile(self, shop: Workshop) -> None:
        def order_then_trouble(request: ProviderRequest) -> bytes:
            request.ticket.create(lambda: "queue-1")
            ask = shop.ask(ORDERS)
            shop.gate.settle(ask, None, cost_usd=Decimal(0), fault=fault(FaultKind.ACCOUNT_EMPTY))
            raise fault(FaultKind.INVALID_OUTPUT)

        shop.orders.acts = [order_then_trouble, gives(shot())]
        job = shop.claimed(ORDERS)
        shop.run(job)
        assert faults_of(shop, job) == ["invalid_output", None]

    def test_a_store_that_fails_once_costs_no_photo(self) -> None:
        shop = Workshop(FailingAtFirst("results/"))
        job = shop.claimed(LOCAL)
        shop.run(job)
        assert shop.view_of(job).result is not None

    def test_an_image_tool_that_is_busy_is_a_fault_and_no_crash(self, shop: Workshop) -> None:
        shop.backup.acts = [raises(MemoryError("no room"))]
        job = shop.claimed(BACKUP, LOCAL)
        shop.run(job)
        assert faults_of(shop, job) == ["internal", None]
