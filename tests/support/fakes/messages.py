"""What a fake was asked, and what it answers."""

import io
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header


@dataclass(frozen=True)
class Call:
    """A request as it came in. `path` is as sent, without the query; header names are lower-case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    def json(self) -> Any:
        """The body; raises ValueError if it is not JSON."""
        return json.loads(self.body)

    def form(self) -> MultiDict[str, str]:
        """The plain fields of an urlencoded or a multipart body."""
        return self._parsed()[0]

    def files(self) -> MultiDict[str, FileStorage]:
        """The files of a multipart body, with `filename`, `mimetype` and `read()`."""
        return self._parsed()[1]

    def _parsed(self) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
        mime_type, options = parse_options_header(self.headers.get("content-type"))
        parser = FormDataParser(silent=False)
        _, form, files = parser.parse(io.BytesIO(self.body), mime_type, len(self.body), options)
        return form, files


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Self:
        return cls(status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})

    def head(self, **framing: str) -> bytes:
        """The bytes before the body; `framing` replaces the honest Content-Length."""
        phrase = HTTPStatus(self.status).phrase if self.status in set(HTTPStatus) else "Unknown"
        headers = {**self.headers, **(framing or {"Content-Length": str(len(self.body))})}
        lines = [f"HTTP/1.1 {self.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items() if value)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")
