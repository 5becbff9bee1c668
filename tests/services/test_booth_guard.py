"""The booths' password: checked on every shot, its slow hash paid once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.domain.errors import Reason, Refused
from app.ports.settings import INGEST_PASSWORD_KEY
from app.services.access import IngestGuard
from tests.services.house import House

PASSWORD = "booths-only-77"


class Gate(House):
    """A house whose guard knows PASSWORD and allows three wrong ones in five minutes."""

    def __init__(self) -> None:
        super().__init__()
        self.set_password(PASSWORD)
        self.guard = IngestGuard(
            settings=self.stores.settings,
            hasher=self.hasher,
            throttle=self.stores.throttle_of(limit=3, window_seconds=300),
        )

    def set_password(self, password: str) -> None:
        self.stores.settings.put(INGEST_PASSWORD_KEY, {"hash": self.hasher.hash(password)}, "serg")

    def admit(self, password: str = PASSWORD, *, slot_id: str = "slot-001", client: str = "10.0.0.7") -> None:
        self.guard.check(slot_id, client, password)

    def refusal(self, password: str, **request: str) -> Refused:
        with pytest.raises(Refused) as raised:
            self.admit(password, **request)
        return raised.value


@pytest.fixture
def gate() -> Gate:
    return Gate()


def test_the_right_password_costs_one_slow_hash_for_the_whole_event(gate: Gate) -> None:
    for number in range(50):
        gate.admit(slot_id=f"slot-{number % 15:03}")
    assert gate.hasher.verified == [PASSWORD]


def test_shots_that_come_together_pay_once_too(gate: Gate) -> None:
    start = threading.Barrier(8)

    def admit(_: int) -> None:
        start.wait()
        gate.admit()

    with ThreadPoolExecutor(8) as booths:
        list(booths.map(admit, range(8)))
    assert gate.hasher.verified == [PASSWORD]


def test_once_the_right_one_is_known_wrong_ones_cost_none(gate: Gate) -> None:
    gate.admit()
    assert gate.refusal("guess").reason is Reason.INVALID_PASSWORD
    assert gate.hasher.verified == [PASSWORD]


def test_a_wrong_one_at_first_is_not_remembered_as_right(gate: Gate) -> None:
    gate.refusal("guess")
    assert gate.refusal("guess").reason is Reason.INVALID_PASSWORD
    gate.admit()


@pytest.mark.parametrize("wrong", ["", " ", PASSWORD.upper(), f"{PASSWORD} ", "пароль", "\ud800", "\x00", "p" * 10_000])
def test_whatever_is_sent_is_wrong_or_right_and_never_an_error(gate: Gate, wrong: str) -> None:
    assert gate.refusal(wrong).reason is Reason.INVALID_PASSWORD
    gate.admit()
    assert gate.refusal(wrong).reason is Reason.INVALID_PASSWORD


def test_a_password_of_any_alphabet_serves(gate: Gate) -> None:
    gate.set_password("фотобудка-🎄")
    gate.admit("фотобудка-🎄")
    gate.admit("фотобудка-🎄")
    assert gate.refusal("фотобудка-🎅").reason is Reason.INVALID_PASSWORD


def test_a_new_password_rules_from_the_next_shot_on(gate: Gate) -> None:
    gate.admit()
    gate.set_password("tonight-88")
    gate.admit("tonight-88")
    assert gate.refusal(PASSWORD).reason is Reason.INVALID_PASSWORD


def test_without_any_password_nobody_comes_in(gate: Gate) -> None:
    gate.database.table("app_settings").clear()
    assert gate.refusal("").reason is Reason.INVALID_PASSWORD
    assert gate.hasher.verified == []


class TestThrottling:
    def test_after_too_many_wrong_ones_even_the_right_one_waits(self, gate: Gate) -> None:
        for _ in range(3):
            gate.refusal("guess")
        refusal = gate.refusal(PASSWORD)
        assert refusal.reason is Reason.TOO_MANY_ATTEMPTS
        assert refusal.retry_after == pytest.approx(300, abs=2)
        assert gate.hasher.verified == ["guess"] * 3
        gate.stores.pass_time(301)
        gate.admit()

    def test_one_booths_mistakes_do_not_stop_others_or_other_slots(self, gate: Gate) -> None:
        for _ in range(3):
            gate.refusal("guess")
        gate.admit(client="10.0.0.8")
        gate.admit(slot_id="slot-002")

    def test_right_shots_count_for_nothing(self, gate: Gate) -> None:
        for _ in range(20):
            gate.admit()
        gate.refusal("guess")
        gate.admit()
