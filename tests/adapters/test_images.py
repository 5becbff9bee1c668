"""What is accepted as an image, and what is refused however it is dressed up."""

import io
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.adapters.images import Images
from app.adapters.images.decoding import MAX_SIDE
from app.domain.errors import Reason, Refused
from app.domain.media import ACCEPTED_TYPES, ImageInfo
from tests import pictures
from tests.pictures import (
    after_start,
    encoded,
    exif,
    flat_png,
    heic,
    jpeg,
    jpeg_segment,
    png,
    png_chunk,
    png_file,
    webp,
)
from tests.scene import party

images = Images()

WHOLE = {
    "baseline": jpeg(160, 120),
    "progressive": jpeg(160, 120, progressive=True),
    "grey": jpeg(image=party(160, 120).convert("L")),
    "png": png(90, 60),
    "png-palette": png(image=party(60, 40).convert("P")),
    "webp": webp(160, 120),
    "webp-lossless": webp(60, 40, lossless=True),
    "heic": heic(128, 96),
}


def inspect(data: bytes) -> ImageInfo:
    return images.inspect(io.BytesIO(data))


def refusal(data: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        inspect(data)
    return caught.value


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (jpeg(640, 480), ImageInfo("image/jpeg", 640, 480)),
        (png(31, 17), ImageInfo("image/png", 31, 17)),
        (webp(33, 65), ImageInfo("image/webp", 33, 65)),
        (heic(320, 200), ImageInfo("image/heic", 320, 200)),
        (jpeg(1, 1), ImageInfo("image/jpeg", 1, 1)),
        (jpeg(image=party(40, 30).convert("CMYK")), ImageInfo("image/jpeg", 40, 30)),
    ],
    ids=["jpeg", "png", "webp", "heic", "one-pixel", "cmyk"],
)
def test_type_and_size_come_from_the_bytes(data: bytes, expected: ImageInfo) -> None:
    assert inspect(data) == expected


def test_a_generic_heif_brand_is_heif() -> None:
    data = bytearray(heic(64, 64))
    data[8:12] = b"mif1"
    assert inspect(bytes(data)).mime_type == "image/heif"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_width_and_height_are_those_that_people_see(orientation: int) -> None:
    info = inspect(jpeg(60, 40, orientation=orientation))
    assert (info.width, info.height) == ((40, 60) if orientation >= 5 else (60, 40))


TURNED = {
    "jpeg": lambda tag: jpeg(60, 40, orientation=tag),
    "png": lambda tag: png(60, 40, exif=exif(tag)),
    "webp": lambda tag: webp(60, 40, exif=exif(tag)),
    "heic": lambda tag: heic(128, 96, exif=exif(tag)),
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("make", TURNED.values(), ids=TURNED.keys())
def test_the_size_is_known_without_the_pixels(make: Callable[[int], bytes], orientation: int) -> None:
    data = make(orientation)
    info = inspect(data)
    assert images.size_of(data) == (info.width, info.height)


def test_the_size_of_a_large_picture_is_known_at_once() -> None:
    data = flat_png(8000, 7990)
    began = time.monotonic()
    assert images.size_of(data) == (8000, 7990)
    assert time.monotonic() - began < 0.05


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"hello", Reason.UNSUPPORTED_MEDIA_TYPE),
        (jpeg(90, 60)[:600], Reason.INVALID_IMAGE),
        (flat_png(9000, 9000), Reason.PAYLOAD_TOO_LARGE),
    ],
    ids=["text", "cut", "bomb"],
)
def test_what_is_no_image_has_no_size(data: bytes, reason: Reason) -> None:
    with pytest.raises(Refused) as caught:
        images.size_of(data)
    assert caught.value.reason is reason


