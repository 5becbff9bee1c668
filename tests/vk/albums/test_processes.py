"""Albums are filled by processes that race, and that are killed at every step: each photo comes to its album once."""

import pytest

from app.services.vk.filling import HOLD_SECONDS, LOOK_AFTER_SECONDS
from tests.support.fakes.vk.fake import FakeVk
from tests.vk.filling_house import FillingHouse
from tests.vk.filling_processes import DEATHS, fill_and_die, fill_together
from tests.vk.tracker_processes import Death, Ground, Place


@pytest.fixture
def house(vk: FakeVk, ground: Ground) -> FillingHouse:
    return FillingHouse(vk, ground.stores, ground.files)


def test_several_make_one_album_and_send_each_photo_once(house: FillingHouse, place: Place) -> None:
    house.photos(12)
    fill_together(place, 3)
    assert len(house.albums()) == 1
    assert sorted(house.widths()) == house.wanted()


@pytest.mark.parametrize("death", DEATHS, ids=str)
def test_who_is_killed_is_replaced(house: FillingHouse, place: Place, death: Death) -> None:
    house.photos(3)
    fill_and_die(place, death)
    house.pass_time(HOLD_SECONDS + 1)
    house.fill()
    house.pass_time(LOOK_AFTER_SECONDS + 1)
    house.fill()
    assert len(house.albums()) == 1
    assert house.widths() == house.wanted()
    assert (house.tally().sent, house.tally().waiting) == (3, 0)
