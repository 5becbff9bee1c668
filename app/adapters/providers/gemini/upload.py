"""The Files API: two calls of its resumable protocol, then patience until the file can be used."""

import re
from datetime import UTC, datetime
from threading import Event
from typing import Any
from urllib.parse import parse_qsl

from app.adapters.providers.gemini.faults import fault_of
from app.domain.answers import at, json_object
from app.domain.errors import FaultKind, ProviderFault
from app.ports.providers import HttpReply, HttpSession, InputImage

_UPLOADS = "/upload/v1beta/files"
_NAME = re.compile(r"files/[a-z0-9-]{1,60}")
_ADDRESS = re.compile(r"https?://[!-~]{1,500}")
_POLL_SECONDS = 0.5


class Uploads:
    """Uploads with one key inside one session."""

    def __init__(self, http: HttpSession, key: str, cancelled: Event) -> None:
        self._http = http
        self._key = key
        self._cancelled = cancelled

    def upload(self, image: InputImage) -> str:
        """The address of the image at Gemini, where it lies for 48 hours. Raises ProviderFault."""
        file = at(self._send(image, self._announce(image)), "file")
        while at(file, "state") == "PROCESSING":
            self._cancelled.wait(_POLL_SECONDS)
            file = json_object(self._call("GET", f"/v1beta/{_name(file)}").body)
        address = str(at(file, "uri"))
        if at(file, "state") != "ACTIVE" or not _ADDRESS.fullmatch(address):
            raise _odd("Gemini cannot use the uploaded file.")
        return address

    def _announce(self, image: InputImage) -> HttpReply:
        headers = {
            "X-Goog-Upload-Protocol": "resumable",
            "X-Goog-Upload-Command": "start",
            "X-Goog-Upload-Header-Content-Length": str(len(image.data)),
            "X-Goog-Upload-Header-Content-Type": image.mime_type,
        }
        return self._call("POST", _UPLOADS, headers, json={"file": {"displayName": "template"}})

    def _send(self, image: InputImage, announced: HttpReply) -> dict[str, Any]:
        """Only the query of the URL that Gemini names counts: the key goes to the provider's own host."""
        query = dict(parse_qsl(announced.headers.get("x-goog-upload-url", "").partition("?")[2]))
        if "upload_id" not in query:
            raise _odd("Gemini did not say where to upload to.")
        headers = {"X-Goog-Upload-Command": "upload, finalize", "X-Goog-Upload-Offset": "0"}
        return json_object(self._call("POST", _UPLOADS, headers, params=query, body=image.data).body)

    def _call(self, method: str, path: str, headers: dict[str, str] | None = None, **content: Any) -> HttpReply:
        reply = self._http.send(method, path, headers={"x-goog-api-key": self._key, **(headers or {})}, **content)
        if not reply.is_success:
            raise fault_of(reply, self._key, datetime.now(UTC))
        return reply


def _name(file: Any) -> str:
    name = str(at(file, "name"))
    if not _NAME.fullmatch(name):
        raise _odd("The uploaded file has no name.")
    return name


def _odd(message: str) -> ProviderFault:
    return ProviderFault(FaultKind.INVALID_OUTPUT, message, permanent=False)
