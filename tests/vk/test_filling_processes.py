"""Albums are filled by processes that race, and that are killed at every step: each photo comes to its album once."""

from pathlib import Path

import pytest

from app.adapters.files import open_media_store
from app.services.vk.filling import HOLD_SECONDS, LOOK_AFTER_SECONDS
from tests.support.fakes.vk.fake import FakeVk
from tests.support.postgres_stores import PostgresStores
from tests.vk.filling_house import FillingHouse
from tests.vk.filling_processes import DEATHS, fill_and_die, fill_together
from tests.vk.tracker_processes import Death, Place


@pytest.fixture
def house(vk: FakeVk, shared_postgres: PostgresStores, tmp_path: Path) -> FillingHouse:
    shared_postgres.reset()
    return FillingHouse(vk, shared_postgres, open_media_store(str(tmp_path), {}))


@pytest.fixture
def place(house: FillingHouse, tmp_path: Path) -> Place:
    url = house.stores.database.engine.url.render_as_string(hide_password=False)  # type: ignore[union-attr]
    return Place(url, house.vk.url, str(tmp_path))


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
