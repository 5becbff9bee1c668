"""VK's photos, whichever sizes it has of them, become ours."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.services.vk.answers import photo_of


def size(letter: str, width: int, height: int) -> dict[str, Any]:
    return {"type": letter, "width": width, "height": height, "url": f"https://sun9.userapi.com/{letter}.jpg"}


def item(**fields: Any) -> dict[str, Any]:
    return {"id": 457239017, "owner_id": -220, "album_id": 310, "date": 1_700_000_000, **fields}


def shown(photo: dict[str, Any]) -> tuple[str, str]:
    """The letters of the largest size, and of the one for grids."""
    found = photo_of(photo)
    return found.url[-5:-4], found.preview_url[-5:-4]


def test_a_photo_has_its_largest_size_by_area() -> None:
    photo = photo_of(item(sizes=[size("w", 2560, 1707), size("s", 75, 50), size("x", 604, 403)], text="Гости"))
    assert (photo.width, photo.height) == (2560, 1707)
    assert photo.attachment == "photo-220_457239017"
    assert photo.taken_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert (photo.album_id, photo.text, photo.access_key) == (310, "Гости", "")


@pytest.mark.parametrize(
    ("sizes", "letters"),
    [
        ([size("s", 75, 50), size("x", 604, 403), size("w", 2560, 1707)], ("w", "x")),
        ([size("w", 2560, 1707), size("y", 807, 538), size("m", 130, 87)], ("w", "y")),
        ([size("s", 75, 50), size("m", 130, 87)], ("m", "m")),
        ([size("s", 40, 75), size("x", 322, 604)], ("x", "x")),
        ([size("s", 0, 0), size("x", 0, 0), size("z", 0, 0)], ("z", "z")),
    ],
    ids=["usual", "no x", "tiny", "narrow", "old, without sides"],
)
def test_a_grid_shows_the_smallest_size_that_is_large_enough(
    sizes: list[dict[str, Any]], letters: tuple[str, str]
) -> None:
    assert shown(item(sizes=sizes)) == letters


def test_the_original_counts_where_vk_gives_it() -> None:
    photo = photo_of(item(sizes=[size("x", 604, 403)], orig_photo=size("base", 4000, 2667)))
    assert (photo.width, photo.url) == (4000, "https://sun9.userapi.com/base.jpg")


@pytest.mark.parametrize("fields", [{}, {"sizes": None}, {"sizes": []}, {"sizes": [{"type": "s", "url": ""}]}], ids=str)
def test_a_photo_that_cannot_be_shown_is_still_one(fields: dict[str, Any]) -> None:
    photo = photo_of(item(**fields))
    assert (photo.url, photo.preview_url, photo.width, photo.height) == ("", "", 0, 0)


def test_a_key_goes_into_the_attachment() -> None:
    assert photo_of(item(access_key="abc")).attachment == "photo-220_457239017_abc"


@pytest.mark.parametrize(
    "broken",
    [{}, {"id": 1}, 7, None, "photo", item(date=None), item(date=1e30), item(id="x"), item(sizes=[7])],
    ids=repr,
)
def test_what_is_no_photo_is_none(broken: Any) -> None:
    with pytest.raises(ValueError, match="no photo of VK's"):
        photo_of(broken)


def test_what_no_database_takes_is_left_out() -> None:
    words = "a\x00b\ud800c"
    photo = photo_of(item(text=words, access_key=words, sizes=[{**size("x", 604, 403), "url": f"https://{words}"}]))
    assert (photo.text, photo.access_key) == ("abc", "abc")
    assert photo.url == photo.preview_url == "https://abc"
