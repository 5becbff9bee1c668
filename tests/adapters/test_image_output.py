"""What leaves: upright pictures in the wanted format, with their colours and without their secrets."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageCms

from app.adapters.providers.local.drawing import pencil
from app.domain.catalogue import InputLimits
from app.domain.errors import Reason, Refused
from app.domain.media import PREVIEW_MAX_BYTES, Finish, ImageInfo, Output
from tests.adapters.finishing import finished, images
from tests.pictures import (
    SRGB,
    after_start,
    exif,
    heic,
    jpeg,
    jpeg_segment,
    opened,
    pixels,
    png,
    quadrants,
    webp,
    wide_gamut_profile,
    with_text,
)
from tests.scene import party

LIMITS = InputLimits(("image/png",), 1 << 20, 50)

Drawn = Callable[[tuple[int, int], float], Image.Image]


def pencil_drawing(sides: tuple[int, int], _: float) -> Image.Image:
    return Image.fromarray(pencil(np.asarray(party(*sides))))


SECRET = b"55.7558N 37.6173E"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>' + SECRET + b"</rdf:RDF></x:xmpmeta>"
TALKATIVE = {
    "jpeg": jpeg(90, 60, gps=True, comment=SECRET, xmp=XMP, icc_profile=SRGB),
    "jpeg-appendix": jpeg(90, 60, icc_profile=SRGB) + jpeg(20, 20, comment=SECRET),
    "jpeg-late-comment": jpeg(90, 60)[:-2] + jpeg_segment(0xFE, SECRET) + b"\xff\xd9",
    "jpeg-photoshop": after_start(jpeg(90, 60), jpeg_segment(0xED, b"Photoshop 3.0\0" + SECRET)),
    "png": png(90, 60, exif=exif(gps=True), pnginfo=with_text(Comment=SECRET.decode())),
    "png-plain-text": png(90, 60, pnginfo=with_text(compressed=False, Comment=SECRET.decode())),
    "png-appendix": png(90, 60) + SECRET,
    "webp": webp(90, 60, exif=exif(gps=True), xmp=XMP),
    "heic": heic(128, 96, exif=exif(gps=True), xmp=XMP),
}

# Where the stored picture's upper left and upper right corner belong (EXIF 2.3, tag 0x0112).
CORNERS = {
    1: ("upper left", "upper right"),
    2: ("upper right", "upper left"),
    3: ("lower right", "lower left"),
    4: ("lower left", "lower right"),
    5: ("upper left", "lower left"),
    6: ("upper right", "lower right"),
    7: ("lower right", "upper right"),
    8: ("lower left", "upper left"),
}


@pytest.mark.parametrize("form", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("data", TALKATIVE.values(), ids=TALKATIVE.keys())
def test_no_place_comment_or_appendix_survives(data: bytes, form: str) -> None:
    result = finished(data, Output(form)).data
    after = opened(result)
    assert SECRET not in result
    assert b"Exif" not in result
    assert not dict(after.getexif())
    assert not after.info.keys() & {"comment", "xmp", "exif", "Comment", "XML:com.adobe.xmp"}


@pytest.mark.parametrize("orientation", CORNERS)
@pytest.mark.parametrize("make", [jpeg, png, webp], ids=["jpeg", "png", "webp"])
def test_every_orientation_is_turned_upright(make, orientation: int) -> None:
    stored = make(image=quadrants(80, 48), exif=exif(orientation))
    result = opened(finished(stored, Output("png")).data)
    assert result.size == ((48, 80) if orientation >= 5 else (80, 48))
    left, right = CORNERS[orientation]
    assert _corner(result, left) == "red"
    assert _corner(result, right) == "green"


def test_a_turned_photo_is_turned_in_its_preview_too() -> None:
    preview = opened(images.preview(jpeg(image=quadrants(800, 480), orientation=6), 100))
    assert preview.size == (60, 100)
    assert _corner(preview, "upper right") == "red"


@pytest.mark.parametrize("form", ["jpeg", "png", "webp"])
def test_the_colour_profile_stays(form: str) -> None:
    result = finished(jpeg(90, 60, icc_profile=wide_gamut_profile(), gps=True), Output(form))
    assert opened(result.data).info["icc_profile"] == wide_gamut_profile()


@pytest.mark.parametrize(
    "profile",
    [
        b"no profile at all",
        SRGB[:200],
        ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes(),
    ],
    ids=["noise", "cut", "lab"],
)
def test_a_profile_that_does_not_fit_the_pixels_is_dropped(profile: bytes) -> None:
    result = finished(jpeg(90, 60, icc_profile=profile, gps=True), Output())
    assert "icc_profile" not in opened(result.data).info


def test_previews_are_in_srgb_whatever_the_profile() -> None:
    plain, wide = (opened(images.preview(jpeg(90, 60, **p), 90)) for p in ({}, {"icc_profile": wide_gamut_profile()}))
    assert "icc_profile" not in wide.info
    assert _colourfulness(wide) > 1.1 * _colourfulness(plain)


@pytest.mark.parametrize(
    ("data", "output"),
    [
        (jpeg(90, 60), Output("jpeg")),
        (jpeg(90, 60, progressive=True), Output("jpeg", max_side=90)),
        (jpeg(90, 60, icc_profile=wide_gamut_profile()), Output("jpeg")),
        (png(90, 60), Output("png")),
        (webp(90, 60), Output("webp")),
        (webp(90, 60, icc_profile=SRGB), Output("webp", max_side=2000)),
    ],
    ids=["jpeg", "progressive", "profile", "png", "webp", "webp-profile"],
)
def test_bytes_that_are_right_already_are_passed_on(data: bytes, output: Output) -> None:
    result = finished(data, output)
    assert result.data is data
    assert result.info == ImageInfo(f"image/{output.format}", 90, 60)


def test_what_was_encoded_once_is_not_encoded_again() -> None:
    output = Output("jpeg", quality=80, max_side=100)
    once = finished(jpeg(300, 200, orientation=6, gps=True), output)
    assert finished(once.data, output).data is once.data


@pytest.mark.parametrize("cut", [3, 200])
def test_bytes_that_look_right_are_still_decoded(cut: int) -> None:
    with pytest.raises(Refused) as caught:
        finished(jpeg(90, 60)[:-cut], Output())
    assert caught.value.reason is Reason.INVALID_IMAGE


@pytest.mark.parametrize("form", ["jpeg", "png", "webp"])
def test_the_longest_side_is_bounded_in_proportion(form: str) -> None:
    result = finished(jpeg(900, 600), Output(form, max_side=300))
    assert opened(result.data).size == (300, 200)
    assert result.info == ImageInfo(f"image/{form}", 300, 200)
    expected = pixels(party(900, 600).resize((300, 200), Image.Resampling.LANCZOS))
    assert np.abs(pixels(result.data) - expected).mean() < 3


def test_nothing_is_enlarged() -> None:
    assert finished(jpeg(90, 60, gps=True), Output(max_side=1000)).info.width == 90


def test_a_side_never_shrinks_to_nothing() -> None:
    assert opened(finished(png(2000, 3), Output("jpeg", max_side=64)).data).size == (64, 1)


def test_quality_decides_the_size() -> None:
    shot = jpeg(600, 400, gps=True, quality=98)
    sizes = [len(finished(shot, Output("jpeg", quality)).data) for quality in (30, 60, 90)]
    assert sizes == sorted(sizes)


def test_cmyk_becomes_rgb_with_the_colours_people_see() -> None:
    result = opened(finished(jpeg(image=party(600, 400).convert("CMYK"), quality=95), Output()).data)
    assert result.mode == "RGB"
    assert np.abs(pixels(result) - pixels(party(600, 400))).mean() < 4


def test_sixteen_bit_grey_keeps_its_range() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None, :].repeat(16, axis=0)
    result = opened(finished(png(image=Image.fromarray(ramp)), Output("jpeg", 95)).data)
    assert np.abs(np.asarray(result)[8].astype(int) - np.arange(256)).max() <= 3


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("form", ["jpeg", "png", "webp"])
def test_every_mode_of_png_becomes_every_format(mode: str, form: str) -> None:
    source = party(60, 40).convert("L").convert("I").convert("I;16") if mode == "I;16" else party(60, 40).convert(mode)
    result = finished(png(image=source, exif=exif(1)), Output(form))
    assert opened(result.data).size == (60, 40)


@pytest.mark.parametrize("make", [png, webp], ids=["png", "webp"])
def test_what_is_transparent_is_white_in_a_jpeg(make) -> None:
    cut_out = party(60, 40).convert("RGBA")
    cut_out.paste((255, 0, 0, 0), (0, 0, 30, 40))
    result = pixels(finished(make(image=cut_out), Output("jpeg", 95)).data)
    assert result[:, :20].min() > 245
    assert np.abs(result[:, 40:] - pixels(party(60, 40))[:, 40:]).mean() < 8


def test_transparency_by_a_colour_is_respected() -> None:
    two = Image.new("RGB", (40, 20), (10, 20, 30))
    two.paste((200, 0, 0), (20, 0, 40, 20))
    result = pixels(finished(png(image=two, transparency=(200, 0, 0)), Output("jpeg")).data)
    assert result[:, 30:].min() > 245


@pytest.mark.parametrize("form", ["png", "webp"])
def test_formats_with_transparency_keep_it(form: str) -> None:
    cut_out = party(60, 40).convert("RGBA")
    cut_out.putalpha(Image.linear_gradient("L").resize((60, 40)))
    result = opened(finished(png(image=cut_out, exif=exif(1)), Output(form)).data)
    assert np.abs(np.asarray(result.getchannel("A"), int) - np.asarray(cut_out.getchannel("A"), int)).max() <= 1


def test_a_preview_is_a_small_webp() -> None:
    preview = images.preview(jpeg(1200, 800, gps=True), 360)
    assert opened(preview).format == "WEBP"
    assert opened(preview).size == (360, 240)
    assert len(preview) < 20_000
    expected = pixels(party(1200, 800).resize((360, 240), Image.Resampling.LANCZOS))
    assert np.abs(pixels(preview) - expected).mean() < 4


@pytest.mark.parametrize("sides", [(720, 480), (720, 720), (480, 720)], ids=["landscape", "square", "portrait"])
@pytest.mark.parametrize("drawn", [pencil_drawing, Image.effect_noise], ids=["pencil", "noise"])
def test_a_preview_for_a_grid_is_light_whatever_is_on_it(drawn: Drawn, sides: tuple[int, int]) -> None:
    picture = jpeg(image=drawn(sides, 90).convert("RGB"))
    most = PREVIEW_MAX_BYTES["grid"]
    assert len(images.preview(picture, 360)) > most, "a picture that needs it"
    preview = images.preview(picture, 360, most)
    assert 0.6 * most < len(preview) <= most, "no coarser than it must be"
    assert 240 <= max(opened(preview).size) <= 360


def test_a_preview_that_is_light_already_is_no_coarser_for_it() -> None:
    assert images.preview(jpeg(), 360, 25_600) == images.preview(jpeg(), 360)


def test_a_preview_of_a_heic_is_of_the_picture_and_not_of_its_thumbnail() -> None:
    """The thumbnail is whatever somebody put there; 128 pixels would do for a preview of 64."""
    sharp = Image.effect_noise((512, 320), 90).convert("RGB")
    with_thumbnail, without = (heic(image=sharp, thumbnails=sizes) for sizes in ([128], []))
    assert images.preview(with_thumbnail, 64) == images.preview(without, 64)


@pytest.mark.parametrize("call", ["finish", "convert", "preview"])
def test_bad_bytes_are_refused_as_by_inspect(call: str) -> None:
    rest = {"finish": [Finish(Output(), (0, 0))], "convert": ["image/jpeg", LIMITS], "preview": [360]}[call]
    for data, reason in ((b"hello", Reason.UNSUPPORTED_MEDIA_TYPE), (jpeg(90, 60)[:500], Reason.INVALID_IMAGE)):
        with pytest.raises(Refused) as caught:
            getattr(images, call)(data, *rest)
        assert caught.value.reason is reason


def test_a_decoded_picture_is_upright_and_in_srgb() -> None:
    image = images.decode(jpeg(90, 60, orientation=6, icc_profile=wide_gamut_profile()))
    assert (image.mode, image.size) == ("RGB", (60, 90))
    assert _colourfulness(image) > 1.1 * _colourfulness(party(90, 60))


def test_an_encoded_picture_is_passed_on_unchanged() -> None:
    output = Output("webp", 80, 64)
    data = images.encode(party(128, 96), output)
    assert finished(data, output).data is data
    assert finished(data, replace(output, format="jpeg")).info == ImageInfo("image/jpeg", 64, 48)


def _corner(image: Image.Image, name: str) -> str:
    """The quadrant's colour there."""
    x = 4 if "left" in name else image.width - 5
    y = 4 if "upper" in name else image.height - 5
    pixel = np.array(image.convert("RGB").getpixel((x, y)))
    return ("red", "green", "blue")[int(pixel.argmax())] if pixel.min() < 100 else "white"


def _colourfulness(image: Image.Image) -> float:
    values = pixels(image)
    return float((values.max(axis=2) - values.min(axis=2)).mean())
