"""The booths' password: checked on every shot, its slow hash paid once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.domain.errors import Reason, Refused
from app.ports.settings import INGEST_PASSWORD_KEY, PREVIOUS_PASSWORD_KEY, PREVIOUS_USE_KEY, Setting
from app.services.access.booths import WRONG_FOR_SLOT_FROM_PLACE, WRONG_FROM_NETWORK, IngestGuard
from tests.services.house import House

PASSWORD = "booths-only-77"


class Gate(House):
    """A house whose guard knows PASSWORD."""

    def __init__(self) -> None:
        super().__init__()
        self.set_password(PASSWORD)
        self.guard = IngestGuard(
            settings=self.stores.settings,
            hasher=self.hasher,
            throttle=self.stores.throttle_of(window_seconds=300),
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


def test_the_same_wrong_one_costs_one_however_often_it_comes(gate: Gate) -> None:
    for number in range(30):
        gate.refusal("of another house", slot_id=f"slot-{number % 15:03}")
    assert gate.hasher.verified == ["of another house"]
    gate.admit()


def test_a_wrong_one_can_become_right(gate: Gate) -> None:
    gate.refusal("tonight-88")
    gate.set_password("tonight-88")
    gate.admit("tonight-88")


def test_what_was_found_wrong_does_not_fill_the_memory(gate: Gate) -> None:
    for number in range(1100):
        gate.refusal(f"guess-{number}", client=f"10.0.{number // 5}.1")
    gate.refusal("guess-1099", client="10.1.0.1")
    gate.refusal("guess-0", client="10.1.0.1")
    assert gate.hasher.verified[1100:] == ["guess-0"]


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


class TestAPreviousPassword:
    @pytest.fixture
    def rotated(self, gate: Gate) -> Gate:
        """The password was changed an hour ago, and the one before it is valid for a day."""
        before = gate.stores.settings.get(INGEST_PASSWORD_KEY)
        assert before is not None
        gate.stores.settings.put(PREVIOUS_PASSWORD_KEY, [{**before.value, "seconds": 24 * 3600}], "serg")
        gate.set_password("tonight-88")
        gate.stores.pass_time(3600)
        return gate

    def last_use(self, gate: Gate) -> Setting | None:
        return gate.stores.settings.get(PREVIOUS_USE_KEY)

    def test_is_accepted_beside_the_new_one_until_its_time_is_over(self, rotated: Gate) -> None:
        rotated.admit(PASSWORD)
        rotated.admit("tonight-88")
        rotated.stores.pass_time(23 * 3600 + 1)
        assert rotated.refusal(PASSWORD).reason is Reason.INVALID_PASSWORD
        rotated.admit("tonight-88")

    def test_costs_one_slow_hash_of_each_for_the_whole_event(self, rotated: Gate) -> None:
        rotated.admit("tonight-88")
        for _ in range(20):
            rotated.admit(PASSWORD)
            rotated.admit("tonight-88")
        assert rotated.hasher.verified == ["tonight-88", PASSWORD]

    def test_costs_none_while_no_booth_has_the_new_one_yet(self, gate: Gate) -> None:
        gate.admit()
        before = gate.stores.settings.get(INGEST_PASSWORD_KEY)
        assert before is not None
        gate.stores.settings.put(PREVIOUS_PASSWORD_KEY, [{**before.value, "seconds": 3600}], "serg")
        gate.set_password("tonight-88")
        for number in range(30):
            gate.admit(slot_id=f"slot-{number % 15:03}")
        assert gate.hasher.verified == [PASSWORD]

    def test_costs_two_after_a_restart(self, rotated: Gate) -> None:
        with ThreadPoolExecutor(8) as booths:
            list(booths.map(lambda _: rotated.admit(PASSWORD), range(30)))
        assert rotated.hasher.verified == [PASSWORD] * 2, "it is not the new one, and it is the old one"

    def test_does_not_make_guesses_dear(self, rotated: Gate) -> None:
        rotated.admit("tonight-88")
        rotated.admit(PASSWORD)
        rotated.refusal("guess")
        assert rotated.hasher.verified == ["tonight-88", PASSWORD]

    def test_says_which_booth_still_has_it(self, rotated: Gate) -> None:
        rotated.admit("tonight-88")
        assert self.last_use(rotated) is None
        rotated.admit(PASSWORD, slot_id="slot-003", client="10.0.0.9")
        used = self.last_use(rotated)
        assert used is not None
        assert used.value == {"slot_id": "slot-003", "client": "10.0.0.9"}

    def test_is_noted_without_a_write_for_each_shot(self, rotated: Gate) -> None:
        rotated.admit(PASSWORD, slot_id="slot-003")
        rotated.admit(PASSWORD, slot_id="slot-004")
        used = self.last_use(rotated)
        assert used is not None
        assert used.value["slot_id"] == "slot-003"

    def test_lets_nobody_in_once_all_passwords_are_removed(self, rotated: Gate) -> None:
        rotated.stores.settings.put(INGEST_PASSWORD_KEY, None, "serg")
        assert rotated.refusal(PASSWORD).reason is Reason.INVALID_PASSWORD


class TestThrottling:
    def guess(self, gate: Gate, times: int = WRONG_FOR_SLOT_FROM_PLACE, **request: str) -> None:
        for _ in range(times):
            assert gate.refusal("guess", **request).reason is Reason.INVALID_PASSWORD

    def test_after_too_many_wrong_ones_even_the_right_one_waits(self, gate: Gate) -> None:
        self.guess(gate)
        refusal = gate.refusal(PASSWORD)
        assert refusal.reason is Reason.TOO_MANY_ATTEMPTS
        assert refusal.retry_after == pytest.approx(300, abs=2)
        assert gate.hasher.verified == ["guess"]
        gate.stores.pass_time(301)
        gate.admit()

    def test_another_address_of_the_same_device_helps_nobody(self, gate: Gate) -> None:
        for number in range(WRONG_FOR_SLOT_FROM_PLACE):
            self.guess(gate, 1, client=f"2001:db8::{number:x}")
        assert gate.refusal(PASSWORD, client="2001:db8::beef").reason is Reason.TOO_MANY_ATTEMPTS

    def test_a_booth_with_a_wrong_password_does_not_stop_its_neighbour(self, gate: Gate) -> None:
        self.guess(gate, client="192.168.1.20")
        gate.admit(client="192.168.1.21")

    def test_going_from_slot_to_slot_is_stopped_for_the_network(self, gate: Gate) -> None:
        for number in range(WRONG_FROM_NETWORK):
            self.guess(gate, 1, slot_id=f"slot-{number % 15:03}")
        assert gate.refusal(PASSWORD, slot_id="slot-099").reason is Reason.TOO_MANY_ATTEMPTS
        gate.admit(client="10.0.1.7")

    def test_one_venues_mistakes_do_not_stop_others_or_other_slots(self, gate: Gate) -> None:
        self.guess(gate)
        gate.admit(client="10.0.1.8")
        gate.admit(slot_id="slot-002")

    def test_right_shots_count_for_nothing(self, gate: Gate) -> None:
        for _ in range(20):
            gate.admit()
        gate.refusal("guess")
        gate.admit()
