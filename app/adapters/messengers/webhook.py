"""Alerts as JSON to an address of the administrators' own; docs/alerts.md describes it."""

import hashlib
import hmac
import json
from typing import Any

from app.adapters.messengers.calls import post
from app.domain.channels import SECRET, URL, NotTold, mishap_of
from app.ports.alerts import ChannelValues, Notice
from app.ports.providers import HttpClient, HttpReply

SIGNATURE = "X-PhotoChanger-Signature"


class WebhookMessenger:
    """Implements ports.Messenger. `installation`: this one's public address, None if it has none."""

    def __init__(self, http: HttpClient, installation: str | None) -> None:
        self._http = http
        self._installation = installation

    def tell(self, notice: Notice, to: ChannelValues) -> None:
        body = json.dumps(self._content(notice), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        if secret := to.values.get(SECRET):
            headers[SIGNATURE] = signature(body, secret)
        reply = post(self._http, to[URL], to[URL], body, headers)
        if not reply.is_success:
            raise NotTold(mishap_of(reply.status), f"The webhook answered with status {reply.status}.", _wait(reply))

    def _content(self, notice: Notice) -> dict[str, Any]:
        return {
            "event": notice.event.value,
            "alert": notice.alert.snapshot() if notice.alert else None,
            "installation": self._installation,
            "at": notice.at.isoformat(),
        }


def signature(body: bytes, secret: str) -> str:
    """By which the other side knows that nobody else wrote the body."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def _wait(reply: HttpReply) -> float | None:
    text = reply.headers.get("retry-after", "")
    return float(text) if text.isdecimal() and len(text) < 10 else None
