"""Questions that somebody waits for in front of a page, whatever hangs."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from typing import TypeVar

Answer = TypeVar("Answer")

PATIENCE_SECONDS = 4.5
"""A page that waits so long for VK still answers within five seconds."""


def begun(question: Callable[[], Answer]) -> "Future[Answer]":
    """Begin to ask, in a thread that does not keep the process from ending."""
    future: Future[Answer] = Future()
    threading.Thread(target=_ask, args=(question, future), daemon=True).start()
    return future


def answer_of(future: "Future[Answer]", seconds: float) -> Answer | None:
    """None if there is none within `seconds`; raises what the question raised."""
    try:
        return future.result(max(0.0, seconds))
    except NotInTime:
        return None


def _ask(question: Callable[[], Answer], future: "Future[Answer]") -> None:
    try:
        future.set_result(question())
    except Exception as error:  # noqa: BLE001 - raised again where the answer is waited for
        future.set_exception(error)
