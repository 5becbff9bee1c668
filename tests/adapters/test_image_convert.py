"""Shots and templates become what a provider takes, and only where they are not already."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from app.domain.catalogue import InputLimits
from app.domain.errors import Reason, Refused
from tests.adapters.finishing import images
from tests.pictures import (
    exif,
    flat_png,
    heic,
    jpeg,
    opened,
    pixels,
    png,
    quadrants,
    webp,
    wide_gamut_profile,
)
from tests.scene import party

USUAL = ("image/jpeg", "image/png", "image/webp")
MAKERS = {"image/jpeg": jpeg, "image/png": png, "image/webp": webp, "image/heic": heic}


def limits(*types: str, max_bytes: int = 20 << 20, max_side: int = 4096) -> InputLimits:
    return InputLimits(types or USUAL, max_bytes, max_side)


def converted(data: bytes, mime_type: str, wanted: InputLimits) -> Image.Image:
    """Opened; what was promised about the file has been checked."""
    result, result_type = images.convert(data, mime_type, wanted)
    picture = opened(result)
    assert result_type in wanted.types
    assert f"image/{picture.format.lower()}" == result_type
    assert len(result) <= wanted.max_bytes
    assert max(picture.size) <= wanted.max_side
    return picture


@pytest.mark.parametrize("mime_type", USUAL)
def test_what_a_provider_takes_is_passed_on_unchanged(mime_type: str) -> None:
    data = MAKERS[mime_type](320, 200)
    result = images.convert(data, mime_type, limits(mime_type, max_bytes=len(data), max_side=320))
    assert result == (data, mime_type)
    assert result[0] is data


@pytest.mark.parametrize("mime_type", ["image/heic", "image/png", "image/webp"])
def test_other_types_become_a_jpeg_of_the_same_size(mime_type: str) -> None:
    picture = converted(MAKERS[mime_type](320, 200), mime_type, limits("image/jpeg"))
    assert picture.size == (320, 200)
    assert np.abs(pixels(picture) - pixels(party(320, 200))).mean() < 4


@pytest.mark.parametrize("mime_type", ["image/png", "image/webp"])
def test_where_jpeg_is_not_taken_the_first_type_is(mime_type: str) -> None:
    picture = converted(jpeg(90, 60), "image/jpeg", limits(mime_type, "image/heic"))
    assert np.abs(pixels(picture) - pixels(jpeg(90, 60))).mean() < 6


def test_a_longer_picture_is_scaled_to_the_longest_side_allowed() -> None:
    picture = converted(jpeg(2400, 1600), "image/jpeg", limits(max_side=600))
    assert picture.size == (600, 400)
    assert np.abs(pixels(picture) - pixels(party(2400, 1600).resize((600, 400), Image.Resampling.LANCZOS))).mean() < 4


def test_a_turned_photo_is_turned_upright_and_forgets_where_it_was_taken() -> None:
    stored = jpeg(image=quadrants(400, 240), orientation=6, gps=True)
    picture = converted(stored, "image/jpeg", limits(max_side=200))
    assert picture.size == (120, 200)
    assert np.abs(pixels(picture)[10, -10] - (220, 20, 20)).max() < 12
    assert not dict(picture.getexif())


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_photo_is_upright_for_those_who_do_not_look_at_metadata(orientation: int) -> None:
    stored = jpeg(image=quadrants(400, 240), orientation=orientation)
    picture = converted(stored, "image/jpeg", limits())
    assert picture.size == ((400, 240) if orientation < 5 else (240, 400))
    assert np.abs(pixels(picture) - pixels(ImageOps.exif_transpose(opened(stored)))).mean() < 3
    assert not dict(picture.getexif())


@pytest.mark.parametrize("make", [png, webp])
def test_what_is_transparent_becomes_white(make) -> None:
    cut_out = party(60, 40).convert("RGBA")
    cut_out.paste((255, 0, 0, 0), (0, 0, 30, 40))
    picture = converted(make(image=cut_out), f"image/{make.__name__}", limits("image/jpeg"))
    assert pixels(picture)[:, :20].min() > 240


def test_colours_are_converted_for_those_who_do_not_look_at_profiles() -> None:
    wide = converted(png(90, 60, icc_profile=wide_gamut_profile()), "image/png", limits("image/jpeg"))
    assert "icc_profile" not in wide.info
    assert np.ptp(pixels(wide), axis=2).mean() > 1.1 * np.ptp(pixels(party(90, 60)), axis=2).mean()


@pytest.mark.parametrize(("kilobytes", "is_whole"), [(200, True), (60, False), (6, False)])
def test_too_many_bytes_become_fewer(kilobytes: int, is_whole: bool) -> None:
    """First a coarser JPEG, then a smaller one, and no smaller than needed."""
    shot = jpeg(1200, 800, quality=98)
    assert len(shot) > 300_000
    result, _ = images.convert(shot, "image/jpeg", limits(max_bytes=kilobytes * 1000))
    assert kilobytes * 400 < len(result) <= kilobytes * 1000
    assert (opened(result).size == (1200, 800)) is is_whole


def test_a_type_without_quality_becomes_smaller_at_once() -> None:
    picture = converted(png(600, 400), "image/png", limits("image/png", max_bytes=100_000))
    assert 100 < picture.width < 400


@settings(max_examples=40, deadline=None)
@given(
    size=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    max_side=st.integers(16, 320),
    max_bytes=st.integers(700, 60_000),
    mode=st.sampled_from(["L", "RGB", "RGBA", "P"]),
    orientation=st.integers(1, 8),
)
def test_the_result_is_inside_the_limits(size, max_side, max_bytes, mode, orientation) -> None:
    data = png(image=party(*size).convert(mode), exif=exif(orientation))
    picture = converted(data, "image/png", limits("image/jpeg", max_side=max_side, max_bytes=max_bytes))
    across, down = size if orientation < 5 else size[::-1]
    assert picture.width <= across
    assert picture.height <= down


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"hello", Reason.UNSUPPORTED_MEDIA_TYPE),
        (jpeg(90, 60)[:600], Reason.INVALID_IMAGE),
        (flat_png(9000, 9000), Reason.PAYLOAD_TOO_LARGE),
    ],
    ids=["text", "cut", "bomb"],
)
@pytest.mark.parametrize("types", [USUAL, ("image/jpeg",)])
def test_what_is_no_usable_image_is_refused(data: bytes, reason: Reason, types: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as caught:
        images.convert(data, "image/png", limits(*types))
    assert caught.value.reason is reason
