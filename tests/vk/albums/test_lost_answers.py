"""Whether photos have come to an album though nobody heard of it: a look at the album tells."""

import pytest

from app.services.vk.filling import LOOK_AFTER_SECONDS
from tests.support.fakes.vk import troubles
from tests.support.fakes.vk.fake import FakeVk, of_method
from tests.vk.filling_house import FillingHouse

SAVE = of_method("photos.save")


class TestLostAnswers:
    @pytest.mark.parametrize("trouble", [troubles.does_then_drops(), troubles.does_then_refuses(10)])
    def test_photos_that_have_come_are_found_and_not_sent_again(
        self, house: FillingHouse, vk: FakeVk, trouble: object
    ) -> None:
        photos = house.photos(3)
        vk.misbehave(trouble, on=SAVE)  # type: ignore[arg-type]  # a behaviour
        house.fill()
        assert [house.known(photo) for photo in photos] == [None] * 3
        house.pass_time(LOOK_AFTER_SECONDS + 1)
        house.fill()
        assert len(vk.asked("photos.save")) == 1
        assert house.widths() == house.wanted()
        assert None not in [house.known(photo) for photo in photos]

    def test_photos_that_have_not_are_sent_again(self, house: FillingHouse, vk: FakeVk) -> None:
        house.photos(3)
        vk.misbehave(troubles.drops(), on=SAVE)
        house.fill()
        house.pass_time(LOOK_AFTER_SECONDS + 1)
        house.fill()
        assert house.widths() == house.wanted()

    def test_others_wait_meanwhile_so_that_nothing_is_mistaken(self, house: FillingHouse, vk: FakeVk) -> None:
        house.photos(5)
        vk.misbehave(troubles.does_then_drops(), on=SAVE)
        house.fill()
        house.photos(4)
        assert house.fill() == 0
        house.pass_time(LOOK_AFTER_SECONDS)
        house.fill()
        assert house.widths() == house.wanted()

    def test_one_after_the_other_in_one_album(self, house: FillingHouse, vk: FakeVk) -> None:
        for trouble in (troubles.does_then_drops(), troubles.drops(), troubles.does_then_drops()):
            house.photos(2)
            vk.misbehave(trouble, on=SAVE)
            house.fill()
            house.pass_time(LOOK_AFTER_SECONDS + 1)
            house.fill()
        assert house.widths() == house.wanted()

    def test_an_album_whose_making_was_not_answered_is_found(self, house: FillingHouse, vk: FakeVk) -> None:
        house.photos(2)
        vk.misbehave(troubles.does_then_drops(), on=of_method("photos.createAlbum"))
        house.fill()
        house.pass_time(600)
        house.fill()
        assert len(house.albums()) == 1
        assert house.widths() == house.wanted()

    def test_as_long_as_the_album_cannot_be_seen_nothing_is_sent(self, house: FillingHouse, vk: FakeVk) -> None:
        house.photos(2)
        vk.misbehave(troubles.does_then_drops(), on=SAVE)
        vk.always(troubles.refuses(10), on=of_method("photos.get"))
        house.fill()
        for _ in range(3):
            house.pass_time(700)
            house.fill()
        assert len(vk.asked("photos.save")) == 1
        vk.recover()
        house.pass_time(700)
        house.fill()
        assert house.widths() == house.wanted()
