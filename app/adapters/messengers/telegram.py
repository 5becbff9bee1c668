"""Alerts as messages of a Telegram bot: https://core.telegram.org/bots/api#sendmessage.

The bot's token is a part of the address, which therefore no message of an error may quote.
"""

import json
from typing import Any

from app.adapters.messengers.calls import post
from app.domain.channels import CHAT_ID, TOKEN, Mishap, NotTold, mishap_of
from app.domain.text import storable
from app.ports.alerts import AlertWords, ChannelValues, Notice
from app.ports.providers import HttpClient, HttpReply

_QUOTED_MAX = 200


class TelegramMessenger:
    """Implements ports.Messenger. `base_url` is where the Bot API is, without a slash at its end."""

    def __init__(self, http: HttpClient, words: AlertWords, base_url: str) -> None:
        self._http = http
        self._words = words
        self._base_url = base_url

    def tell(self, notice: Notice, to: ChannelValues) -> None:
        message = {
            "chat_id": to[CHAT_ID],
            "text": self._words.text(notice, to.language),
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
        }
        body = json.dumps(message).encode()
        path = f"/bot{to[TOKEN]}/sendMessage"
        reply = post(self._http, self._base_url, path, body, {"Content-Type": "application/json"})
        answer = _parsed(reply)
        if not reply.is_success or answer.get("ok") is not True:
            raise _refusal(reply.status, answer, to[TOKEN])


def _parsed(reply: HttpReply) -> dict[str, Any]:
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _refusal(status: int, answer: dict[str, Any], token: str) -> NotTold:
    said = answer.get("description")
    if not isinstance(said, str):
        return NotTold(Mishap.OUT_OF_ORDER, f"Telegram answered with status {status}, and not as its Bot API does.")
    parameters = answer.get("parameters")
    wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
    message = f"Telegram says: {storable(said, len(said)).replace(token, '…')[:_QUOTED_MAX]}"
    return NotTold(mishap_of(status), message, float(wait) if isinstance(wait, int) else None)