@pytest.mark.parametrize("tag", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_means_upright(tag: int) -> None:
    assert inspect(jpeg(60, 40, orientation=tag)) == ImageInfo("image/jpeg", 60, 40)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF:UserWarning")
def test_broken_exif_spoils_no_photo() -> None:
    broken = after_start(jpeg(60, 40), jpeg_segment(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\x01" * 40))
    assert inspect(broken) == ImageInfo("image/jpeg", 60, 40)


def test_the_24_megapixels_of_a_camera_are_accepted() -> None:
    assert inspect(flat_png(6000, 4000)) == ImageInfo("image/png", 6000, 4000)


def test_the_stream_is_left_at_its_beginning() -> None:
    good, bad = io.BytesIO(jpeg(60, 40)), io.BytesIO(b"GIF89a, or so it says")
    good.seek(7)
    images.inspect(good)
    with pytest.raises(Refused):
        images.inspect(bad)
    assert (good.tell(), bad.tell()) == (0, 0)


OTHER_TYPES = {
    "empty": b"",
    "text": b"just text",
    "html": b"<!DOCTYPE html><img src=x>",
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "pdf": b"%PDF-1.7\n",
    "gif": encoded(party(20, 20).convert("P"), "GIF"),
    "tiff": encoded(party(20, 20), "TIFF"),
    "bmp": encoded(party(20, 20), "BMP"),
    "avif": encoded(party(20, 20), "AVIF"),
    "mp4": b"\0\0\0\x18ftypisom\0\0\0\0isommp42",
    "gif-that-ends-as-jpeg": encoded(party(20, 20).convert("P"), "GIF") + jpeg(20, 20),
    "jpeg-behind-a-byte": b"\n" + jpeg(20, 20),
}


@pytest.mark.parametrize("data", OTHER_TYPES.values(), ids=OTHER_TYPES.keys())
def test_other_types_are_refused_with_what_is_allowed(data: bytes) -> None:
    refused = refusal(data)
    assert refused.reason is Reason.UNSUPPORTED_MEDIA_TYPE
    assert refused.details == {"allowed": list(ACCEPTED_TYPES)}


def test_avif_is_refused_as_a_type_also_under_the_generic_brand() -> None:
    data = OTHER_TYPES["avif"].replace(b"ftypavif", b"ftypmif1", 1)
    assert refusal(data).reason is Reason.UNSUPPORTED_MEDIA_TYPE


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE.keys())
def test_a_file_cut_anywhere_is_refused(data: bytes) -> None:
    inspect(data)
    accepted = [length for length in range(len(data)) if _is_accepted(data[:length])]
    assert accepted == []


def test_a_jpeg_cut_and_closed_again_is_refused_when_a_marker_is_missing() -> None:
    whole = jpeg(160, 120)
    header = whole[: whole.index(b"\xff\xda")]
    assert refusal(header + b"\xff\xd9").reason is Reason.INVALID_IMAGE


@pytest.mark.parametrize("name", ["png", "png-palette"])
def test_one_wrong_bit_of_a_png_is_refused(name: str) -> None:
    data = bytearray(WHOLE[name])
    data[len(data) // 2] ^= 4
    assert refusal(bytes(data)).reason is Reason.INVALID_IMAGE


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_mutations_are_accepted_or_refused_and_never_crash(name: str, data: st.DataObject) -> None:
    mutated = bytearray(WHOLE[name])
    for _ in range(data.draw(st.integers(1, 8))):
        position = data.draw(st.integers(0, len(mutated) - 1))
        mutated[position : position + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    if _is_accepted(bytes(mutated)):
        assert len(images.size_of(bytes(mutated))) == 2


CHUNKS = (b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"iCCP", b"zTXt", b"iTXt", b"tEXt", b"eXIf", b"gAMA", b"acTL", b"fcTL")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(CHUNKS), st.binary(max_size=40)), max_size=4))
def test_strange_png_chunks_with_right_checksums_never_crash(strange: list[tuple[bytes, bytes]]) -> None:
    between = b"".join(png_chunk(kind, data) for kind, data in strange)
    _is_accepted(png_file(pictures.png_header(8, 8, colour_type=0), between, flat_png(8, 8)[33:-12], between))


SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x40\0\0\0WEBP", b"\0\0\0\x14ftypheic")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SIGNATURES), st.binary())
def test_noise_behind_a_signature_never_crashes(signature: bytes, noise: bytes) -> None:
    assert not _is_accepted(signature + noise)


@pytest.mark.parametrize(
    "data",
    [
        png_file(pictures.png_header(30_000, 30_000), png_chunk(b"IDAT", zlib.compress(bytes(1000)))),
        png_file(pictures.png_header(2**31 - 1, 2**31 - 1), png_chunk(b"IDAT", zlib.compress(bytes(1000)))),
        flat_png(9_000, 9_000),
        pictures.webp_with_canvas(16_384, 16_384),
        jpeg(64, 64).replace(struct.pack(">HH", 64, 64), struct.pack(">HH", 65_000, 65_000), 1),
    ],
    ids=["png-header", "png-largest", "png-complete", "webp-canvas", "jpeg-header"],
)
def test_more_pixels_than_allowed_are_too_large(data: bytes) -> None:
    refused = refusal(data)
    assert refused.reason is Reason.PAYLOAD_TOO_LARGE
    assert refused.details["max_pixels"] == 64_000_000


def test_the_limit_of_pixels_is_a_setting() -> None:
    small = Images(max_pixels=60 * 40)
    assert small.inspect(io.BytesIO(jpeg(60, 40))).width == 60
    with pytest.raises(Refused, match="2400 pixels"):
        small.inspect(io.BytesIO(jpeg(61, 40)))


@pytest.mark.parametrize("size", [(1, MAX_SIDE + 1), (MAX_SIDE + 1, 1)])
def test_a_side_that_no_output_could_have_is_refused(size: tuple[int, int]) -> None:
    refused = refusal(flat_png(*size))
    assert (refused.reason, refused.details["max_side"]) == (Reason.INVALID_IMAGE, MAX_SIDE)
    assert inspect(flat_png(1, MAX_SIDE)).height == MAX_SIDE


def _scans(count: int) -> bytes:
    """A progressive JPEG whose last scan is repeated."""
    whole = jpeg(640, 480, progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * count + b"\xff\xd9"


TEXT_BOMB = png_chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(60_000_000), 9))
BOMBS = {
    "png-text": lambda: png_file(pictures.png_header(8, 8), TEXT_BOMB, flat_png(8, 8)[33:-12]),
    "png-profile": lambda: png_file(
        pictures.png_header(8, 8), png_chunk(b"iCCP", TEXT_BOMB[8:-4]), flat_png(8, 8)[33:-12]
    ),
    "png-chunks": lambda: png_file(pictures.png_header(8, 8), png_chunk(b"teSt", b"") * 500_000),
    "jpeg-scans": lambda: _scans(4_000),
    "jpeg-segments": lambda: after_start(jpeg(8, 8), jpeg_segment(0xE5, b"") * 500_000),
    "jpeg-fill": lambda: after_start(jpeg(8, 8), b"\xff" * 8_000_000),
    "jpeg-junk": lambda: after_start(jpeg(8, 8), jpeg_segment(0xE5, b"") + bytes(8_000_000)),
    "jpeg-fill-in-scan": lambda: jpeg(8, 8)[:-2] + b"\xff" * 8_000_000,
    "jpeg-profile": lambda: jpeg(8, 8, icc_profile=pictures.SRGB + bytes(5_000_000)),
    "heif-boxes": lambda: heic(64, 64) + struct.pack(">I4s", 8, b"free") * 500_000,
    "webp-chunks": lambda: pictures.riff(b"WEBP" + webp(8, 8)[12:] + b"JUNK\0\0\0\0" * 500_000),
}


