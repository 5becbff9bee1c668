"""The provider chain follows the table of faults: what is tried again, what is tried next, and when it stops.

Most windows are a tenth of the shortest real one, and so are all the chain's own times.
"""

import time
from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.errors import FaultKind, ProviderFault
from app.domain.job import ClaimedJob
from app.domain.media import Output
from app.domain.slot import Policy, Step
from app.ports.providers import ProviderAnswer, ProviderRequest
from tests.services.house import BACKUP, FAST, FINE, LOCAL, RIVAL, shot
from tests.services.workshop import Workshop, gives, raises
from tests.twins.scripted_provider import Act

TENTH = 4.5


def fault(kind: FaultKind, **known: object) -> ProviderFault:
    return ProviderFault(kind, f"It is {kind.value}.", permanent=False, **known)  # type: ignore[arg-type]


def lasts(seconds: float, act: Act) -> Act:
    """`act`, after a wait that ends early when nobody wants the picture any more."""

    def acts(request: ProviderRequest) -> bytes | ProviderAnswer:
        left = request.deadline.remaining(time.monotonic())
        if request.cancelled.wait(min(seconds, left)):
            raise fault(FaultKind.CANCELLED)
        if seconds > left:
            raise fault(FaultKind.HANG, may_have_cost=True)
        return act(request)

    return acts


def faults_of(shop: Workshop, job: ClaimedJob) -> list[str | None]:
    """The faults of all attempts in the log, None for a success."""
    return [event.detail["fault"] for event in shop.stores.jobs.timeline(job.id) if event.event == "attempt"]


class TestRetries:
    @pytest.mark.parametrize(
        ("kind", "calls"),
        [
            (FaultKind.NO_IMAGE, 3),
            (FaultKind.CONNECTION_LOST, 2),
            (FaultKind.OVERLOADED, 2),
            (FaultKind.RATE_LIMITED, 2),
            (FaultKind.INVALID_OUTPUT, 2),
            (FaultKind.UNREACHABLE, 2),
            (FaultKind.TLS, 1),
            (FaultKind.KEY_REFUSED, 1),
            (FaultKind.MODEL_GONE, 1),
            (FaultKind.BAD_ARGUMENT, 1),
            (FaultKind.QUOTA_EXHAUSTED, 1),
            (FaultKind.TOO_LARGE, 1),
            (FaultKind.FORBIDDEN_ADDRESS, 1),
        ],
    )
    def test_a_step_is_called_as_often_as_its_fault_deserves(self, shop: Workshop, kind: FaultKind, calls: int) -> None:
        shop.backup.acts = [raises(fault(kind))]
        job = shop.claimed(BACKUP, LOCAL, window_seconds=TENTH)
        shop.run(job)
        assert len(shop.backup.requests) == calls
        assert shop.view_of(job).provider == "local"
        assert faults_of(shop, job) == [kind.value] * calls + [None]

    def test_a_permanent_fault_is_never_repeated(self, shop: Workshop) -> None:
        shop.backup.acts = [raises(ProviderFault(FaultKind.CONNECTION_LOST, "Lost.", permanent=True))]
        shop.run(shop.claimed(BACKUP, LOCAL))
        assert len(shop.backup.requests) == 1

    def test_after_an_answer_without_a_picture_the_provider_is_asked_in_other_words(self, shop: Workshop) -> None:
        shop.backup.acts = [raises(fault(FaultKind.NO_IMAGE)), gives(shot())]
        job = shop.claimed(BACKUP)
        shop.run(job)
        assert [request.insist for request in shop.backup.requests] == [False, True]
        assert shop.view_of(job).result is not None

    def test_a_providers_own_delay_is_kept_where_it_fits(self, shop: Workshop) -> None:
        shop.backup.acts = [raises(fault(FaultKind.RATE_LIMITED, retry_after=0.3)), gives(shot())]
        began = time.monotonic()
        shop.run(shop.claimed(BACKUP, LOCAL))
        assert time.monotonic() - began >= 0.3
        assert len(shop.backup.requests) == 2

    def test_a_delay_that_does_not_fit_is_not_waited_for(self, shop: Workshop) -> None:
        shop.backup.acts = [raises(fault(FaultKind.RATE_LIMITED, retry_after=42))]
        began = time.monotonic()
        job = shop.claimed(BACKUP, LOCAL)
        shop.run(job)
        assert time.monotonic() - began < 10
        assert shop.view_of(job).provider == "local"

    def test_no_retry_is_begun_without_time_for_it(self, shop: Workshop) -> None:
        shop.backup.acts = [raises(fault(FaultKind.OVERLOADED))]
        shop.run(replace(shop.claimed(BACKUP), seconds_left=FAST.usual_seconds + 3))
        assert len(shop.backup.requests) == 1

    def test_a_cancelled_job_ends_a_retrys_wait(self, shop: Workshop) -> None:
        shop.backup.acts = [lambda _: (shop.cancelled.set(), raises(fault(FaultKind.RATE_LIMITED, retry_after=20))(_))]  # type: ignore[list-item]
        began = time.monotonic()
        shop.run(shop.claimed(BACKUP, LOCAL))
        assert time.monotonic() - began < 5
        assert shop.local.requests == []


