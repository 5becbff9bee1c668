"""Albums are filled by several, of whom some die, freeze or take their time: each photo comes to its album once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from app.domain.errors import DatabaseUnavailable
from app.domain.vk.media import SLOWEST_LINE
from app.services.vk.filling import HOLD_SECONDS, LOOK_AFTER_SECONDS
from tests import pictures
from tests.support.fakes.vk import troubles
from tests.support.fakes.vk.fake import FakeVk, is_upload
from tests.vk.filling_house import GATHERED, FillingHouse
from tests.waiting import until


class TestDeath:
    """Whoever is killed leaves what was committed: the database goes away for the rest of its step."""

    @pytest.mark.parametrize("calls", range(1, 30))
    def test_after_any_step_nothing_is_lost_or_doubled(self, house: FillingHouse, calls: int) -> None:
        house.photos(3)
        house.stores.database.go_away(after=calls)  # type: ignore[union-attr]  # the twin
        with suppress(DatabaseUnavailable):
            house.fill()
        house.stores.database.come_back()  # type: ignore[union-attr]  # the twin
        house.filler = house.process()
        house.pass_time(HOLD_SECONDS + 1)
        house.fill()
        house.pass_time(LOOK_AFTER_SECONDS + 1)
        house.fill()
        assert house.widths() == house.wanted()
        assert len(house.albums()) == 1
        assert house.tally().sent == 3


class TestSeveralProcesses:
    def test_fill_one_album_together(self, house: FillingHouse) -> None:
        house.photos(23)

        def fill(_: int) -> None:
            filler = house.process()
            while house.tally().waiting:
                filler.step()

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(fill, range(4)))
        assert len(house.albums()) == 1
        assert sorted(house.widths()) == house.wanted()

    def test_who_was_frozen_for_too_long_sends_nothing(
        self, house: FillingHouse, vk: FakeVk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house.photos(2)
        frozen, thaw = threading.Event(), threading.Event()
        find = house.finder.album_for

        def freeze(*wanted: object) -> object:
            album = find(*wanted)  # type: ignore[arg-type]  # as it was given
            frozen.set()
            thaw.wait(20)
            return album

        with ThreadPoolExecutor(1) as threads:
            monkeypatch.setattr(house.finder, "album_for", freeze)
            late = threads.submit(house.process().step)
            assert frozen.wait(20)
            monkeypatch.undo()
            house.pass_time(HOLD_SECONDS + 1)
            house.fill()
            thaw.set()
            late.result()
        assert house.widths() == house.wanted()


class TestSlowUploads:
    """The upload server takes its time; then VK would save the photos."""

    def test_who_took_longer_than_it_had_saves_nothing(self, house: FillingHouse, vk: FakeVk) -> None:
        house.photos(3)
        go_on = threading.Event()
        vk.misbehave(troubles.waits_for(go_on), on=is_upload)
        with ThreadPoolExecutor(1) as threads:
            late = threads.submit(house.process().step)
            until(lambda: any(is_upload(call) for call in vk.calls))
            house.pass_time(HOLD_SECONDS + 10)
            house.fill()
            go_on.set()
            late.result()
        house.fill()
        assert house.widths() == house.wanted()

    def test_it_has_what_its_bytes_need(self, house: FillingHouse, vk: FakeVk) -> None:
        house.photo(data=pictures.jpeg(300, 200) + bytes(5 * SLOWEST_LINE))
        house.pass_time(GATHERED)
        go_on = threading.Event()
        vk.misbehave(troubles.waits_for(go_on), on=is_upload)
        with ThreadPoolExecutor(1) as threads:
            slow = threads.submit(house.process().step)
            until(lambda: any(is_upload(call) for call in vk.calls))
            house.pass_time(HOLD_SECONDS + 4)
            assert not house.filler.step()
            go_on.set()
            slow.result()
        assert len(house.widths()) == len(vk.asked("photos.save")) == 1