@pytest.mark.parametrize("make", BOMBS.values(), ids=BOMBS.keys())
def test_bombs_are_refused_quickly(make: Callable[[], bytes]) -> None:
    data = make()
    began = time.monotonic()
    assert refusal(data).reason is Reason.INVALID_IMAGE
    assert time.monotonic() - began < 2


def test_bombs_are_refused_in_little_memory(tmp_path: Path) -> None:
    """In a process of its own, whose peak is not hidden by what making the bombs needed."""
    made = [BOMBS[name]() for name in ("png-text", "png-profile", "jpeg-scans", "webp-chunks")]
    for number, bomb in enumerate([*made, flat_png(9_000, 9_000), pictures.webp_with_canvas(16_000, 8_000)]):
        (tmp_path / str(number)).write_bytes(bomb)
    done = subprocess.run(
        [sys.executable, "-c", _INSPECT_ALL, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 20


_INSPECT_ALL = """
import pathlib, resource, sys
from app.adapters.images import Images
from app.domain.errors import Refused
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = peak()
for path in pathlib.Path(sys.argv[1]).iterdir():
    try:
        with path.open("rb") as stream:
            Images().inspect(stream)
    except Refused:
        continue
    sys.exit(f"{path} was accepted")
print(peak() - before)
"""


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_an_animation_counts_as_its_first_frame(form: str) -> None:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    data = encoded(frames[0], form, save_all=True, append_images=frames[1:])
    assert (inspect(data).width, inspect(data).height) == (40, 30)


def test_html_inside_a_real_photo_does_not_make_it_another_type() -> None:
    data = after_start(jpeg(60, 40), jpeg_segment(0xFE, b"<script>alert(1)</script>"))
    assert inspect(data) == ImageInfo("image/jpeg", 60, 40)


def _is_accepted(data: bytes) -> bool:
    try:
        inspect(data)
    except Refused:
        return False
    return True
