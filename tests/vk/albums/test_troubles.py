"""What VK refuses, what cannot be read and what was withdrawn holds up no other photo on its way to an album."""

import itertools

import pytest

from app.domain.vk import filling
from tests import pictures
from tests.support.fakes.vk import troubles
from tests.support.fakes.vk.fake import USER_TOKEN, FakeVk, is_upload
from tests.vk.filling_house import FillingHouse


class TestRefusals:
    def test_a_token_that_vk_refuses_is_tried_now_and_then_until_there_is_another(
        self, house: FillingHouse, vk: FakeVk
    ) -> None:
        token = vk.add_user_token(7)
        house.give_token(token)
        vk.revoke(token)
        house.photos(2)
        house.fill()
        assert house.tally().error == "token_refused"
        house.photos(2)
        calls = len(vk.calls)
        house.fill()
        assert len(vk.calls) == calls, "the community rests"
        house.give_token(next(iter(vk.world.tokens)))
        house.pass_time(600)
        house.fill()
        assert house.widths() == house.wanted()
        assert house.tally().error == ""

    def test_pauses_grow(self, house: FillingHouse, vk: FakeVk) -> None:
        vk.always(troubles.drops(), on=is_upload)
        house.photos(1)
        tries = []
        for second in range(0, 400, 5):
            if house.fill():
                tries.append(second)
            house.pass_time(5)
        pauses = [later - earlier for earlier, later in itertools.pairwise(tries)]
        assert pauses[:3] == [15, 30, 60]

    def test_one_that_cannot_be_read_holds_up_no_other(self, house: FillingHouse) -> None:
        broken = house.photo(data=b"no picture")
        gone = house.photo()
        house.lose_file(gone)
        house.photos(2)
        house.fill()
        assert house.widths() == house.wanted()[2:]
        [place] = house.stores.album_uploads.in_albums(broken)
        assert (place.is_given_up, place.error) == (True, "photo_unusable")
        [place] = house.stores.album_uploads.in_albums(gone)
        assert (place.is_given_up, place.error) == (False, "photo_missing")

    def test_one_that_vk_takes_from_nobody_holds_up_no_other(self, house: FillingHouse) -> None:
        strip = house.photo(data=pictures.jpeg(2100, 100))
        house.photos(2)
        house.fill()
        assert house.widths() == house.wanted()[1:]
        assert house.stores.album_uploads.in_albums(strip)[0].error == "file_refused"

    def test_an_upload_that_spoils_is_sent_one_by_one(self, house: FillingHouse, vk: FakeVk) -> None:
        vk.misbehave(troubles.loses_files(), troubles.loses_files(), on=is_upload)
        house.photos(3)
        house.fill()
        assert house.widths() == house.wanted()


class TestWithdrawnPhotos:
    def test_they_are_not_sent(self, house: FillingHouse) -> None:
        hidden, _ = house.photos(2)
        house.stores.photos.hide([hidden])
        house.fill()
        assert house.widths() == house.wanted()[1:]
        house.stores.photos.show([hidden])
        house.fill()
        assert sorted(house.widths()) == house.wanted()

    def test_even_if_that_happens_after_they_were_taken(
        self, house: FillingHouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hidden, shown = house.photos(2)
        take = house.stores.album_uploads.take

        def hide_then(*given: object) -> object:
            batch = take(*given)  # type: ignore[arg-type]  # as it was given
            house.stores.photos.hide([hidden])
            return batch

        monkeypatch.setattr(house.stores.album_uploads, "take", hide_then)
        house.fill()
        assert house.known(shown)
        assert house.known(hidden) is None
        assert house.tally().withheld == 1


class TestPatience:
    def test_73_hours_later_a_photo_comes_once_the_token_is_mended(self, house: FillingHouse) -> None:
        house.give_token(None)
        house.photos(2)
        house.fill()
        house.pass_time(73 * 3600)
        assert house.stores.queue.forget_results(10) == []
        house.give_token(USER_TOKEN)
        house.fill()
        assert house.widths() == house.wanted()

    def test_it_is_told_that_a_week_was_not_enough(self, house: FillingHouse) -> None:
        house.give_token(None)
        [photo] = house.photos(1)
        house.fill()
        [failing] = house.overdue(filling.OVERDUE_SECONDS)
        assert (failing.code, failing.slot_ids) == ("token_refused", ("slot-001",))
        house.pass_time(filling.AWAITED_HOURS * 3600)
        house.fill()
        assert (house.tally().lost, house.place(photo).is_given_up) == (1, True)
        assert [lost.code for lost in house.stores.monitor.vitals().lost_uploads] == ["token_refused"]
