"""VK's Callback sender. Its clock is the fake's, so that an hour of repetitions takes no time."""

import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import requests

from tests.support.fakes.vk.callback_servers import CONFIRMED, FAILED, WAITING, CallbackServer, CallbackServers
from tests.support.fakes.vk.clock import Clock
from tests.support.fakes.vk.schemas import check_event

RETRIES = (10, 180, 600, 1800, 3600)
"""Seconds after each failed attempt until the next; then the event is lost."""
RETRY_AFTER_MAX = 3 * 3600
PAUSE_AFTER = 10
PAUSE_SECONDS = 3600
"""VK rests from a server that has failed so often in a row. Its numbers are unknown, these are the fake's."""
ANSWER_SECONDS = 5.0


@dataclass(frozen=True)
class Answered:
    """What a server said. `status` is 0 if it said nothing in time; header names are lower-case."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


Post = Callable[[str, bytes, Mapping[str, str]], Answered]
"""Sends a body with headers to an address."""


def post_by_http(url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
    try:
        reply = requests.post(url, data=body, headers=dict(headers), timeout=ANSWER_SECONDS, allow_redirects=False)
    except requests.RequestException:
        return Answered(0)
    return Answered(reply.status_code, reply.text, {name.lower(): value for name, value in reply.headers.items()})


@dataclass(frozen=True)
class Attempt:
    """One delivery as it went. `retry` is what X-Retry-Counter said, 0 at first."""

    at: datetime
    event: Mapping[str, Any]
    retry: int
    answered: Answered


@dataclass
class _Delivery:
    server: CallbackServer
    event: dict[str, Any]
    earliest: datetime
    retry: int = 0

    @property
    def due(self) -> datetime:
        return max(self.earliest, self.server.paused_until or self.earliest)


class Callbacks:
    """Events on their way. `post` may be replaced, by one that asks a Flask test client, say."""

    def __init__(self, clock: Clock, servers: CallbackServers, codes: Callable[[int], str]) -> None:
        self.post: Post = post_by_http
        self.attempts: list[Attempt] = []
        self.lost: list[Mapping[str, Any]] = []
        self._clock = clock
        self._servers = servers
        self._code = codes
        self._waiting: list[_Delivery] = []
        self._lock = threading.Lock()
        self._sending = threading.Lock()

    @property
    def waiting(self) -> int:
        """Events that are still to be delivered."""
        with self._lock:
            return len(self._waiting)

    def tell(self, group_id: int, kind: str, content: Mapping[str, Any]) -> None:
        """An event for the confirmed servers of a community that want to hear of such."""
        check_event(kind, content)
        for server in self._servers.of(group_id):
            if kind in server.events:
                self._enqueue(server, kind, content, secrets.token_hex(20))

    def emit(self, group_id: int, kind: str, content: Mapping[str, Any], event_id: str | None = None) -> None:
        """Any event for all confirmed servers of a community, as often as wanted under the same id."""
        for server in self._servers.of(group_id):
            self._enqueue(server, kind, content, event_id or secrets.token_hex(20))

    def deliver(self) -> list[Attempt]:
        """Ask new servers for the code, and send all that is due now; returns the attempts at events."""
        with self._sending:
            for server in self._servers.in_state(WAITING):
                self._confirm(server)
            return [self._attempt(delivery) for delivery in self._due()]

    def deliver_all(self) -> list[Attempt]:
        """Let time pass until every event has arrived or is lost; postponed posts do not appear meanwhile."""
        attempts = self.deliver()
        while due := self._next_due():
            self._clock.move(seconds=max((due - self._clock.now()).total_seconds(), 0))
            attempts += self.deliver()
        return attempts

    @contextmanager
    def delivering(self) -> Iterator[None]:
        """Meanwhile events are sent by themselves, as soon as they are due."""
        stopping = threading.Event()

        def run() -> None:
            while not stopping.wait(0.02):
                self.deliver()

        thread = threading.Thread(target=run, name="vk-callbacks", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()

    def _enqueue(self, server: CallbackServer, kind: str, content: Mapping[str, Any], event_id: str) -> None:
        if server.status != CONFIRMED:
            return
        secret = {"secret": server.secret_key} if server.secret_key else {}
        about = {"group_id": server.group_id, "type": kind, "event_id": event_id, "v": server.api_version}
        with self._lock:
            self._waiting.append(_Delivery(server, {**about, "object": content, **secret}, self._clock.now()))

    def _due(self) -> list[_Delivery]:
        now = self._clock.now()
        with self._lock:
            known = [delivery for delivery in self._waiting if self._servers.knows(delivery.server)]
            due = [delivery for delivery in known if delivery.due <= now]
            self._waiting = [delivery for delivery in known if delivery.due > now]
        return sorted(due, key=lambda delivery: delivery.due)

    def _next_due(self) -> datetime | None:
        with self._lock:
            return min((delivery.due for delivery in self._waiting), default=None)

    def _confirm(self, server: CallbackServer) -> None:
        """VK's own request has neither an event_id nor a version."""
        answered = self._send(server, {"type": "confirmation", "group_id": server.group_id}, 0)
        is_right = (answered.status, answered.body) == (200, self._code(server.group_id))
        server.status = CONFIRMED if is_right else FAILED

    def _attempt(self, delivery: _Delivery) -> Attempt:
        at = self._clock.now()
        answered = self._send(delivery.server, delivery.event, delivery.retry)
        attempt = Attempt(at, delivery.event, delivery.retry, answered)
        self._judge(delivery, attempt)
        self.attempts.append(attempt)
        return attempt

    def _send(self, server: CallbackServer, event: Mapping[str, Any], retry: int) -> Answered:
        counter = {"X-Retry-Counter": str(retry)} if retry else {}
        return self.post(server.url, json.dumps(event).encode(), {"Content-Type": "application/json", **counter})

    def _judge(self, delivery: _Delivery, attempt: Attempt) -> None:
        """Only 200 with exactly `ok` is an acknowledgement; `remove` takes the server away."""
        server, answered = delivery.server, attempt.answered
        if (answered.status, answered.body) == (200, "ok"):
            server.failures = 0
        elif (answered.status, answered.body) == (200, "remove"):
            self._servers.remove(server)
        else:
            self._pause(server)
            self._repeat(delivery, attempt)

    def _pause(self, server: CallbackServer) -> None:
        server.failures += 1
        if server.failures % PAUSE_AFTER == 0:
            server.paused_until = self._clock.now() + timedelta(seconds=PAUSE_SECONDS)

    def _repeat(self, delivery: _Delivery, attempt: Attempt) -> None:
        if delivery.retry == len(RETRIES):
            self.lost.append(delivery.event)
            return
        wait = timedelta(seconds=_wanted(attempt.answered) or RETRIES[delivery.retry])
        again = _Delivery(delivery.server, delivery.event, attempt.at + wait, delivery.retry + 1)
        with self._lock:
            self._waiting.append(again)


def _wanted(answered: Answered) -> int | None:
    """The seconds that a 503 asks VK to wait."""
    after = answered.headers.get("retry-after", "")
    is_heeded = answered.status == 503 and after.isdigit() and 0 < int(after) < RETRY_AFTER_MAX
    return int(after) if is_heeded else None
