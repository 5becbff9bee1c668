"""A real S3 server over a folder, for tests."""

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.waiting import until

BUCKET = "photos"
KEYS = {"AWS_ACCESS_KEY_ID": "TESTKEYID", "AWS_SECRET_ACCESS_KEY": "a-secret-that-no-message-may-show"}


@dataclass(frozen=True)
class S3Server:
    """A running server with one bucket; `options` is what `open_media_store` needs beside the URL."""

    endpoint: str
    options: Mapping[str, str] = field(default_factory=lambda: dict(KEYS))

    def url(self, prefix: str = "", bucket: str = BUCKET) -> str:
        return f"s3://{bucket}/{prefix}?endpoint={self.endpoint}"


@contextlib.contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """`rclone serve s3` on a free port of 127.0.0.1; it checks signatures against KEYS. Ends with the context."""
    log = folder / "rclone.log"
    (folder / "buckets" / BUCKET).mkdir(parents=True)
    with log.open("wb") as output:
        process = subprocess.Popen([*_command(), str(folder / "buckets")], stdout=output, stderr=output)
    try:
        address = until(lambda: re.search(r"http://127\.0\.0\.1:\d+", log.read_text()), what="rclone serve s3")
        yield S3Server(address[0])
    finally:
        process.kill()  # asked politely, it first waits for clients that hang
        process.wait(10)


def _command() -> list[str]:
    binary = Path(sys.executable).with_name("rclone")
    keys = f"--auth-key={KEYS['AWS_ACCESS_KEY_ID']},{KEYS['AWS_SECRET_ACCESS_KEY']}"
    return [str(binary), "serve", "s3", "--config=/dev/null", "--addr=127.0.0.1:0", keys]
