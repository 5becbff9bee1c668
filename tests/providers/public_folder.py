"""Where an installation's public files are, as a provider sees them."""

import itertools

from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import FakeServer


class PublicFolder(FakeServer):
    """`publish` is what the chain gives to drivers; `published` holds the files by path."""

    def __init__(self) -> None:
        super().__init__()
        self.published: dict[str, Reply] = {}
        self._numbers = itertools.count(1)

    def publish(self, data: bytes, mime_type: str) -> str:
        path = f"/public/media/{next(self._numbers)}"
        self.published[path] = Reply(200, data, {"Content-Type": mime_type})
        return f"{self.url}{path}"

    def answer(self, call: Call) -> Reply:
        return self.published.get(call.path, Reply(410))
