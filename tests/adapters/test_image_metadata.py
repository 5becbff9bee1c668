"""What guests did not mean to share leaves with no picture, and takes nothing of the picture along."""

import time
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from app.adapters.images.jpeg_stream import without_metadata
from app.adapters.images.malformed import Malformed
from app.domain.catalogue import InputLimits
from app.domain.media import Output
from tests.adapters.finishing import finished, images
from tests.pictures import (
    SRGB,
    after_start,
    encoded,
    exif,
    heic,
    jpeg,
    jpeg_segment,
    opened,
    pixels,
    png,
    webp,
    wide_gamut_profile,
    with_text,
)
from tests.scene import party

LIMITS = InputLimits(("image/jpeg", "image/png", "image/webp", "image/heic"), 20 << 20, 8000)
SECRET = b"Serial 012345, owner Igor, 55.7558N 37.6173E"
JFIF, EXIF, PROFILE, ADOBE, COMMENT = 0xE0, 0xE1, 0xE2, 0xEE, 0xFE
THUMBNAIL = b"JFIF\0\1\1\0\0\1\0\1\1\1" + SECRET[:3]
SECRETS = [
    jpeg_segment(EXIF, exif(1, gps=True)),
    jpeg_segment(EXIF, b"http://ns.adobe.com/xap/1.0/\0" + SECRET),
    jpeg_segment(JFIF, b"JFXX\0\x13\1\1" + SECRET),
    jpeg_segment(JFIF, THUMBNAIL),
    jpeg_segment(PROFILE, b"MPF\0" + SECRET),
    jpeg_segment(0xED, b"Photoshop 3.0\0" + SECRET),
    jpeg_segment(ADOBE, b"Another maker" + SECRET),
    jpeg_segment(0xE5, b""),
    jpeg_segment(COMMENT, SECRET),
    b"\xff\xff" + jpeg_segment(COMMENT, SECRET),
]
BARE = {
    "baseline": jpeg(160, 120),
    "progressive": jpeg(160, 120, progressive=True),
    "restarting": jpeg(160, 120, restart_marker_blocks=3),
    "grey": jpeg(image=party(160, 120).convert("L")),
    "stored-as-rgb": jpeg(160, 120, keep_rgb=True),
    "cmyk": jpeg(image=party(160, 120).convert("CMYK")),
    "profile": jpeg(160, 120, icc_profile=wide_gamut_profile()),
    "large-profile": jpeg(160, 120, icc_profile=SRGB + bytes(100_000)),
}
each_kind = pytest.mark.parametrize("bare", BARE.values(), ids=BARE.keys())


def sent(data: bytes, mime_type: str = "image/jpeg") -> bytes:
    return images.convert(data, mime_type, LIMITS)[0]


def segments(data: bytes) -> list[tuple[int, bytes]]:
    """Marker and body of everything before the first scan."""
    found, position = [], 2
    while not found or found[-1][0] != 0xDA:
        length = int.from_bytes(data[position + 2 : position + 4])
        found.append((data[position + 1], data[position + 4 : position + 2 + length]))
        position += 2 + length
    return found


@each_kind
def test_what_is_bare_is_passed_on_as_the_very_same_object(bare: bytes) -> None:
    assert sent(bare) is bare


@each_kind
def test_metadata_is_taken_out_and_every_other_byte_stays(bare: bytes) -> None:
    assert sent(after_start(bare, *SECRETS) + SECRET) == (
        bare[:2] + jpeg_segment(JFIF, THUMBNAIL[:12] + b"\0\0") + bare[2:]
    )


@pytest.mark.parametrize("secret", SECRETS)
def test_each_of_it_alone(secret: bytes) -> None:
    result = sent(after_start(BARE["profile"], secret))
    assert SECRET[:3] not in result
    assert {marker for marker, _ in segments(result) if marker >= JFIF} == {JFIF, PROFILE}


def test_adobes_segment_tells_how_colours_are_stored_and_stays_without_its_appendix() -> None:
    bare = BARE["cmyk"]
    [adobe] = [body for marker, body in segments(bare) if marker == ADOBE]
    longer = bare.replace(jpeg_segment(ADOBE, adobe), jpeg_segment(ADOBE, adobe + SECRET))
    assert sent(longer) == bare


@pytest.mark.parametrize("profile", [SECRET, SRGB[:200] + SECRET], ids=["noise", "cut"])
def test_a_profile_that_is_none_may_hide_anything(profile: bytes) -> None:
    picture = jpeg(160, 120, icc_profile=profile)
    assert sent(picture) == finished(picture, Output()).data == BARE["baseline"]


