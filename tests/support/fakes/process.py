"""A fake provider in a process of its own: what it costs is not counted as ours, and it never waits for our threads."""

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Generic, Self, TypeVar

from tests.support.fakes.server import FakeServer

Fake = TypeVar("Fake", bound=FakeServer)
Answer = TypeVar("Answer")


class FakeProcess(Generic[Fake]):
    """Runs the fake that `make` gives. It and every question go over a pipe: they are functions or classes of modules.

    For one thread; a question that fails there ends the process, and is an EOFError here.
    """

    url: str

    def __init__(self, make: Callable[[], Fake]) -> None:
        spawning = get_context("spawn")
        self._pipe, self._far_end = spawning.Pipe()
        self._process = spawning.Process(target=_serve, args=(make, self._far_end), daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        self._far_end.close()  # only the process has it now, so that its death is seen
        self.url = self.ask(_url)
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()
        self._process.join(10)

    def ask(self, question: Callable[[Fake], Answer]) -> Answer:
        """What `question` finds out about the fake."""
        self._pipe.send(question)
        answer: Answer = self._pipe.recv()
        return answer


def _url(fake: FakeServer) -> str:
    return fake.url


def _serve(make: Callable[[], FakeServer], pipe: Connection) -> None:
    with make() as fake:
        while True:
            try:
                question = pipe.recv()
            except EOFError:
                return
            pipe.send(question(fake))
