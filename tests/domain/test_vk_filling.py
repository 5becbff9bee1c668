"""Which album photos belong to, what guests agreed to, and which photos of an album are ours."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from app.domain.vk.filling import AlbumKey, agrees, album_title, found_again
from app.domain.vk.media import ALBUM_TITLE_MAX, ALBUM_TITLE_MIN, VkPhoto

SENT = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
DAY = date(2026, 11, 21)
WIDE, TALL = (1200, 800), (800, 1200)
NOBODY: frozenset[int] = frozenset()


def seen(number: int, size: tuple[int, int] = WIDE, seconds: float = 1) -> VkPhoto:
    """A photo in an album, so many seconds after ours were sent."""
    return VkPhoto(number, -1, 2, "https://a", "https://b", *size, "", SENT + timedelta(seconds=seconds))


@pytest.mark.parametrize("key", [AlbumKey(day=DAY), AlbumKey(event_id=UUID(int=7)), AlbumKey(album_id=-7)])
def test_a_key_is_read_as_it_was_written(key: AlbumKey) -> None:
    assert AlbumKey.parse(str(key)) == key


@pytest.mark.parametrize("text", ["", "day", "day:today", "event:7", "wall:1"])
def test_anything_else_is_no_key(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever part of it is wrong
        AlbumKey.parse(text)


@pytest.mark.parametrize(
    ("name", "part", "title"),
    [
        ("", 1, "21.11.2026"),
        ("", 2, "21.11.2026 (2)"),
        ("Свадьба", 1, "Свадьба, 21.11.2026"),
        ("A", 12, "A, 21.11.2026 (12)"),
    ],
)
def test_titles_name_the_event_the_day_and_the_part(name: str, part: int, title: str) -> None:
    assert album_title(name, DAY, part) == title


@pytest.mark.parametrize("length", [1, 80, 200])
def test_titles_are_such_as_vk_takes(length: int) -> None:
    title = album_title("x" * length, DAY, 3)
    assert ALBUM_TITLE_MIN <= len(title) <= ALBUM_TITLE_MAX
    assert title.endswith(", 21.11.2026 (3)")


@pytest.mark.parametrize("answer", ["yes", "Y", " true ", "1", "On", "ДА"])
def test_guests_agree_in_several_ways(answer: str) -> None:
    assert agrees({"{QR2}": answer}, "qr2")


@pytest.mark.parametrize("answer", ["", "no", "нет", "yes please", "0"])
def test_whatever_else_they_say_is_a_no(answer: str) -> None:
    assert not agrees({"qr2": answer}, "{qr2}")


def anything(_photo: VkPhoto, _position: int) -> bool:
    """Every picture is the one that was sent."""
    return True


class TestFoundAgain:
    @pytest.mark.parametrize("album", [[seen(5), seen(6)], [seen(6), seen(5)]])
    def test_in_vks_order_however_they_are_listed(self, album: Sequence[VkPhoto]) -> None:
        assert found_again([WIDE, WIDE], SENT, album, NOBODY, anything) == {0: 5, 1: 6}

    def test_nothing_is_found_in_an_album_without_new_photos(self) -> None:
        assert found_again([WIDE], SENT, [seen(5, seconds=-121)], NOBODY, anything) == {}

    def test_vks_clock_may_be_slow(self) -> None:
        assert found_again([WIDE], SENT, [seen(5, seconds=-119)], NOBODY, anything) == {0: 5}

    def test_photos_that_are_known_are_others(self) -> None:
        assert found_again([WIDE], SENT, [seen(5)], frozenset({5}), anything) == {}

    def test_so_are_those_of_other_proportions(self) -> None:
        album = [seen(5, TALL), seen(6), seen(7, TALL)]
        assert found_again([WIDE, TALL], SENT, album, NOBODY, anything) == {0: 6, 1: 7}

    def test_vk_makes_photos_smaller(self) -> None:
        assert found_again([(4000, 3000)], SENT, [seen(5, (2560, 1919))], NOBODY, anything) == {0: 5}

    def test_and_does_not_know_the_sides_of_some(self) -> None:
        assert found_again([WIDE], SENT, [seen(5, (0, 0))], NOBODY, anything) == {0: 5}

    def test_some_may_have_come(self) -> None:
        assert found_again([WIDE, TALL, WIDE], SENT, [seen(5, TALL)], NOBODY, anything) == {1: 5}

    def test_pictures_of_others_are_not_ours(self) -> None:
        album = [seen(5), seen(6), seen(7)]
        assert found_again([WIDE, WIDE], SENT, album, NOBODY, lambda photo, _: photo.photo_id != 6) == {0: 5, 1: 7}
