"""VK's upload servers: the middle step of an upload."""

import hashlib
import io
import itertools
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from tests.support.fakes.messages import Call, Reply

TO_ALBUM, TO_WALL = "album", "wall"
PATH = "/upload/"
FILE_BYTES_MAX = 50 * 1024 * 1024
SIDES_MAX = 14_000
ASPECT_MAX = 20
FIELDS = {TO_ALBUM: tuple(f"file{number}" for number in range(1, 6)), TO_WALL: ("photo",)}
"""The form fields that are looked at; files in others are lost without a word."""
_FORMATS = {"JPEG", "PNG", "GIF"}

File = tuple[bytes, tuple[int, int]]
"""A photo with its width and height."""


@dataclass
class Upload:
    """An upload address, given to one token for one album. `hash` is told once files have come."""

    kind: str
    token: str
    group_id: int
    album_id: int
    server: int
    url: str
    hash: str = ""
    files: list[File] = field(default_factory=list)

    def described(self) -> str:
        """What VK's server says of the files, as `photo` or `photos_list`: JSON in a string, "[]" for none."""
        return json.dumps([{"photo": f"{hashlib.sha256(data).hexdigest()[:10]}:w"} for data, _ in self.files])


class Uploads:
    """Addresses that were given away, and what came to them."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._servers = itertools.count(857_001)
        self._open: dict[str, Upload] = {}
        self._received: dict[str, Upload] = {}

    def open(self, kind: str, token: str, group_id: int, album_id: int) -> Upload:
        ticket = secrets.token_hex(12)
        upload = Upload(kind, token, group_id, album_id, next(self._servers), f"{self._address}{PATH}{ticket}")
        self._open[ticket] = upload
        return upload

    def received(self, hash_: str) -> Upload | None:
        return self._received.get(hash_)

    def close(self, upload: Upload) -> list[File]:
        """What was uploaded; it cannot be saved twice."""
        del self._received[upload.hash]
        return upload.files

    def receive(self, call: Call) -> Reply:
        """Answers the POST of files to an address. What is no good photo is left out."""
        upload = self._open.get(call.path.removeprefix(PATH))
        if upload is None:
            return Reply(404)
        sent = call.files()
        files = [sent[name].read() for name in FIELDS[upload.kind] if name in sent]
        upload.files = [(data, size) for data in files if (size := _size(data))]
        upload.hash = secrets.token_hex(16)
        self._received[upload.hash] = upload
        return Reply.json(self._answer(upload))

    def _answer(self, upload: Upload) -> dict[str, Any]:
        to_album = {"photos_list": upload.described(), "aid": upload.album_id}
        of_kind = to_album if upload.kind == TO_ALBUM else {"photo": upload.described()}
        return {"server": upload.server, **of_kind, "hash": upload.hash}


def _size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a photo that VK takes, else None."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
            is_good = image.format in _FORMATS
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    fits = len(data) <= FILE_BYTES_MAX and width + height <= SIDES_MAX
    return (width, height) if is_good and fits and max(width, height) <= ASPECT_MAX * min(width, height) else None