class TestTime:
    def test_an_attempt_ends_short_of_the_window(self, shop: Workshop) -> None:
        job = shop.claimed(BACKUP)
        shop.run(job)
        [request] = shop.backup.requests
        assert request.deadline.remaining(time.monotonic()) == pytest.approx(job.seconds_left - 3, abs=1)

    def test_with_a_later_step_it_ends_when_it_takes_longer_than_usual(self, shop: Workshop) -> None:
        shop.run(shop.claimed(BACKUP, LOCAL))
        [request] = shop.backup.requests
        assert request.deadline.remaining(time.monotonic()) == pytest.approx(FAST.p95_seconds, abs=1)

    def test_a_later_step_that_would_come_too_late_shortens_nothing(self, shop: Workshop) -> None:
        fine = replace(BACKUP, settings={"strength": 5, "model": "fine"})
        job = shop.claimed(fine, replace(RIVAL, settings={"strength": 5, "model": "fine"}))
        shop.run(job)
        [request] = shop.backup.requests
        assert request.deadline.remaining(time.monotonic()) == pytest.approx(job.seconds_left - 3, abs=1)

    def test_a_provider_that_hangs_is_left_for_the_next(self, shop: Workshop) -> None:
        shop.backup.acts = [lasts(60, gives(shot()))]
        job = shop.claimed(BACKUP, LOCAL, window_seconds=TENTH)
        shop.run(job)
        assert shop.view_of(job).provider == "local"
        assert faults_of(shop, job) == ["hang", None]


class TestContentBlocks:
    def test_the_chain_stops_where_the_slot_says_nothing(self, shop: Workshop) -> None:
        shop.backup.acts = [raises(fault(FaultKind.CONTENT_BLOCKED))]
        job = shop.claimed(BACKUP, LOCAL)
        shop.run(job)
        assert shop.local.requests == []
        assert shop.failure_of(job).detail["content_blocked"] is True

    def test_another_provider_is_asked_where_the_slot_allows_it_but_never_the_same(self, shop: Workshop) -> None:
        shop.backup.acts = [raises(fault(FaultKind.CONTENT_BLOCKED))]
        other_model = replace(BACKUP, settings={"strength": 5, "model": "fine"})
        job = shop.claimed(BACKUP, other_model, RIVAL, policy=Policy(content_blocked="next"))
        shop.run(job)
        assert len(shop.backup.requests) == 1
        assert shop.view_of(job).provider == "rival"


class TestWhatIsSent:
    def test_only_what_the_model_knows(self, shop: Workshop) -> None:
        given = {"strength": 5, "size": "4K"}
        shop.run(shop.claimed(Step("backup", "image_edit", {**given, "model": "fast"})))
        shop.run(shop.claimed(Step("backup", "image_edit", {**given, "model": "fine"})))
        fast, fine = shop.backup.requests
        assert (fast.model, fast.settings) == ("fast", {"strength": 5})
        assert (fine.model, fine.settings) == ("fine", given)

    def test_prompts_take_what_the_booth_sent(self, shop: Workshop) -> None:
        shop.run(shop.claimed(Step("backup", "image_edit", {"prompt": "{qr1} as a {role} pirate"})))
        [request] = shop.backup.requests
        assert request.settings["prompt"] == "guest as a  pirate"


