"""Large files pass through the media store without being held in memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.s3 import S3Server

MEGABYTE = 1024 * 1024
LARGE = 96 * MEGABYTE

# Memory that the library takes is invisible to Python's own tools, so a process of its own is measured.
_SCRIPT = """
import io, json, resource, sys
from app.adapters.files import open_media_store

url, options, path = json.loads(sys.argv[1])
store = open_media_store(url, options)

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

def store_and_read(key, file):
    store.write(key, file)
    reader, size = store.open(key)
    with reader:
        while reader.read(1024 * 1024):
            pass
    return size

with open(path, "rb") as large:
    store_and_read("results/small.jpg", io.BytesIO(b"x"))
    before = peak()
    size = store_and_read("results/large.jpg", large)
    print(json.dumps([size, peak() - before]))
"""


@pytest.mark.parametrize("kind", ["directory", "bucket"])
def test_memory_stays_flat(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    source = tmp_path / "large"
    with source.open("wb") as file:
        file.truncate(LARGE)
    url, options = str(tmp_path / "media"), {}
    if kind == "bucket":
        server: S3Server = request.getfixturevalue("s3")
        url, options = server.url("test/memory"), dict(server.options)

    command = [sys.executable, "-c", _SCRIPT, json.dumps([url, options, str(source)])]
    size, growth = json.loads(subprocess.check_output(command))

    assert size == LARGE
    assert growth < 32 * MEGABYTE
