"""Rows of the table of faults that look alike at most providers."""

from functools import cache

from tests.pictures import flat_png, jpeg, webp
from tests.support.fakes import server
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import Answer, Behaviour
from tests.support.fakes.wire import Wire

PRIVATE_URL = "http://169.254.169.254/latest/meta-data/"
"""Where no provider's answer may lead."""

TRANSPORT: dict[str, Behaviour] = {
    "slow": server.slow(1.5),
    "hang": server.hang(),
    "drip": server.drip(),
    "reset": server.reset(),
    "overloaded_502": server.status(502, b"<html>Bad gateway</html>"),
    "overloaded_504": server.status(504, b"<html>Gateway timeout</html>"),
    "html": server.html(),
    "redirect": server.redirect(PRIVATE_URL),
    "too_many_bytes": server.huge(1 << 30),
}
"""What can happen to any call."""


@cache
def picture() -> bytes:
    """What the healthy fakes make of every shot."""
    return jpeg(768, 512)


@cache
def bad_pictures() -> dict[str, bytes]:
    """Files that a provider may call a JPEG: half of one, one of another type, one that fills the memory."""
    return {
        "corrupt_image": picture()[:-5000],
        "wrong_mime": webp(768, 512),
        "too_many_pixels": flat_png(9_000, 9_000),
    }


def says(reply: Reply) -> Behaviour:
    return server.status(reply.status, reply.body, reply.headers)


def billed(behaviour: Behaviour) -> Behaviour:
    """The order is taken; then this happens instead of its answer."""

    def behave(call: Call, answer: Answer, wire: Wire) -> Reply | None:
        answer(call)
        return behaviour(call, answer, wire)

    return behave


def half(reply: Reply) -> Reply:
    """A body that ends in the middle, with a length that admits it."""
    return Reply(reply.status, reply.body[: len(reply.body) // 2], reply.headers)
