"""Calls of one attempt, no more often than the API wants to be called."""

from collections.abc import Mapping
from threading import Event
from urllib.parse import urljoin

from app.adapters.polling import Polling
from app.adapters.providers import key_of
from app.domain.deadlines import Deadline
from app.domain.pace import Pace
from app.ports.providers import Connection, FileParts, HttpClient, HttpReply

RESULT_BYTES_MAX = 40 << 20

_PAUSE_SECONDS = 2.5  # between two questions: every 2 to 3 s, never more than one a second
_PATIENCE_SECONDS = 10.0


class Line:
    """Every call ends with the deadline or when it is cancelled.

    Raises ProviderFault(NOT_CONFIGURED) without a key.
    """

    def __init__(
        self, http: HttpClient, connection: Connection, deadline: Deadline, cancelled: Event, pace: Pace
    ) -> None:
        self.key = key_of(connection, "Turbotext")
        self.polling = Polling(
            "Turbotext",
            deadline,
            cancelled,
            pause=pace.seconds(_PAUSE_SECONDS),
            patience=pace.seconds(_PATIENCE_SECONDS),
        )
        self._http = http
        self._connection = connection
        self._deadline = deadline
        self._cancelled = cancelled

    def call(self, method: str, form: Mapping[str, str], files: FileParts = ()) -> HttpReply:
        return self._post(method, form, files, self._deadline)

    def ask(self, method: str, queue_id: str) -> HttpReply:
        """One question for a job's result, given up early enough to be put again."""
        return self._post(method, {"do": "get_result", "queueid": queue_id}, (), self.polling.end_of_question())

    def download(self, location: str) -> HttpReply:
        """A result, of RESULT_BYTES_MAX bytes at the most; `location` may be relative to the base URL."""
        url = _joined(self._connection.base_url, location)
        with self._http.session(self._connection, self._deadline, self._cancelled) as session:
            try:
                return session.download(url, max_bytes=RESULT_BYTES_MAX)
            finally:
                self.polling.hold()

    def _post(self, method: str, form: Mapping[str, str], files: FileParts, deadline: Deadline) -> HttpReply:
        """In a session of its own: servers close connections that idle for a pause, which would look like a loss."""
        with self._http.session(self._connection, deadline, self._cancelled) as session:
            headers = {"Authorization": f"Bearer {self.key}"}
            try:
                return session.send("POST", f"/api_ai/{method}", headers=headers, form=form, files=files)
            finally:
                self.polling.hold()


def _joined(base_url: str, location: str) -> str:
    try:
        return urljoin(f"{base_url}/", location)
    except ValueError:  # no URL at all, which the download refuses in its own words
        return location
