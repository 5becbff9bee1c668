"""A new ingest password does not send the booths of a running event away."""

from datetime import timedelta

import pytest

from app.domain.errors import Reason, Refused
from app.services.access.booths import IngestGuard
from app.services.settings.rotation import Rotation
from tests.services.office import Office

FIRST, SECOND, THIRD = "booths-only-77", "tonight-88", "tomorrow-99"


class Doorway(Office):
    """A house whose password is FIRST, and a booth in front of it."""

    def __init__(self) -> None:
        super().__init__()
        self.guard = IngestGuard(
            settings=self.stores.settings,
            hasher=self.hasher,
            throttle=self.stores.throttle_of(window_seconds=300),
        )
        self.settings.change({"ingest_password": FIRST}, "serg")

    def rotate(self, password: str | None = SECOND, **changes: object) -> None:
        self.settings.change({"ingest_password": password, **changes}, "serg")

    def end(self, hours: int = 0) -> None:
        self.settings.change({"ingest_password_grace_hours": hours}, "igor")

    def valid(self) -> list[str]:
        return [password for password in (FIRST, SECOND, THIRD) if self.admits(password)]

    def admits(self, password: str) -> bool:
        try:
            self.guard.check("slot-003", "10.0.0.9", password)
        except Refused as refused:
            return refused.reason is not Reason.INVALID_PASSWORD
        return True

    def rotation(self) -> Rotation:
        found = self.settings.rotation()
        assert found is not None
        return found


@pytest.fixture
def doorway() -> Doorway:
    return Doorway()


def test_the_first_password_replaces_nothing(doorway: Doorway) -> None:
    assert doorway.settings.rotation() is None
    assert doorway.valid() == [FIRST]


def test_the_old_one_stays_valid_for_a_day_unless_told_otherwise(doorway: Doorway) -> None:
    doorway.rotate()
    assert doorway.rotation().left == pytest.approx(timedelta(hours=24), abs=timedelta(seconds=5))
    assert doorway.valid() == [FIRST, SECOND]
    doorway.stores.pass_time(24 * 3600 + 1)
    assert doorway.settings.rotation() is None
    assert doorway.valid() == [SECOND]


@pytest.mark.parametrize(("hours", "valid_later"), [(0, []), (1, []), (168, [FIRST])])
def test_for_how_long_is_chosen_with_the_change(doorway: Doorway, hours: int, valid_later: list[str]) -> None:
    doorway.rotate(ingest_password_grace_hours=hours)
    doorway.stores.pass_time(2 * 3600)
    assert doorway.valid() == [*valid_later, SECOND]


def test_who_corrects_the_new_one_keeps_the_one_that_booths_have(doorway: Doorway) -> None:
    doorway.rotate(SECOND)
    doorway.rotate(THIRD)
    assert doorway.valid() == [FIRST, SECOND, THIRD]


def test_each_old_one_ends_in_its_own_time(doorway: Doorway) -> None:
    doorway.rotate(SECOND, ingest_password_grace_hours=2)
    doorway.stores.pass_time(3600)
    doorway.rotate(THIRD, ingest_password_grace_hours=48)
    assert doorway.rotation().left == pytest.approx(timedelta(hours=48), abs=timedelta(seconds=5))
    doorway.stores.pass_time(3601)
    assert doorway.valid() == [SECOND, THIRD]


@pytest.mark.parametrize(("hours", "valid_later"), [(0, []), (1, []), (4, [FIRST, SECOND])])
def test_no_old_one_outlives_what_was_chosen_last(doorway: Doorway, hours: int, valid_later: list[str]) -> None:
    doorway.rotate(SECOND, ingest_password_grace_hours=168)
    doorway.rotate(THIRD, ingest_password_grace_hours=hours)
    doorway.stores.pass_time(2 * 3600)
    assert doorway.valid() == [*valid_later, THIRD]


def test_ending_the_grace_ends_it_for_all(doorway: Doorway) -> None:
    doorway.rotate(SECOND)
    doorway.rotate(THIRD)
    doorway.end()
    assert doorway.settings.rotation() is None
    assert doorway.valid() == [THIRD]


def test_three_old_ones_are_kept(doorway: Doorway) -> None:
    for password in ("tonight-1", SECOND, "tonight-2", THIRD):
        doorway.rotate(password)
    assert doorway.valid() == [SECOND, THIRD]
    assert doorway.admits("tonight-1")
    assert doorway.admits("tonight-2")


def test_the_time_of_grace_can_be_ended(doorway: Doorway) -> None:
    doorway.rotate()
    changed = doorway.settings.read()["ingest_password"]
    doorway.end()
    assert doorway.settings.rotation() is None
    assert doorway.valid() == [SECOND]
    assert doorway.settings.read()["ingest_password"] == changed, "who set the password and when stays known"


def test_the_time_of_grace_can_be_prolonged_while_it_lasts(doorway: Doorway) -> None:
    doorway.rotate(ingest_password_grace_hours=1)
    doorway.end(hours=48)
    doorway.stores.pass_time(47 * 3600)
    assert doorway.valid() == [FIRST, SECOND]
    doorway.stores.pass_time(3601)
    doorway.end(hours=48)
    assert doorway.valid() == [SECOND]


def test_it_is_known_whether_booths_still_have_the_old_one(doorway: Doorway) -> None:
    doorway.rotate()
    assert doorway.rotation().last_used_at is None
    doorway.admits(SECOND)
    assert doorway.rotation().last_used_at is None
    doorway.admits(FIRST)
    rotation = doorway.rotation()
    assert rotation.last_used_at is not None
    assert (rotation.last_slot_id, rotation.last_client) == ("slot-003", "10.0.0.9")


def test_the_next_change_starts_asking_anew(doorway: Doorway) -> None:
    doorway.rotate(SECOND)
    doorway.admits(FIRST)
    doorway.rotate(THIRD)
    assert doorway.rotation().last_used_at is None


def test_removing_the_password_shuts_every_booth_out_at_once(doorway: Doorway) -> None:
    doorway.rotate()
    doorway.rotate(None)
    view = doorway.settings.read()["ingest_password"]
    assert doorway.valid() == []
    assert (view.is_set, view.updated_by) == (False, "serg")


def test_after_a_removal_a_new_password_replaces_nothing(doorway: Doorway) -> None:
    doorway.rotate(None)
    doorway.rotate(SECOND)
    assert doorway.settings.rotation() is None
    assert doorway.valid() == [SECOND]


@pytest.mark.parametrize("hours", [-1, 169, 1.5, "24", None, True])
def test_a_week_is_the_longest(doorway: Doorway, hours: object) -> None:
    with pytest.raises(Refused) as raised:
        doorway.rotate(ingest_password_grace_hours=hours)
    problem = {"code": "out_of_range", "minimum": 0, "maximum": 168}
    assert raised.value.details["fields"] == {"ingest_password_grace_hours": problem}
    assert doorway.valid() == [FIRST]


def test_the_record_says_for_how_long(doorway: Doorway) -> None:
    doorway.rotate(ingest_password_grace_hours=1)
    doorway.end()
    [ended, rotated, _], _ = doorway.stores.audit.search(page=1, page_size=10)
    assert rotated.detail == {"ingest_password": "set", "ingest_password_grace_hours": 1}
    assert (ended.username, ended.detail) == ("igor", {"ingest_password_grace_hours": 0})
