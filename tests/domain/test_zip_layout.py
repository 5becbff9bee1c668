"""ZIP files laid out in advance, read back by Python's own zipfile."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.zip_layout import ZipEntry, ZipLayout

AT = datetime(2026, 11, 20, 17, 45, 12, tzinfo=UTC)
GIB = 1 << 30

files = st.dictionaries(st.from_regex(r"[a-z0-9_-]{1,20}\.jpg", fullmatch=True), st.binary(max_size=300), max_size=8)


def made_of(contents: dict[str, bytes], at: datetime = AT) -> bytes:
    """The whole archive."""
    layout = ZipLayout([ZipEntry(name, len(data), at) for name, data in contents.items()])
    crcs = [crc32(data) for data in contents.values()]
    parts = zip(layout.entries, crcs, contents.values(), strict=True)
    return b"".join(entry.header(crc) + data for entry, crc, data in parts) + layout.directory(crcs)


@given(files)
def test_what_goes_in_comes_out_and_is_as_long_as_was_said(contents: dict[str, bytes]) -> None:
    archive = made_of(contents)
    layout = ZipLayout([ZipEntry(name, len(data), AT) for name, data in contents.items()])
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        assert {name: opened.read(name) for name in opened.namelist()} == contents
        assert [info.header_offset for info in opened.infolist()] == layout.offsets
    assert len(archive) == layout.size_bytes


def test_a_file_is_dated_by_its_own_clock() -> None:
    with zipfile.ZipFile(io.BytesIO(made_of({"a.jpg": b"1"}))) as opened:
        assert opened.getinfo("a.jpg").date_time == (2026, 11, 20, 17, 45, 12)


def test_whoever_unpacks_a_file_may_read_it() -> None:
    with zipfile.ZipFile(io.BytesIO(made_of({"a.jpg": b"1"}))) as opened:
        assert opened.getinfo("a.jpg").external_attr >> 16 == 0o100644


def test_sizes_and_checksums_stand_in_front_for_programs_that_read_from_the_beginning() -> None:
    header = ZipEntry("a.jpg", 5, AT).header(crc32(b"photo"))
    assert header[6:8] == b"\0\0"  # no flag says that they come later
    assert header[14:26] == crc32(b"photo").to_bytes(4, "little") + 2 * (5).to_bytes(4, "little")


@pytest.mark.parametrize("count", [1, 2, 3])
def test_an_archive_beyond_four_gigabytes(tmp_path: Path, count: int) -> None:
    contents = {f"{number}.bin": 3 * GIB for number in range(count)} | {"last.csv": 4}
    layout = ZipLayout([ZipEntry(name, size, AT) for name, size in contents.items()])
    path = tmp_path / "sparse.zip"
    with path.open("wb") as file:
        for entry, offset in zip(layout.entries, layout.offsets, strict=True):
            file.seek(offset)
            file.write(entry.header(crc32(b"name")))
        file.write(b"name")
        file.write(layout.directory([0] * count + [crc32(b"name")]))
        assert file.tell() == layout.size_bytes
    with zipfile.ZipFile(path) as opened:
        assert opened.namelist() == list(contents)
        assert [info.header_offset for info in opened.infolist()] == layout.offsets
        assert opened.read("last.csv") == b"name"
