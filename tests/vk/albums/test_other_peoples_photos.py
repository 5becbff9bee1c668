"""People fill albums, too: what they upload is not taken for photos of ours whose upload nobody answered."""

from collections.abc import Callable
from uuid import UUID

import pytest

from app.services.vk.filling import LOOK_AFTER_SECONDS
from tests import pictures
from tests.support.fakes import server
from tests.support.fakes.vk import troubles
from tests.support.fakes.vk.fake import of_method
from tests.vk.filling_house import FillingHouse

SAVE = of_method("photos.save")
SIZES = [(1536, 1024), (1536, 1024), (1024, 1536)]
THREE_TO_TWO = (3000, 2000)
FOREIGN = pictures.jpeg(300, 200, image=pictures.party(300, 200).rotate(180))

Upload = Callable[[], object]


@pytest.fixture
def begun(house: FillingHouse) -> FillingHouse:
    """With an album of today that has been there for a while."""
    house.photos(1)
    house.fill()
    house.pass_time(600)
    return house


def lose(house: FillingHouse, trouble: object, meanwhile: Upload) -> list[UUID]:
    """Three photos whose saving nobody answers; then the album is looked at."""
    house.vk.misbehave(trouble, on=SAVE)  # type: ignore[arg-type]  # a behaviour
    photos = [house.photo(size=size) for size in SIZES]
    house.pass_time(30)
    house.fill()
    meanwhile()
    house.pass_time(LOOK_AFTER_SECONDS + 1)
    house.fill()
    return photos


def by_hand(house: FillingHouse, number: int = 3) -> Upload:
    """As a photographer uploads them in VK."""
    return lambda: house.vk.add_photos(next(iter(house.vk.world.albums.values())), number, THREE_TO_TWO, FOREIGN)


def sizes(house: FillingHouse, photos: list[UUID]) -> list[tuple[int, int]]:
    """Of those photos in VK that we take for ours."""
    found = {photo.id: photo for photo in house.vk.world.photos.values()}
    return [(found[house.known(photo) or 0].width, found[house.known(photo) or 0].height) for photo in photos]


class TestNotSaved:
    def test_those_that_came_just_before_are_not_ours(self, begun: FillingHouse) -> None:
        by_hand(begun)()
        assert sizes(begun, lose(begun, troubles.drops(), lambda: None)) == SIZES

    def test_nor_those_that_come_before_the_look(self, begun: FillingHouse) -> None:
        assert sizes(begun, lose(begun, troubles.drops(), by_hand(begun))) == SIZES

    def test_nor_those_that_an_administrator_uploads_here(self, begun: FillingHouse) -> None:
        [album] = begun.vk.world.albums.values()

        def upload() -> None:
            begun.media.upload_photo_to_album(begun.project, album.id, [FOREIGN] * 3, "serg")

        assert sizes(begun, lose(begun, troubles.drops(), upload)) == SIZES


class TestSaved:
    @pytest.mark.parametrize("number", [1, 20])
    def test_ours_are_found_among_others(self, begun: FillingHouse, number: int) -> None:
        by_hand(begun, number)()
        photos = lose(begun, troubles.does_then_drops(), by_hand(begun, number))
        assert sizes(begun, photos) == SIZES
        assert len(begun.vk.asked("photos.save")) == 2

    def test_as_long_as_no_picture_can_be_seen_nothing_is_sent(self, begun: FillingHouse) -> None:
        begun.vk.always(server.status(503), on=lambda call: call.path.startswith("/photo/"))
        photos = lose(begun, troubles.does_then_drops(), lambda: None)
        assert [begun.known(photo) for photo in photos] == [None] * 3
        begun.vk.recover()
        begun.pass_time(700)
        begun.fill()
        assert sizes(begun, photos) == SIZES
        assert len(begun.vk.asked("photos.save")) == 2
