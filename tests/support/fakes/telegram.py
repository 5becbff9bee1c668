"""Telegram's Bot API on loopback, as far as it tells people something: https://core.telegram.org/bots/api."""

import html
import json
import re
from html.parser import HTMLParser
from typing import Any

from tests.support.fakes import server
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import Behaviour, FakeServer

TOKEN = "123456789:AAFakeTokenOfATestBot_0123456789abc"
CHAT_ID = "-1001234567890"

_PATH = re.compile(r"/bot([^/]+)/sendMessage")
_TAGS = {"b", "i", "code", "a"}
_TEXT_MAX = 4096


class FakeTelegram(FakeServer):
    """Knows one bot, which may write into one chat. `texts` are the messages there, as HTML."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.texts: list[str] = []

    def answer(self, call: Call) -> Reply:
        address = _PATH.fullmatch(call.path)
        if address is None:
            return refusal(404, "Not Found")
        if address[1] != TOKEN:
            return refusal(401, "Unauthorized")
        message = call.json()
        if str(message.get("chat_id")) != CHAT_ID:
            return refusal(400, "Bad Request: chat not found")
        if mistake := _mistake(message):
            return refusal(400, f"Bad Request: {mistake}")
        self.texts.append(message["text"])
        sent = {"message_id": len(self.texts), "chat": {"id": int(CHAT_ID), "type": "group"}, "text": message["text"]}
        return Reply.json({"ok": True, "result": sent})


def refusal(code: int, description: str, **parameters: int) -> Reply:
    content: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return Reply.json({**content, **({"parameters": parameters} if parameters else {})}, code)


def says(reply: Reply) -> Behaviour:
    return server.status(reply.status, reply.body, reply.headers)


def too_many_requests(seconds: int) -> Behaviour:
    return says(refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds))


def as_read(text: str) -> str:
    """What people see of a message."""
    return html.unescape(re.sub(r"</?[a-z]+>", "", text))


def _mistake(message: dict[str, Any]) -> str | None:
    text = message.get("text", "")
    if message.get("parse_mode") != "HTML":
        return "unsupported parse_mode"
    if not as_read(text).strip():
        return "message text is empty"
    if len(as_read(text).encode("utf-16-le")) // 2 > _TEXT_MAX:
        return "message is too long"
    return _Tags.mistake_in(text)


class _Tags(HTMLParser):
    """Telegram takes few tags, and refuses a message with any other."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self._open: list[str] = []
        self._mistake: str | None = None

    @classmethod
    def mistake_in(cls, text: str) -> str | None:
        parser = cls()
        parser.feed(text)
        parser.close()
        left = f"can't parse entities: Can't find end tag corresponding to {parser._open}" if parser._open else None
        return parser._mistake or left

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(tag)
        if tag not in _TAGS:
            self._mistake = f'can\'t parse entities: Unsupported start tag "{tag}"'

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self._mistake = f'can\'t parse entities: Unmatched end tag "{tag}"'


def quoting_the_token(call: Call) -> Reply:
    """A careless gateway that repeats the address in its answer."""
    return refusal(403, f"Forbidden: {json.dumps(call.path)} is blocked")