def test_between_scans_nothing_can_be_taken_out_without_another_encoding() -> None:
    """The decoder ends the first scan there; without the segment it would read on."""
    whole = BARE["baseline"]
    middle = len(whole) - 800
    parted = whole[:middle] + jpeg_segment(COMMENT, SECRET) + whole[middle:]
    assert without_metadata(parted) is None
    assert without_metadata(jpeg(160, 120, progressive=True)[:-2] + SECRETS[-1] + b"\xff\xd9") is None


def test_a_late_comment_costs_another_encoding() -> None:
    late = BARE["progressive"][:-2] + jpeg_segment(COMMENT, SECRET) + b"\xff\xd9"
    result = sent(late)
    assert SECRET not in result
    assert np.abs(pixels(result) - pixels(late)).mean() < 3


@pytest.mark.parametrize(
    ("data", "mime_type"),
    [
        (png(160, 120, pnginfo=with_text(compressed=False, Comment=SECRET.decode())), "image/png"),
        (png(160, 120, exif=exif(6, gps=True)), "image/png"),
        (webp(160, 120, xmp=SECRET), "image/webp"),
        (heic(160, 120, xmp=SECRET, exif=exif(gps=True)), "image/heic"),
    ],
    ids=["png-text", "png-exif", "webp", "heic"],
)
def test_other_files_are_encoded_anew(data: bytes, mime_type: str) -> None:
    result = opened(sent(data, mime_type))
    assert set(result.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert result.size == images.size_of(data)


@pytest.mark.parametrize("form", ["jpeg", "original"])
def test_a_providers_picture_is_not_encoded_twice(form: str) -> None:
    picture = after_start(BARE["profile"], *SECRETS[:2])
    result = finished(picture, Output(form))
    assert result.data == BARE["profile"]
    assert (result.info.width, result.info.height) == (160, 120)


@each_kind
def test_a_file_cut_anywhere_is_malformed(bare: bytes) -> None:
    data = after_start(bare, *SECRETS)
    for length in range(0, len(data), 7):
        with pytest.raises(Malformed):
            without_metadata(data[:length])


def decoded(data: bytes) -> tuple[str, bytes] | None:
    """The mode and every pixel; None if the decoder gives up, which broken metadata alone may be the reason of."""
    try:
        image = JpegImageFile(BytesIO(data))
        image.load()
    except (OSError, SyntaxError, ValueError):
        return None
    return image.mode, image.tobytes()


markers = st.sampled_from([*range(0xE0, 0xF0), COMMENT])
beginnings = st.sampled_from([b"", b"JFIF\0", b"JFXX\0", b"Exif\0\0", b"ICC_PROFILE\0", b"Adobe", b"MPF\0"])
bodies = st.tuples(beginnings, st.binary(max_size=40)).map(b"".join)
strange = st.lists(st.builds(jpeg_segment, markers, bodies), max_size=5)


@settings(max_examples=400)
@given(st.sampled_from(sorted(BARE)), strange, st.binary(max_size=30))
def test_whatever_stands_before_the_picture_the_pixels_are_the_same(
    name: str, before: list[bytes], behind: bytes
) -> None:
    data = after_start(BARE[name], *before) + behind
    result = without_metadata(data)
    assert result is not None
    assert decoded(data) in (None, decoded(result))
    assert without_metadata(result) == result


@pytest.mark.filterwarnings("ignore:Corrupt EXIF:UserWarning")
@settings(max_examples=600)
@given(st.sampled_from(sorted(BARE)), st.data())
def test_hostile_bytes_lose_their_metadata_or_nothing(name: str, data: st.DataObject) -> None:
    hostile = bytearray(after_start(BARE[name], *SECRETS))
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(2, len(hostile) - 1))
        piece = data.draw(st.binary(max_size=4) | st.sampled_from([*SECRETS, b"\xff\xd9", b"\xff\xda", b"\xff\x01"]))
        hostile[position : position + data.draw(st.integers(0, 3))] = piece
    try:
        result = without_metadata(bytes(hostile))
    except Malformed:
        return
    if result is not None:
        assert decoded(bytes(hostile)) in (None, decoded(result))


def test_a_cameras_photo_is_ready_at_once() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (1500, 2250, 3), np.uint8)
    picture = Image.fromarray(noise).resize((6000, 4000), Image.Resampling.BILINEAR)
    bare = encoded(picture, "JPEG", quality=75)
    assert 7_000_000 < len(bare) < 10_000_000
    for data in (bare, after_start(bare, *SECRETS[:3])):
        assert min(seconds_to_send(data) for _ in range(10)) < 0.03


def seconds_to_send(data: bytes) -> float:
    began = time.perf_counter()
    assert Image.open(BytesIO(sent(data))).size == (6000, 4000)
    return time.perf_counter() - began
