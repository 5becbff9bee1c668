"""The first-run guide ends with the first photo of a real booth, and then costs nothing."""

from dataclasses import replace

import pytest

from app.domain.guide import Progress
from app.ports.guide import GUIDE_HIDDEN_KEY
from app.services.guide import GuideService
from tests.factories import new_job
from tests.services.house import House
from tests.support.booths import of_computer

BOOTH = of_computer("DESKTOP-K968T3F")


@pytest.fixture
def guide(house: House) -> GuideService:
    return guide_of(house)


def guide_of(house: House) -> GuideService:
    """Of another process of the same installation."""
    stores = house.stores
    return GuideService(
        reader=stores.progress, settings=stores.settings, audit=stores.audit, transaction=stores.transaction
    )


def serve_a_booth(house: House) -> None:
    house.queue.enqueue(replace(new_job(), booth_fields=BOOTH))
    [job] = house.queue.claim("worker", 1)
    house.succeed(job, b"picture")


def test_it_begins_with_nothing_done(guide: GuideService) -> None:
    assert guide.progress() == Progress()


def test_it_ends_with_the_first_photo_of_a_booth_in_every_process(house: House, guide: GuideService) -> None:
    other = guide_of(house)
    serve_a_booth(house)
    assert guide.progress().is_over
    assert other.progress().is_over


def test_it_never_comes_back_even_when_that_photo_is_forgotten(house: House, guide: GuideService) -> None:
    serve_a_booth(house)
    guide.progress()
    with house.stores.transaction():
        house.database.table("job").clear()
    assert guide.progress().is_over
    assert guide_of(house).progress().is_over


def test_once_it_is_over_nothing_is_asked(house: House, guide: GuideService) -> None:
    serve_a_booth(house)
    guide.progress()
    house.database.go_away()
    assert guide.progress() == Progress(slot_was_changed=True, photo_came_out=True, is_over=True)


def test_hiding_counts_for_everybody_and_is_written_down(house: House, guide: GuideService) -> None:
    guide.hide(True, "serg")
    assert guide_of(house).progress().is_hidden
    guide.hide(False, "igor")
    assert not guide.progress().is_hidden
    changes, _ = house.stores.audit.search(subject=GUIDE_HIDDEN_KEY, page=1, page_size=10)
    assert [(c.username, c.action, c.detail) for c in changes] == [
        ("igor", "settings.changed", {"old": True, "new": False}),
        ("serg", "settings.changed", {"old": False, "new": True}),
    ]
