"""Tiles of photos: their room is there before their pictures are."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, get_template_attribute

from app.domain.job import StoredResult
from app.web.pages.gallery.tiles import aspect, goes_soon
from tests.support.gallery import photo

STYLES = (Path(__file__).resolve().parents[2] / "static" / "tiles.css").read_text("utf-8")
CLASSES = {name: float(ratio) for name, ratio in re.findall(r"\.(aspect-\w+) \{ --aspect: ([\d.]+);", STYLES)}


def picture(width: int, height: int) -> StoredResult:
    return replace(photo().result, width=width, height=height)


@pytest.fixture(params=["ru", "en"])
def language(request: pytest.FixtureRequest, app: Flask) -> Iterator[str]:
    with app.test_request_context(headers={"Accept-Language": request.param}):
        yield request.param


def drawn(*photos: Any, **options: Any) -> str:
    tiles = get_template_attribute("_tiles.html", "tiles")
    return str(tiles(photos, lambda photo: f"/photos/{photo.id}", lambda photo, size: f"/{photo.id}/{size}", **options))


@pytest.mark.parametrize("sides", [(1, 1), (5, 4), (4, 3), (3, 2), (16, 9), (2, 1), (2, 3), (3, 4), (4, 5), (9, 16)])
def test_usual_proportions_are_met_within_a_per_cent(sides: tuple[int, int]) -> None:
    width, height = sides
    assert CLASSES[aspect(picture(width * 100, height * 100))] == pytest.approx(width / height, rel=0.01)


def test_at_most_three_per_cent_are_cut_off() -> None:
    for width in range(400, 2500, 7):
        assert CLASSES[aspect(picture(width, 1000))] == pytest.approx(width / 1000, rel=0.03)


@pytest.mark.parametrize("sides", [(10_000, 1), (1, 10_000)])
def test_a_strip_gets_the_longest_tile_there_is(sides: tuple[int, int]) -> None:
    assert aspect(picture(*sides)) in CLASSES


def test_room_placeholder_and_picture_are_in_the_first_answer(language: str) -> None:
    one = photo(placeholder="UklGRg==")
    html = drawn(one)
    assert f'class="tile {aspect(one.result)}"' in html
    assert '<img class="blur" src="data:image/webp;base64,UklGRg==" alt="">' in html
    assert f'src="/{one.id}/grid" width="{one.result.width}" height="{one.result.height}"' in html
    assert "style=" not in html


def test_a_photo_without_placeholder_has_none(language: str) -> None:
    assert "blur" not in drawn(photo(placeholder=""))


def test_pictures_beyond_the_first_screen_wait_until_they_are_near(language: str) -> None:
    html = drawn(*(photo() for _ in range(5)), eager=2)
    assert html.count('loading="lazy"') == 3


def test_only_where_one_can_select_there_are_boxes(language: str) -> None:
    one = photo()
    assert "checkbox" not in drawn(one)
    assert f'name="ids" value="{one.id}"' in drawn(one, selectable=True)


def test_who_keeps_a_photo_is_no_guests_affair(language: str) -> None:
    kept = photo(is_kept=True)
    assert "kept" not in drawn(kept)
    assert "kept" in drawn(kept, selectable=True)


def test_what_goes_soon_says_so() -> None:
    one = photo()
    assert goes_soon(replace(one, expires_at=one.read_at + timedelta(hours=5)))
    assert not goes_soon(replace(one, expires_at=one.read_at + timedelta(hours=7)))


def test_what_a_name_says_besides_the_time_is_escaped(language: str) -> None:
    assert "&lt;b&gt;" in drawn(photo(), about=lambda photo: "<b>")