class TestMoney:
    def test_each_attempt_is_logged_with_its_price_and_the_job_with_the_sum(self, shop: Workshop) -> None:
        shop.backup.acts = [raises(fault(FaultKind.CONNECTION_LOST, may_have_cost=True)), gives(shot())]
        job = shop.claimed(BACKUP)
        shop.run(job)
        assert shop.view_of(job).cost_usd == 2 * FAST.price_usd
        assert shop.view_of(job).model == "fast"

    def test_what_the_provider_counted_itself_is_the_cost(self, shop: Workshop) -> None:
        shop.backup.acts = [gives(ProviderAnswer(shot(), "req-1", Decimal("0.0387")))]
        job = shop.claimed(BACKUP)
        shop.run(job)
        assert shop.view_of(job).cost_usd == Decimal("0.0387")
        [attempt] = [e for e in shop.stores.jobs.timeline(job.id) if e.event == "attempt"]
        logged = {name: attempt.detail[name] for name in ("request_id", "model", "http_status")}
        assert logged == {"request_id": "req-1", "model": "fast", "http_status": 200}

    def test_a_step_above_the_photos_price_cap_is_left_out(self, shop: Workshop) -> None:
        fine = replace(BACKUP, settings={"strength": 5, "model": "fine"})
        job = shop.claimed(fine, RIVAL, policy=Policy(price_cap_usd=float(FINE.price_usd) - 0.01))
        shop.run(job)
        assert shop.backup.requests == []
        assert shop.view_of(job).provider == "rival"

    def test_a_spent_budget_of_the_slot_leaves_the_step_that_costs_nothing(self, shop: Workshop) -> None:
        policy = Policy(daily_budget_usd=0.05)
        first, second = (shop.claimed(BACKUP, LOCAL, policy=policy) for _ in range(2))
        shop.run(first)
        shop.run(second)
        assert [shop.view_of(job).provider for job in (first, second)] == ["backup", "local"]
        assert faults_of(shop, second) == ["limit_reached", None]


class TestBreakers:
    def test_a_paused_provider_is_passed_over(self, shop: Workshop) -> None:
        shop.backup.acts = [raises(fault(FaultKind.KEY_REFUSED))]
        shop.run(shop.claimed(BACKUP, LOCAL))
        job = shop.claimed(BACKUP, LOCAL)
        shop.run(job)
        assert len(shop.backup.requests) == 1
        assert faults_of(shop, job) == ["paused", None]

    def test_when_all_are_paused_one_call_finds_out(self, shop: Workshop) -> None:
        shop.backup.acts = [raises(fault(FaultKind.KEY_REFUSED)), gives(shot())]
        shop.run(shop.claimed(BACKUP))
        job = shop.claimed(BACKUP)
        shop.run(job)
        assert shop.view_of(job).result is not None

    def test_one_call_finds_out_also_where_another_step_cannot_be_paid(self, shop: Workshop) -> None:
        shop.backup.acts = [raises(fault(FaultKind.KEY_REFUSED)), gives(shot())]
        shop.run(shop.claimed(BACKUP))
        dear = replace(RIVAL, settings={"strength": 5, "model": "fine"})
        job = shop.claimed(BACKUP, dear, policy=Policy(price_cap_usd=0.05))
        shop.run(job)
        assert faults_of(shop, job) == ["paused", "limit_reached", None]

    def test_a_job_that_no_provider_was_asked_for_says_unavailable(self, shop: Workshop) -> None:
        shop.backup.acts = [raises(fault(FaultKind.QUOTA_EXHAUSTED))]
        shop.run(shop.claimed(BACKUP))
        job = shop.claimed(BACKUP)
        shop.run(job)
        assert len(shop.backup.requests) == 1, "an exhausted quota is no matter of luck"
        assert shop.failure_of(job).detail["code"] == "provider_unavailable"

    def test_without_a_database_a_shot_is_not_held_up(self, shop: Workshop) -> None:
        shop.gate.is_away = True
        job = shop.claimed(BACKUP)
        shop.run(job)
        assert shop.view_of(job).result is not None


class TestOutput:
    def test_a_qr_code_leads_to_the_guests_page(self, shop: Workshop) -> None:
        plain, printed = shop.claimed(), shop.claimed(output=Output(qr_corner="bottom_right"))
        shop.local.acts = [gives(shot(900, 600))]
        shop.run(plain)
        shop.run(printed)
        assert shop.view_of(plain).result != shop.view_of(printed).result

    def test_an_overlay_that_is_gone_costs_no_photo(self, shop: Workshop) -> None:
        job = shop.claimed(output=Output(overlay="00000000-0000-0000-0000-000000000001"))
        shop.run(job)
        assert shop.view_of(job).result is not None
