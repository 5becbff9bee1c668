"""Waiting for what another thread or process does, without sleeping for luck."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def until(condition: Callable[[], Answer], seconds: float = 10, what: str = "the condition") -> Answer:
    """Ask `condition` every 20 ms until it answers something true, and return that; AssertionError after `seconds`."""
    give_up = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < give_up, f"{what}: not within {seconds} s"
        time.sleep(0.02)
    return answer
