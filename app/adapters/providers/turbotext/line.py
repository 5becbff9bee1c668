"""Calls of one attempt, no more often than the API wants to be called."""

import time
from collections.abc import Mapping
from threading import Event
from urllib.parse import urljoin

from app.domain.deadlines import Deadline
from app.domain.errors import FaultKind, ProviderFault
from app.ports.providers import Connection, FileParts, HttpClient, HttpReply

RESULT_BYTES_MAX = 40 << 20

_USUAL_PAUSE = 2.5  # seconds between two questions: every 2 to 3 s, never more than one a second
_SHORTEST_PAUSE = 1.0
_SHARE_OF_TIME = 16  # so many questions fit into a short attempt
_TINY = 3.0  # seconds
_PATIENCE = 4  # pauses; a question that hangs is put again


def pause_for(seconds: float) -> float:
    """Seconds between two calls of an attempt that has `seconds`.

    Less than usual in a short attempt, such as of a worker that takes a job over, but no less than the API allows. An
    attempt under 3 s is one of the tests, in which everything is quicker, or the very last chance of a photo.
    """
    if seconds < _TINY:
        return max(0.1, seconds / 20)
    return min(_USUAL_PAUSE, max(_SHORTEST_PAUSE, seconds / _SHARE_OF_TIME))


class Line:
    """Every call ends with the deadline or when it is cancelled; who rests before it keeps `pause` seconds between.

    Raises ProviderFault(NOT_CONFIGURED) without a key.
    """

    def __init__(
        self, http: HttpClient, connection: Connection, deadline: Deadline, cancelled: Event, pause: float
    ) -> None:
        if not connection.api_key:
            raise ProviderFault(FaultKind.NOT_CONFIGURED, "There is no key for Turbotext.", permanent=True)
        self.key = connection.api_key
        self._http = http
        self._connection = connection
        self._deadline = deadline
        self._cancelled = cancelled
        self._pause = pause
        self._free_at = 0.0

    def rest(self) -> None:
        """Wait until the API may be called again. Raises ProviderFault: CANCELLED, or HANG if time ends before that."""
        now = time.monotonic()
        wait = max(0.0, self._free_at - now)
        if wait >= self._deadline.remaining(now):
            raise ProviderFault(FaultKind.HANG, "Turbotext had no picture ready in time.", permanent=False)
        if self._cancelled.wait(wait):
            raise ProviderFault(FaultKind.CANCELLED, "The job ended before its picture was ready.", permanent=True)

    def hold(self, seconds: float) -> None:
        """The API wants to be left alone for so long."""
        self._free_at = max(self._free_at, time.monotonic() + seconds)

    def call(self, method: str, form: Mapping[str, str], files: FileParts = ()) -> HttpReply:
        return self._post(method, form, files, self._deadline)

    def ask(self, method: str, queue_id: str) -> HttpReply:
        """One question for a job's result, given up early enough to be put again."""
        ends_at = time.monotonic() + _PATIENCE * self._pause
        deadline = min(self._deadline, Deadline(ends_at), key=lambda deadline: deadline.ends_at)
        return self._post(method, {"do": "get_result", "queueid": queue_id}, (), deadline)

    def download(self, location: str) -> HttpReply:
        """A result, of RESULT_BYTES_MAX bytes at the most; `location` may be relative to the base URL."""
        url = _joined(self._connection.base_url, location)
        with self._http.session(self._connection, self._deadline, self._cancelled) as session:
            try:
                return session.download(url, max_bytes=RESULT_BYTES_MAX)
            finally:
                self.hold(self._pause)

    def _post(self, method: str, form: Mapping[str, str], files: FileParts, deadline: Deadline) -> HttpReply:
        """In a session of its own: servers close connections that idle for a pause, which would look like a loss."""
        with self._http.session(self._connection, deadline, self._cancelled) as session:
            headers = {"Authorization": f"Bearer {self.key}"}
            try:
                return session.send("POST", f"/api_ai/{method}", headers=headers, form=form, files=files)
            finally:
                self.hold(self._pause)


def _joined(base_url: str, location: str) -> str:
    try:
        return urljoin(f"{base_url}/", location)
    except ValueError:  # no URL at all, which the download refuses in its own words
        return location
