"""The client as the services have it, against a server that says whatever a test wants."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.adapters.http.client import Http
from app.adapters.vk_api.client import VkClient
from app.adapters.vk_api.rules import load_rules
from app.domain.vk.errors import VkError
from app.ports.vk.api import TokenPace, VkToken
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import Behaviour, FakeServer
from tests.twins.memory_database import MemoryDatabase
from tests.twins.vk.memory_pace import MemoryTokenPace

HTTP = Http()
RULES = load_rules(Path(__file__).parents[2] / "configs" / "vk.json")
TOKEN = VkToken("vk1.a.FakeTokenOfATest_0123456789-abcdefghij", RULES.user_calls_per_second)


class Vk(FakeServer):
    """Says 1 to everything, which is how VK says yes."""

    def answer(self, call: Call) -> Reply:
        return Reply.json({"response": 1})


class Client(VkClient):
    """Pauses are only written down: `pauses` holds those that really make one wait."""

    def __init__(self, base_url: str, pace: TokenPace | None = None) -> None:
        self.pauses: list[float] = []
        super().__init__(HTTP, pace or MemoryTokenPace(MemoryDatabase()), RULES, base_url, sleep=self._note)

    def _note(self, seconds: float) -> None:
        if seconds:
            self.pauses.append(seconds)


class NoPace:
    """Whoever comes may call."""

    def reserve(self, token: str, calls_per_second: int, method: str = "") -> float:
        return 0.0

    def park(self, token: str, seconds: float, reason: str, method: str = "") -> None: ...

    def parked(self, tokens: Any) -> Mapping[str, float]:
        return {}


def says(response: Any) -> Behaviour:
    return lambda call, answer, wire: Reply.json({"response": response})


def refuses(code: int, message: str = "No.", **more: Any) -> Behaviour:
    """As VK does it: with status 200, the call's own parameters repeated, the token among them."""

    def behave(call: Call, answer: object, wire: object) -> Reply:
        asked = [{"key": key, "value": value} for key, value in call.form().items()]
        return Reply.json({"error": {"error_code": code, "error_msg": message, "request_params": asked, **more}})

    return behave


@contextmanager
def failing(kind: type[VkError]) -> Iterator[pytest.ExceptionInfo[VkError]]:
    """The block must raise exactly this kind."""
    with pytest.raises(VkError) as caught:
        yield caught
    assert type(caught.value) is kind, repr(caught.value)
