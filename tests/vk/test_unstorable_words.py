"""Words of VK's that no database takes hold up nothing: neither a refresh, nor an upload, nor a look at an album."""

import pytest

from app.services.vk.filling import LOOK_AFTER_SECONDS
from tests.pictures import jpeg
from tests.support.fakes.vk import troubles
from tests.support.fakes.vk.fake import GROUP_ID, FakeVk, of_method
from tests.support.postgres_stores import PostgresStores
from tests.vk.filling_house import FillingHouse

WORDS = "Гости\x00 \ud800и друзья"


@pytest.fixture
def house(vk: FakeVk, shared_postgres: PostgresStores) -> FillingHouse:
    shared_postgres.reset()
    return FillingHouse(vk, shared_postgres)


def test_an_album_with_such_a_caption_is_read(house: FillingHouse, vk: FakeVk) -> None:
    album = house.album_in_vk()
    [photo] = vk.add_photos(album, 1)
    photo.text = WORDS
    [found] = house.media.refresh_photos(house.project, album.id).items
    assert (found.photo_id, found.text) == (photo.id, "Гости и друзья")


def test_an_upload_that_is_told_so_is_told_as_done(house: FillingHouse, vk: FakeVk) -> None:
    album = vk.add_album(WORDS, GROUP_ID)
    house.media.refresh_albums(house.project)
    caption = WORDS.replace("\ud800", "")
    [photo] = house.media.upload_photo_to_album(house.project, album.id, [jpeg(90, 60)], "serg", caption=caption)
    assert (photo.text, house.photos_of(album.id)) == ("Гости и друзья", [photo.photo_id])


def test_photos_are_found_beside_it(house: FillingHouse, vk: FakeVk) -> None:
    [foreign] = vk.add_photos(house.album_in_vk(house.today()), 1)
    foreign.text = WORDS
    photos = house.photos(2)
    vk.misbehave(troubles.does_then_drops(), on=of_method("photos.save"))
    house.fill()
    house.pass_time(LOOK_AFTER_SECONDS + 1)
    house.fill()
    assert None not in [house.known(photo) for photo in photos]
    assert len(vk.asked("photos.save")) == 1
