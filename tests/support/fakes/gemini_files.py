"""The Files API of the fake Gemini: resumable uploads, states, and files that end."""

import itertools
import threading
from dataclasses import dataclass, replace
from typing import Any

from tests.support.fakes.gemini_requests import TYPES, refusal, refused
from tests.support.fakes.messages import Call, Reply

UPLOADS = "/upload/v1beta/files"
FILES = "/v1beta/files/"


@dataclass(frozen=True)
class RemoteFile:
    """A file that was announced, and with `data` one that is there; `polls` are left until it can be used."""

    mime_type: str
    size: int
    data: bytes | None = None
    state: str = "ACTIVE"
    polls: int = 0


class GeminiFiles:
    """`polls`: how often a new file must be asked for before it is ACTIVE. `broken`: new files become FAILED."""

    def __init__(self, url: str) -> None:
        self.polls = 0
        self.broken = False
        self._url = url
        self._files: dict[str, RemoteFile] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def expire(self) -> None:
        """48 hours pass."""
        with self._lock:
            self._files.clear()

    def content(self, address: str) -> bytes | Reply:
        """The bytes behind a `fileUri`, or the refusal of the request that names it."""
        name = address.removeprefix(f"{self._url}{FILES}")
        with self._lock:
            file = self._files.get(name)
        if file is None or file.data is None:
            message = f"You do not have permission to access the File {name[:60]} or it may not exist."
            return refusal(403, "PERMISSION_DENIED", message)
        if file.state != "ACTIVE":
            message = f"The File {name} is not in an ACTIVE state and usage is not allowed."
            return refusal(400, "FAILED_PRECONDITION", message)
        return file.data

    def answer(self, call: Call) -> Reply:
        command = call.headers.get("x-goog-upload-command")
        with self._lock:
            if call.method == "GET" and call.path.startswith(FILES):
                return self._get(call.path.removeprefix(FILES))
            if (call.method, call.path, command) == ("POST", UPLOADS, "start"):
                return self._start(call)
            if (call.method, call.path, command) == ("POST", UPLOADS, "upload, finalize"):
                return self._finish(call)
        return refused("No command of an upload was given.")

    def _start(self, call: Call) -> Reply:
        size, mime_type = (call.headers.get(f"x-goog-upload-header-content-{name}", "") for name in ("length", "type"))
        is_right = call.headers.get("x-goog-upload-protocol") == "resumable" and size.isdecimal() and mime_type in TYPES
        if not is_right or set(call.json()) != {"file"} or not set(call.json()["file"]) <= {"displayName"}:
            return refused("The upload is not announced as documented.")
        name = f"file{next(self._numbers)}"
        self._files[name] = RemoteFile(mime_type, int(size))
        return Reply(headers={"X-Goog-Upload-URL": f"{self._url}{UPLOADS}?upload_id={name}&upload_protocol=resumable"})

    def _finish(self, call: Call) -> Reply:
        name = call.query.get("upload_id", "")
        announced = self._files.get(name)
        if announced is None or call.query.get("upload_protocol") != "resumable":
            return refusal(404, "NOT_FOUND", "Requested entity was not found.")
        if call.headers.get("x-goog-upload-offset") != "0" or len(call.body) != announced.size:
            return refused("The upload is not as long as announced.")
        state = "PROCESSING" if self.polls else "FAILED" if self.broken else "ACTIVE"
        self._files[name] = replace(announced, data=call.body, state=state, polls=self.polls)
        return Reply.json({"file": self._shown(name)})

    def _get(self, name: str) -> Reply:
        if name not in self._files:
            return refusal(404, "NOT_FOUND", f"File {name} not found.")
        file = self._files[name]
        if file.state == "PROCESSING":
            done = "FAILED" if self.broken else "ACTIVE"
            self._files[name] = replace(file, polls=file.polls - 1, state="PROCESSING" if file.polls > 1 else done)
        return Reply.json(self._shown(name))

    def _shown(self, name: str) -> dict[str, Any]:
        file = self._files[name]
        return {
            "name": f"files/{name}",
            "uri": f"{self._url}{FILES}{name}",
            "mimeType": file.mime_type,
            "sizeBytes": str(file.size),
            "state": file.state,
        }
