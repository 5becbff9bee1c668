"""Turbotext's photo methods on loopback: a queue that bills each job, fetches its pictures and forgets on demand."""

import itertools
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.fakes import server
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.rows import PRIVATE_URL, TRANSPORT, bad_pictures, billed, half, picture, says
from tests.support.fakes.server import Behaviour, Condition, FakeServer
from tests.support.fakes.turbotext_requests import METHODS, Refused, pictures_of

KEY = "turbotext-the-only-key-that-this-fake-accepts"
RECONNECT = {"action": "reconnect"}

_METHODS_AT = "/api_ai/"
_RESULTS_AT = "/download.php"


@dataclass
class Job:
    """`parameters` as they were sent, `pictures` by the parameter that named or carried them."""

    method: str
    parameters: dict[str, str]
    pictures: dict[str, bytes]
    made_at: float
    polls: int = 0


class FakeTurbotext(FakeServer):
    """A job is ready after `polls` questions and `seconds`; its result is `picture`.

    `created` counts what is billed, whatever became of the answer.
    """

    def __init__(self, *, polls: int = 1, seconds: float = 0.0, **options: Any) -> None:
        super().__init__(**options)
        self.polls = polls
        self.seconds = seconds
        self.picture = picture()
        self.created = 0
        self.jobs: dict[str, Job] = {}
        self._numbers = itertools.count(700_001)
        self._jobs_lock = threading.Lock()

    def answer(self, call: Call) -> Reply:
        if (call.method, call.path) == ("GET", _RESULTS_AT):
            return self._result(call)
        method = call.path.removeprefix(_METHODS_AT)
        if call.method != "POST" or method not in METHODS:
            return Reply(404, b"<html>Not found</html>", {"Content-Type": "text/html"})
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return refusal("auth_error", 401)
        return self._done(call, method)

    def forget(self) -> None:
        """All queue ids are unknown from now on; what was billed stays billed."""
        with self._jobs_lock:
            self.jobs.clear()

    @property
    def polled(self) -> list[Call]:
        return [call for call in self.calls if is_poll(call)]

    def misbehaviour(self, row: str) -> tuple[Behaviour, Condition] | None:
        """How a row of the table of faults looks here, and which calls it happens to."""
        for condition, behaviours in _rows():
            if row in behaviours:
                return behaviours[row], condition
        return None

    def _done(self, call: Call, method: str) -> Reply:
        if is_create(call):
            return self._created(call, method)
        if is_poll(call):
            return self._polled(call.form().get("queueid", ""), method)
        return refusal("params_error")

    def _created(self, call: Call, method: str) -> Reply:
        try:
            pictures = pictures_of(call, METHODS[method])
        except Refused as refused:
            return refusal(str(refused))
        with self._jobs_lock:
            number = next(self._numbers)
            self.created += 1
            self.jobs[str(number)] = Job(method, call.form().to_dict(), pictures, call.at)
        return Reply.json({"success": True, "queueid": number})

    def _polled(self, queue_id: str, method: str) -> Reply:
        with self._jobs_lock:
            job = self.jobs.get(queue_id)
        if job is None or job.method != method:
            return refusal("queue_not_found")
        job.polls += 1
        if job.polls <= self.polls or time.monotonic() - job.made_at < self.seconds:
            return Reply.json(RECONNECT)
        data = {"width": 768, "height": 512, "forbidden_content": False}
        return finished(data, uploaded_image=f"{self.url}{_RESULTS_AT}?f={queue_id}.png")

    def _result(self, call: Call) -> Reply:
        if "authorization" in call.headers or call.query.get("f", "").removesuffix(".png") not in self.jobs:
            return Reply(404)
        return Reply(200, self.picture, {"Content-Type": "image/png"})


def is_create(call: Call) -> bool:
    return _does(call, "create_queue")


def is_poll(call: Call) -> bool:
    return _does(call, "get_result")


def is_download(call: Call) -> bool:
    return call.path == _RESULTS_AT


def refusal(word: str, status: int = 200) -> Reply:
    return Reply.json({"success": False, "error": word}, status)


def finished(data: Any, **more: Any) -> Reply:
    """The answer for a job that is ready."""
    return Reply.json({"success": True, "error": "", "data": data, **more})


def changed(change: Callable[[dict[str, Any]], object]) -> Behaviour:
    """The healthy answer with its JSON changed; one that says to wait stays what it is."""

    def apply(reply: Reply) -> Reply:
        document = json.loads(reply.body)
        if document == RECONNECT:
            return reply
        change(document)
        return Reply.json(document, reply.status)

    return server.edit(apply)


def _does(call: Call, what: str) -> bool:
    return call.path.startswith(_METHODS_AT) and call.form().get("do") == what


def _rows() -> list[tuple[Condition, dict[str, Behaviour]]]:
    return [(is_create, _on_create()), (is_poll, _on_poll()), (is_download, _on_download())]


def _on_create() -> dict[str, Behaviour]:
    """What happens before there is a job, or when nobody knows whether there is one."""
    return {
        "slow": TRANSPORT["slow"],
        **{row: billed(TRANSPORT[row]) for row in ("hang", "reset", "overloaded_502", "overloaded_504")},
        "overloaded_500": billed(says(refusal("", 500))),
        "rate_limited_delay": server.status(429, headers={"Retry-After": "1"}),
        "rate_limited": server.status(429),
        "quota_day": says(refusal("LIMIT")),
        "overloaded_503": says(refusal("provider_busy", 503)),
        "key_401": says(refusal(f"auth_error: {KEY}", 401)),
        "forbidden_403": server.status(403),
        "gone_404": server.status(404),
        "region": server.status(451),
        "bad_argument": says(refusal("params_error")),
        "no_reference": changed(lambda document: document.pop("queueid", None)),
    }


def _on_poll() -> dict[str, Behaviour]:
    """What a job that exists and is billed may answer."""
    return {
        "no_image": says(finished({"image": []}, uploaded_image="")),
        "text_only": says(finished({"prompt": "a pirate"})),
        "empty_content": says(finished([])),
        "blocked": says(finished({"forbidden_content": True, "image": []})),
        "cut_json": server.edit(half),
        "html": TRANSPORT["html"],
        "internal_result": says(finished({}, uploaded_image=PRIVATE_URL)),
        "reconnect": says(Reply.json(RECONNECT)),
    }


def _on_download() -> dict[str, Behaviour]:
    """What may lie where the finished picture should."""
    return {
        **{row: TRANSPORT[row] for row in ("drip", "redirect", "too_many_bytes")},
        **{row: server.body(data, "image/png") for row, data in bad_pictures().items()},
        "result_gone": server.status(404),
    }
