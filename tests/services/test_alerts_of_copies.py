"""What administrators are told of copies: that nobody said where to, that they wait, that they came too late."""

from uuid import UUID

import pytest

from app.domain.alerts import Alert, Lack, Severity, Trouble
from app.domain.copies import Destination
from app.domain.slot import Keeping
from tests.services.house import LOCAL, shot
from tests.services.studio import Studio

MINUTE = 60.0
RETENTION = 72 * 3600.0
COPIED = Keeping(copies=True)


@pytest.fixture
def studio() -> Studio:
    """All is well, and slot-001 has its photos copied."""
    studio = Studio()
    studio.up_seconds = 3600.0
    studio.works_well()
    studio.destination.saved = Destination("/mnt/studio")
    studio.set_up("slot-001", LOCAL, keeping=COPIED)
    return studio


def only(studio: Studio) -> Alert:
    [alert] = studio.service.active()
    return alert


def finish(studio: Studio) -> UUID:
    return studio.succeed(studio.claimed(keeping=COPIED), shot())


def fail(studio: Studio, error: str) -> None:
    order = studio.stores.copies.take(120)
    assert order is not None
    studio.stores.copies.failed(order, error, 5)


def pass_time(studio: Studio, seconds: float) -> None:
    """Everything but copying goes on."""
    studio.database.pass_time(seconds)
    studio.works_well()


class TestWithoutStorage:
    def test_it_is_missed_before_the_first_photo(self, studio: Studio) -> None:
        studio.destination.saved = None
        alert = only(studio)
        assert (alert.kind, alert.severity) == (Lack.COPY_STORAGE, Severity.BAD)
        assert [slot.id for slot in alert.slots] == ["slot-001"]

    def test_nobody_misses_it_who_wants_no_copies(self, studio: Studio) -> None:
        studio.destination.saved = None
        studio.set_up("slot-001", LOCAL, keeping=Keeping())
        studio.set_up("slot-002", LOCAL, keeping=COPIED, is_active=False)
        assert studio.service.active() == []

    def test_that_photos_wait_is_not_told_beside_it(self, studio: Studio) -> None:
        finish(studio)
        studio.destination.saved = None
        pass_time(studio, 6 * MINUTE)
        assert only(studio).kind is Lack.COPY_STORAGE

    def test_but_is_when_the_slot_wants_none_any_more(self, studio: Studio) -> None:
        finish(studio)
        studio.destination.saved = None
        studio.set_up("slot-001", LOCAL, keeping=Keeping())
        pass_time(studio, 6 * MINUTE)
        assert only(studio).kind is Trouble.COPIES_FAILING


class TestWaiting:
    def test_for_minutes_is_told_with_why_and_since_when(self, studio: Studio) -> None:
        finish(studio)
        fail(studio, "no space left on device")
        pass_time(studio, 4 * MINUTE)
        assert studio.service.active() == []
        pass_time(studio, 2 * MINUTE)
        alert = only(studio)
        assert (alert.kind, alert.severity) == (Trouble.COPIES_FAILING, Severity.WARNING)
        assert (alert.message, [slot.id for slot in alert.slots]) == ("no space left on device", ["slot-001"])
        assert alert.since is not None
        assert (studio.database.now() - alert.since).total_seconds() == pytest.approx(6 * MINUTE, abs=5)

    def test_also_where_nobody_has_even_tried(self, studio: Studio) -> None:
        """The process that copies may be gone, or hang on a disk."""
        finish(studio)
        pass_time(studio, 6 * MINUTE)
        assert (only(studio).kind, only(studio).message) == (Trouble.COPIES_FAILING, "")

    def test_a_hidden_photo_is_not(self, studio: Studio) -> None:
        studio.stores.photos.hide([finish(studio)])
        pass_time(studio, 6 * MINUTE)
        assert studio.service.active() == []

    def test_it_is_over_when_the_last_one_is_copied(self, studio: Studio) -> None:
        finish(studio)
        pass_time(studio, 6 * MINUTE)
        order = studio.stores.copies.take(120)
        assert order is not None
        studio.stores.copies.copied(order)
        assert studio.service.active() == []


class TestLost:
    def test_photos_are_told_for_a_day(self, studio: Studio) -> None:
        finish(studio)
        fail(studio, "no space left on device")
        pass_time(studio, RETENTION + 1)
        assert studio.stores.copies.close() == 1
        alert = only(studio)
        assert (alert.kind, alert.severity, alert.message) == (
            Trouble.COPIES_LOST,
            Severity.BAD,
            "no space left on device",
        )
        assert [slot.id for slot in alert.slots] == ["slot-001"]
        pass_time(studio, 24 * 60 * MINUTE)
        assert studio.service.active() == []

    def test_what_an_administrator_withdrew_is_not_missed(self, studio: Studio) -> None:
        studio.stores.photos.delete([finish(studio)])
        pass_time(studio, RETENTION + 1)
        studio.stores.copies.close()
        assert studio.service.active() == []
