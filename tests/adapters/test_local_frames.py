"""Frames of the offline provider: every pixel where it belongs."""

import numpy as np
import pytest
from PIL import Image

from app.adapters.providers.local.frame import FITS
from app.domain.errors import FaultKind
from app.domain.media import Output
from tests.adapters.local_provider import PNG, answered, distance, fault, request
from tests.pictures import encoded, jpeg, logo_frame, opened, pixels, png, webp
from tests.scene import party

GREEN = (0, 160, 60)


def framed(shot: bytes, frame: bytes, fit: str, output: Output = PNG) -> Image.Image:
    return opened(answered(request(shot, "frame", frame, fit=fit, output=output)))


def test_a_frame_of_the_shots_size_changes_only_what_it_covers() -> None:
    shot = png(300, 200)
    result = pixels(framed(shot, png(image=logo_frame(300, 200, 20)), "cover"))
    covered = np.ones((200, 300), bool)
    covered[20:180, 20:280] = False
    assert (result[covered] == GREEN).all()
    assert (result[~covered] == pixels(shot)[~covered]).all()


def test_cover_takes_the_frames_proportions_and_the_shots_middle() -> None:
    wide = Image.new("RGB", (400, 100), "blue")
    wide.paste((255, 0, 0), (150, 0, 250, 100))
    result = framed(png(image=wide), png(image=logo_frame(100, 100, 10)), "cover")
    assert result.size == (100, 100)
    assert (pixels(result)[12:88, 12:88] == (255, 0, 0)).all()


@pytest.mark.parametrize(
    ("shot", "frame", "expected"),
    [
        ((1200, 800), (300, 200), (1200, 800)),  # the shot's resolution is kept, the frame grows
        ((1200, 800), (200, 200), (800, 800)),
        ((300, 200), (600, 600), (600, 600)),  # the frame's resolution is kept, the shot grows
        ((800, 1200), (300, 200), (800, 533)),
    ],
)
def test_cover_is_as_large_as_the_finer_of_the_two(
    shot: tuple[int, int], frame: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert framed(png(*shot), png(image=logo_frame(*frame)), "cover").size == expected


def test_contain_shows_the_whole_shot_in_the_middle() -> None:
    shot = Image.new("RGB", (200, 100), "blue")
    shot.paste((255, 0, 0), (0, 0, 4, 100))
    shot.paste((0, 255, 0), (196, 0, 200, 100))
    result = pixels(framed(png(image=shot), png(image=logo_frame(200, 200, 0)), "contain"))
    assert (result[100, 0], result[100, 199]) == (pytest.approx((255, 0, 0)), pytest.approx((0, 255, 0)))
    assert (result[60:140, 20:180] == (0, 0, 255)).all()


def test_contain_fills_the_margins_with_the_shot_blurred_and_dimmed() -> None:
    shot = Image.new("RGB", (200, 100), (100, 200, 50))
    result = pixels(framed(png(image=shot), png(image=logo_frame(200, 200, 0)), "contain"))
    assert result[20, 100] == pytest.approx((80, 160, 40), abs=2)


def test_contain_never_has_more_pixels_than_the_larger_of_the_two() -> None:
    result = framed(png(800, 1200), png(image=logo_frame(300, 200)), "contain")
    assert result.width / result.height == pytest.approx(1.5, abs=0.01)
    assert 0.9 * 800 * 1200 < result.width * result.height <= 1.01 * 800 * 1200


def test_contain_leaves_the_margins_of_a_cut_out_transparent() -> None:
    cut_out = party(200, 100).convert("RGBA")
    cut_out.putalpha(255)
    cut_out.paste((0, 0, 0, 0), (0, 0, 50, 100))
    alpha = np.asarray(framed(png(image=cut_out), png(image=logo_frame(200, 200, 0)), "contain").getchannel("A"))
    assert (alpha[:50].max(), alpha[60:140, :50].max(), alpha[60:140, 60:].min()) == (0, 0, 255)


def test_stretch_leaves_the_shot_alone_and_bends_the_frame() -> None:
    shot = png(400, 200)
    result = framed(shot, png(image=logo_frame(100, 100, 10)), "stretch")
    assert result.size == (400, 200)
    assert (pixels(result)[30:170, 60:340] == pixels(shot)[30:170, 60:340]).all()
    assert pixels(result)[100, 20] == pytest.approx(GREEN, abs=2)
    assert pixels(result)[8, 200] == pytest.approx(GREEN, abs=2)


def test_half_transparent_parts_let_half_of_the_shot_through() -> None:
    shot = Image.new("RGB", (100, 100), (200, 100, 0))
    veil = Image.new("RGBA", (100, 100), (0, 0, 200, 128))
    assert pixels(framed(png(image=shot), png(image=veil), "cover"))[50, 50] == pytest.approx((100, 50, 100), abs=2)


def test_an_enlarged_frame_has_no_dark_seam() -> None:
    """The colour of invisible pixels, black here, must not bleed into the edge."""
    white = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    white.paste((255, 255, 255, 255), (0, 0, 40, 20))
    result = pixels(framed(png(image=Image.new("RGB", (400, 400), "white")), png(image=white), "cover"))
    assert result.min() >= 252


@pytest.mark.parametrize("fit", FITS)
def test_a_shot_stored_on_its_side_is_framed_upright(fit: str) -> None:
    frame = png(image=logo_frame(200, 300, 10))
    lying, standing = party(300, 200), party(300, 200).transpose(Image.Transpose.ROTATE_270)
    turned = framed(jpeg(image=lying, orientation=6), frame, fit)
    assert turned.size == (200, 300)
    assert distance(turned, framed(jpeg(image=standing), frame, fit)) < 1.5


@pytest.mark.parametrize("make", [png, webp], ids=["png", "webp"])
def test_frames_may_be_png_or_webp(make) -> None:
    assert framed(png(300, 200), make(image=logo_frame(300, 200)), "cover").size == (300, 200)


def test_a_jpeg_result_is_bounded_like_every_other() -> None:
    result = framed(png(300, 200), png(image=logo_frame(300, 200)), "cover", Output("jpeg", max_side=150))
    assert (result.format, result.size) == ("JPEG", (150, 100))


@pytest.mark.parametrize(
    "frame",
    [
        encoded(logo_frame().convert("RGB"), "PNG"),
        encoded(party(60, 40), "JPEG"),
        png(image=Image.new("RGBA", (60, 40), (1, 2, 3, 255))),
    ],
    ids=["without-alpha", "jpeg", "opaque-alpha"],
)
def test_a_frame_that_hides_the_whole_shot_is_refused_with_the_reason(frame: bytes) -> None:
    caught = fault(request(png(60, 40), "frame", frame, fit="cover"))
    assert (caught.kind, caught.permanent) == (FaultKind.BAD_ARGUMENT, True)
    assert "transparent" in caught.message


def test_an_unknown_fit_is_refused_with_those_that_exist() -> None:
    caught = fault(request(png(60, 40), "frame", png(image=logo_frame(60, 40, 5)), fit="tile"))
    assert "cover, contain, stretch" in caught.message
