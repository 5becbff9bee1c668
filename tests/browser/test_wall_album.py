"""What the wall keeps in memory: in which order it gives photos, how much it holds, and when it lets go."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support.installation import ROOT

pytestmark = pytest.mark.browser

# A test answers the requests for the bytes of photos, which are `loads` by id.
_BEGIN = """
    window.loads = {}; window.ready = []; window.gone = [];
    const load = (id) => new Promise((resolve, reject) => { loads[id] = {resolve, reject}; });
    window.album = Wall.album(load, 100, (photo) => ready.push(photo.id), (id) => gone.push(id));
    window.told = (ids) => album.update([...ids].map((id) => ({id, expires_at: 1000000})));
    window.done = () => new Promise((resolve) => setTimeout(resolve));
    window.bytes = (number) => new Blob(["x".repeat(number)]);
    window.asked = (now) => { loads = {}; album.fill(now); return Object.keys(loads); };
    window.give = async (ids, size) => {
        for (const id of ids) { album.fill(0); loads[id].resolve(bytes(size)); await done(); } };
    window.turns = (number) => Array.from({length: number}, () => {
        const photo = album.next(); album.seen(photo); return photo.id; }).join("");
"""


@pytest.fixture
def album(chromium: Browser) -> Iterator[Page]:
    """A page with nothing but an album of at most 100 bytes."""
    page = chromium.new_page()
    page.add_script_tag(path=ROOT / "static" / "wall" / "album.js")
    page.evaluate(_BEGIN)
    yield page
    page.close()


def does(page: Page, script: str) -> Any:
    return page.evaluate(f"async () => {{ {script} }}")


def test_photos_take_turns_the_newest_first(album: Page) -> None:
    assert does(album, "told('cba'); await give('cba', 1); return turns(7)") == "cbacbac"


def test_what_has_just_come_goes_before_what_was_seen(album: Page) -> None:
    assert does(album, "told('ba'); await give('ba', 1); return turns(3)") == "bab"
    assert does(album, "told('cba'); await give('c', 1); return turns(4)") == "cabc"


def test_nothing_is_shown_before_its_bytes_are_there(album: Page) -> None:
    assert does(album, "told('ba'); album.fill(0); return album.next()") is None
    assert does(album, "loads.a.resolve(bytes(1)); await done(); return turns(2)") == "aa"


def test_two_are_loaded_at_once(album: Page) -> None:
    assert does(album, "told('dcba'); return asked(0)") == ["d", "c"]
    assert does(album, "return asked(0)") == []


def test_what_could_not_be_loaded_is_tried_again_later(album: Page) -> None:
    assert does(album, "told('a'); album.fill(0); loads.a.reject(); await done(); return asked(1000)") == []
    assert does(album, "return asked(6000)") == ["a"]


def test_no_more_is_held_than_there_is_room_for(album: Page) -> None:
    """The oldest go."""
    assert does(album, "told('dcba'); await give('dcba', 30); return turns(6)") == "dcbdcb"
    assert does(album, "told('edcba'); await give('e', 60); return turns(4)") == "eded"
    assert does(album, "return asked(0)") == []


def test_what_had_to_go_comes_again_when_there_is_room(album: Page) -> None:
    assert does(album, "told('dcba'); await give('dcba', 30); told('cba'); return asked(0)") == ["a"]
    assert does(album, "loads.a.resolve(bytes(30)); await done(); return turns(4)") == "cbac"


def test_what_fails_again_and_again_is_asked_for_ever_less_often(album: Page) -> None:
    """A damaged file stays so; the wait begins when the failure is known, however long that took."""
    failed = "loads.a.reject(); await done(); return asked(now)"
    assert does(album, f"let now = 30000; told('a'); album.fill(0); {failed}") == []
    assert does(album, "return [asked(34999), asked(35000)]") == [[], ["a"]]
    assert does(album, f"let now = 40000; {failed}") == []
    assert does(album, "return [asked(49999), asked(50000)]") == [[], ["a"]]
    for turn in range(12):
        assert does(album, f"let now = {10**7 * (turn + 1)}; album.fill(now); {failed}") == []
    assert does(album, f"return [asked({10**7 * 12 + 599999}), asked({10**7 * 12 + 600000})]") == [[], ["a"]]


def test_one_that_is_larger_than_the_room_is_held_alone(album: Page) -> None:
    assert does(album, "told('ba'); await give('b', 500); await give('a', 10); return turns(2)") == "bb"


def test_what_the_server_names_no_more_is_gone_at_once(album: Page) -> None:
    assert does(album, "told('cba'); await give('cba', 1); told('ca'); return [gone, turns(3)]") == [["b"], "cac"]


def test_bytes_of_what_was_withdrawn_meanwhile_are_thrown_away(album: Page) -> None:
    late = "told('a'); album.fill(0); told(''); loads.a.resolve(bytes(1)); await done();"
    assert does(album, f"{late} return [ready, album.isEmpty(), album.next()]") == [[], True, None]


def test_a_photo_whose_time_is_over_goes_without_a_word_from_the_server(album: Page) -> None:
    given = "album.update([{id: 'b', expires_at: 50}, {id: 'a', expires_at: 70}]); await give('ba', 1);"
    assert does(album, f"{given} album.expire(60); return [gone, turns(2)]") == [["b"], "aa"]


def test_what_is_no_picture_is_left_out(album: Page) -> None:
    assert does(album, "told('ba'); await give('ba', 1); album.leaveOut(album.find('b')); return turns(2)") == "aa"
