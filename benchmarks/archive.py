"""What ZIP downloads take from a real web process: memory, time, and how long going on takes to begin.

    python -m benchmarks.archive [--photos 1000] [--megabytes 2] [--bucket]

Prints JSON; going on is told by the seconds until the first byte and until the last. With `--bucket` the photos lie on
an S3 server (rclone) of this machine. All photos are one file on disk, and nothing keeps what comes.
"""

import argparse
import contextlib
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import requests

from app.config import ARCHIVE_THREADS
from benchmarks.servers import scratch_database
from tests.support.installation import ADMIN_PASSWORD, Installation, Process, installation
from tests.support.many_photos import many_photos
from tests.support.s3 import BUCKET, s3_server

MEGABYTE = 1_000_000
_SAMPLE_SECONDS = 0.05


class Reader:
    """Downloads the archive of all photos."""

    def __init__(self, house: Installation) -> None:
        self._url = f"{house.url}/api"
        answer = requests.post(f"{self._url}/login", json={"username": "serg", "password": ADMIN_PASSWORD}, timeout=30)
        self._headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def open(self, **headers: str) -> requests.Response:
        headers = {**self._headers, **headers}
        return requests.get(f"{self._url}/photos/archive", headers=headers, stream=True, timeout=120)

    def whole(self) -> int:
        """Bytes that came."""
        return sum(map(len, self.open().iter_content(1 << 20)))

    def seconds_to_go_on(self, tag: str, start: int) -> tuple[float, float]:
        """Until the first byte from there has come, and until the last has."""
        began = time.perf_counter()
        answer = self.open(**{"Range": f"bytes={start}-", "If-Range": tag})
        assert answer.status_code == 206
        coming = answer.iter_content(1 << 20)
        next(coming)
        first = time.perf_counter() - began
        for _ in coming:
            pass
        return round(first, 2), round(time.perf_counter() - began, 2)


class Watched:
    """Looks at a process's memory while something happens; `grown_by` are megabytes at most above the beginning."""

    def __init__(self, process: Process) -> None:
        self._process = psutil.Process(process.popen.pid)
        self._before = self._most = self._resident()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    @property
    def grown_by(self) -> float:
        return round((self._most - self._before) / MEGABYTE, 1)

    def __enter__(self) -> "Watched":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(_SAMPLE_SECONDS):
            self._most = max(self._most, self._resident())

    def _resident(self) -> int:
        size: int = self._process.memory_info().rss
        return size


def measure(house: Installation, elsewhere: Installation) -> dict[str, float | tuple[float, float]]:
    web, _ = house.start_web(), elsewhere.start_web()
    reader = Reader(house)
    reader.open().close()  # what is imported by the first request is not the archive's
    with Watched(web) as one:
        began = time.perf_counter()
        size = reader.whole()
        seconds = time.perf_counter() - began
    head = reader.open()
    tag = head.headers["ETag"]
    head.close()
    return {
        "archive_mb": round(size / MEGABYTE),
        "seconds": round(seconds, 1),
        "mb_per_second": round(size / MEGABYTE / seconds),
        "grown_by_mb_for_one": one.grown_by,
        "seconds_to_go_on_with_the_last_tenth": reader.seconds_to_go_on(tag, size * 9 // 10),
        "the_same_in_another_process": Reader(elsewhere).seconds_to_go_on(tag, size * 9 // 10),
        "grown_by_mb_for_six": _six(web, reader),
        "grown_by_mb_for_six_who_read_nothing": _six_unread(web, reader),
    }


def _six(web: Process, reader: Reader) -> float:
    with Watched(web) as watched, ThreadPoolExecutor(ARCHIVE_THREADS) as threads:
        assert len({future.result() for future in [threads.submit(reader.whole) for _ in range(ARCHIVE_THREADS)]}) == 1
    return watched.grown_by


def _six_unread(web: Process, reader: Reader) -> float:
    with Watched(web) as watched, contextlib.ExitStack() as open_ones:
        for _ in range(ARCHIVE_THREADS):
            open_ones.enter_context(reader.open())
        time.sleep(2)
    return watched.grown_by


@contextlib.contextmanager
def _places(folder: Path, bucket: bool) -> Iterator[tuple[dict[str, str], Path]]:
    """What says where photos are, and the folder in which they are then."""
    if not bucket:
        yield {"MEDIA_ROOT": str(folder / "media")}, folder / "media"
        return
    with s3_server(folder / "s3") as s3:
        yield {"MEDIA_ROOT": s3.url(), **s3.options}, folder / "s3" / "buckets" / BUCKET


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--megabytes", type=float, default=2)
    parser.add_argument("--bucket", action="store_true")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(scratch_database())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment, media = stack.enter_context(_places(folder, arguments.bucket))
        environment["PUBLIC_BASE_URL"] = "http://127.0.0.1"  # manifests name it
        house = stack.enter_context(installation(url, folder, **environment))
        elsewhere = stack.enter_context(installation(url, folder, **environment))
        many_photos(house.ledger, media, arguments.photos, int(arguments.megabytes * MEGABYTE))
        print(json.dumps(measure(house, elsewhere), indent=2))


if __name__ == "__main__":
    main()
