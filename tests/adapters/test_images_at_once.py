"""However many pictures come at once, memory stays bounded and nobody waits for ever."""

import io
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from PIL import Image

from app.adapters.images import Images
from app.domain.catalogue import InputLimits
from app.domain.errors import Reason, Refused
from app.domain.media import Finish, Output
from tests.pictures import encoded, jpeg, png_chunk, png_file, png_header


class Stuck(io.BytesIO):
    """A file whose bytes do not come before `go` is set."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.asked, self.go = Event(), Event()

    def read(self, size: int | None = -1, /) -> bytes:
        self.asked.set()
        self.go.wait(20)
        return super().read(size)


@contextmanager
def busy(images: Images) -> Iterator[Stuck]:
    """`images` reads a file that does not come to its end."""
    file = Stuck(jpeg(60, 40))
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(images.inspect, file)
        assert file.asked.wait(10)
        try:
            yield file
        finally:
            file.go.set()
            assert done.result(10).width == 60


def test_who_has_waited_long_enough_is_told_to_come_back() -> None:
    images = Images(at_once=1, patience_seconds=0.05)
    with busy(images), pytest.raises(Refused) as caught:
        images.inspect(io.BytesIO(jpeg(60, 40)))
    assert caught.value.reason is Reason.QUEUE_BUSY
    assert caught.value.retry_after
    assert images.inspect(io.BytesIO(jpeg(60, 40))).height == 40


def test_the_size_is_told_while_others_are_being_read() -> None:
    images = Images(at_once=1)
    with busy(images):
        assert images.size_of(jpeg(60, 40)) == (60, 40)


@pytest.mark.parametrize(
    "call",
    [
        lambda images, data: images.finish(data, Finish(Output(), (0, 0))),
        lambda images, data: images.convert(data, "image/jpeg", InputLimits(("image/png",), 1 << 20, 100)),
        lambda images, data: images.preview(data, 360),
        lambda images, data: images.decode(data),
    ],
    ids=["finish", "convert", "preview", "decode"],
)
def test_work_that_was_taken_on_is_not_refused(call: Callable[[Images, bytes], Any]) -> None:
    images = Images(at_once=1, patience_seconds=0.0)
    with ThreadPoolExecutor(1) as pool:
        with busy(images):
            waiting = pool.submit(call, images, jpeg(60, 40))
        assert waiting.result(10)


def test_the_largest_full_frame_camera_is_welcome() -> None:
    data = encoded(Image.new("L", (9504, 6336)), "JPEG")
    assert Images().inspect(io.BytesIO(data)).width == 9504


WIDTH, HEIGHT = 8000, 7990  # nearly as large as pictures may be


@pytest.fixture(scope="module")
def rows() -> bytes:
    """The pixels of a bomb with transparency, in a few hundred kB."""
    packer = zlib.compressobj(1)
    row = bytes(1 + 4 * WIDTH)
    return b"".join(packer.compress(row) for _ in range(HEIGHT)) + packer.flush()


def bomb(rows: bytes) -> bytes:
    return png_file(png_header(WIDTH, HEIGHT, colour_type=6), png_chunk(b"IDAT", rows))


def test_the_largest_pictures_at_once_take_the_memory_of_one(rows: bytes, tmp_path: Path) -> None:
    verdicts, megabytes = inspect_eight(bomb(rows), tmp_path)
    assert verdicts == {"accepted"}
    assert megabytes < 320


def test_refused_pictures_leave_no_memory_with_their_refusals(rows: bytes, tmp_path: Path) -> None:
    verdicts, megabytes = inspect_eight(bomb(rows[:-1000]), tmp_path)
    assert verdicts == {"invalid_image"}
    assert megabytes < 320


def inspect_eight(picture: bytes, folder: Path) -> tuple[set[str], int]:
    """Eight times the same, four at once, in a process of its own: the verdicts, and how far memory grew in MB."""
    path = folder / "picture"
    path.write_bytes(picture)
    done = subprocess.run([sys.executable, "-c", _INSPECT_EIGHT, str(path)], capture_output=True, text=True, check=True)
    *verdicts, megabytes = done.stdout.split()
    return set(verdicts), int(megabytes)


_INSPECT_EIGHT = """
import re, sys
from concurrent.futures import ThreadPoolExecutor
from app.adapters.images import Images
from app.domain.errors import Refused
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024
images, before = Images(), peak()
def verdict(_):
    try:
        with open(sys.argv[1], "rb") as stream:
            images.inspect(stream)
    except Refused as refusal:
        return refusal
with ThreadPoolExecutor(4) as pool:
    for refusal in list(pool.map(verdict, range(8))):
        print(refusal.reason.value if refusal else "accepted")
print(peak() - before)
"""
