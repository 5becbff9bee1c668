"""A fake in a process of its own answers as it does anywhere, and tells what it has seen."""

import os

import pytest
import requests

from tests.support.fakes.gemini import FakeGemini
from tests.support.fakes.gemini_requests import KEY
from tests.support.fakes.process import FakeProcess
from tests.support.fakes.server import FakeServer


def paths(fake: FakeServer) -> list[str]:
    return [call.path for call in fake.calls]


def process_id(_: FakeServer) -> int:
    return os.getpid()


def test_it_answers_and_is_asked_from_here() -> None:
    with FakeProcess(FakeGemini) as fake:
        url = f"{fake.url}/v1beta/models"
        assert requests.get(url, headers={"x-goog-api-key": KEY}, timeout=5).ok
        assert fake.ask(paths) == ["/v1beta/models"]
        assert fake.ask(process_id) != os.getpid()
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)


def test_its_end_is_seen() -> None:
    with FakeProcess(FakeServer) as fake, pytest.raises(EOFError):
        fake.ask(lost)


def lost(_: FakeServer) -> None:
    os._exit(3)
