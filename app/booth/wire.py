"""The request of DSLR Remote Pro, byte for byte.

Source: a capture of version 3.30.2. Its Content-Length, 53,205 bytes around a photo of 51,977, is what comes out
here for the captured parts without the optional password.
"""

import secrets
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.booth.target import parse_target

Part = tuple[str, str]
"""A text part of the form: name and value."""

CAPTURED_PARTS: tuple[Part, ...] = (
    ("time", "1758217512"),
    ("user_id", "Acer"),
    ("id", "CY04N068111304S2L_00000001."),
    ("profile", r"C:\Users\Acer\Documents\PhotoboothImages\setup_Serg.xml"),
    ("status", r"C:\Users\Acer\Documents\PhotoboothImages\screenSerg\preview.jpg"),
    ("hash", "7b6c683e1d3fd29c8701791c54e3c12a236f5a5b"),
    ("name", "DESKTOP-K968T3F"),
    ("model", "Windows"),
    ("version", "3.30.2"),
    ("password", "123456"),
)

_ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo as the booth sends it."""

    file_name: str
    content: bytes
    mime_type: str = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Request:
    """`head` ends with its empty line; the booth sends `body` after 100 Continue."""

    head: bytes
    body: bytes


def booth_parts(
    booth: int, number: int, *, time: float, password: str | None = None, extra: Sequence[Part] = ()
) -> list[Part]:
    """The text parts of the `number`th shot of the `booth`th booth, at `time` seconds since 1970.

    Survey and QR answers and what the iPad adds go into `extra`.
    """
    parts = dict(CAPTURED_PARTS) | {
        "time": str(int(time)),
        "user_id": f"simulator-{booth:02}",
        "id": f"SIMULATED{booth:02}_{number:08}.",
        "hash": secrets.token_hex(20),
        "name": f"BOOTH-{booth:02}",
    }
    del parts["password"]
    return [*parts.items(), *([("password", password)] if password else []), *extra]


def build_request(
    url: str, parts: Iterable[Part], shot: Shot, *, boundary: str | None = None, file_field: str = "fileToUpload"
) -> Request:
    """The text parts in order, then the photo. Raises ValueError for a URL that cannot be used."""
    target = parse_target(url)
    boundary = boundary or "-" * 12 + "".join(secrets.choice(string.digits) for _ in range(24))
    body = _body(parts, shot, boundary, file_field)
    lines = (
        f"POST {target.path} HTTP/1.1",
        f"host: {target.host_header}",
        f"content-type: multipart/form-data; boundary={boundary}",
        f"content-length: {len(body)}",
        "expect: 100-continue",
    )
    return Request("".join(f"{line}\r\n" for line in (*lines, "")).encode(), body)


def _body(parts: Iterable[Part], shot: Shot, boundary: str, file_field: str) -> bytes:
    texts = "".join(f"--{boundary}\r\n{_disposition(name)}\r\n\r\n{value}\r\n" for name, value in parts)
    file = f'--{boundary}\r\n{_disposition(file_field)}; filename="{_escaped(shot.file_name)}"\r\n'
    file += f"Content-Type: {shot.mime_type}\r\n\r\n"
    return b"".join((texts.encode(), file.encode(), shot.content, f"\r\n--{boundary}--\r\n".encode()))


def _disposition(name: str) -> str:
    return f'Content-Disposition: form-data; name="{_escaped(name)}"'


def _escaped(text: str) -> str:
    """Inside quotes of a part's header, as HTML prescribes for forms."""
    return text.translate(_ESCAPES)
