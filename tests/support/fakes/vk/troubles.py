"""Ways in which VK fails. Behaviours for `vk.misbehave` and `vk.always`."""

import json
import threading
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from tests.support.fakes import server
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.rows import billed
from tests.support.fakes.server import Answer, Behaviour
from tests.support.fakes.vk.fake import sent
from tests.support.fakes.vk.refusals import Refusal
from tests.support.fakes.wire import Wire


def refuses(code: int, detail: str = "", **fields: Any) -> Behaviour:
    """Any error, without doing what was asked."""
    return lambda call, answer, wire: Refusal(code, detail, **fields).reply(sent(call))


def captcha() -> Behaviour:
    """Error 14, as VK asks for one today: on a page of its own."""
    page = "https://id.vk.com/not_robot_captcha?session_token=fake"
    return refuses(14, captcha_sid="239633676097", captcha_ts=1_750_000_000.0, captcha_attempt=1, redirect_uri=page)


def bursts(times: int = 1) -> list[Behaviour]:
    """Error 6 so many times, for `misbehave(*bursts(3))`."""
    return [refuses(6)] * times


def does_then_drops() -> Behaviour:
    """Done as asked; then the connection breaks instead of an answer."""
    return billed(server.reset())


def does_then_hangs() -> Behaviour:
    """Done as asked; the answer never comes."""
    return billed(server.hang())


def does_then_refuses(code: int = 10) -> Behaviour:
    """Done as asked, and told as an internal error."""
    return billed(refuses(code))


def drops() -> Behaviour:
    """The connection breaks, and nothing was done."""
    return server.reset()


def loses_attachments(kept: int = 0) -> Behaviour:
    """A post is made with no more than the first `kept` of its attachments, and nothing tells so."""

    def behave(call: Call, answer: Answer, wire: Wire) -> Reply:
        fields = sent(call)
        attachments = fields.get("attachments", "").split(",")[:kept]
        return answer(_with(call, {**fields, "attachments": ",".join(attachments)}))

    return behave


def overlooks(newest: int = 1) -> Behaviour:
    """A list without its first items, which a slow copy at VK has not got yet."""

    def older(reply: Reply) -> Reply:
        told = json.loads(reply.body)["response"]
        counted = {"count": max(told["count"] - newest, 0)} if "count" in told else {}
        return Reply.json({"response": {**told, **counted, "items": told["items"][newest:]}})

    return server.edit(older)


def loses_files() -> Behaviour:
    """The upload server takes the files, answers as always, and has none of them."""

    def emptied(reply: Reply) -> Reply:
        told = json.loads(reply.body)
        return Reply.json({**told, **{name: "[]" for name in ("photo", "photos_list") if name in told}})

    return server.edit(emptied)


def waits_for(until: threading.Event) -> Behaviour:
    """The healthy answer, once the test says so."""

    def behave(call: Call, answer: Answer, wire: Wire) -> Reply:
        while not until.is_set():
            wire.wait(0.01)
        return answer(call)

    return behave


def quotes_the_token() -> Behaviour:
    """A careless gateway that repeats all it was sent."""
    return lambda call, answer, wire: Reply(502, call.body, {"Content-Type": "text/plain"})


def _with(call: Call, fields: dict[str, str]) -> Call:
    headers = {**call.headers, "content-type": "application/x-www-form-urlencoded"}
    return replace(call, query={}, headers=headers, body=urlencode(fields).encode())
