"""Callback servers as communities register them: where VK tells of events, and of which."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime

_EVENTS_OF = {
    "audio": "new",
    "board_post": "delete edit new restore",
    "donut": "money_withdraw money_withdraw_error",
    "donut_subscription": "cancelled create expired price_changed prolonged",
    "group": "change_photo change_settings join leave officers_edit",
    "market_comment": "delete edit new restore",
    "message": "allow deny edit new reaction_event read reply typing_state",
    "photo": "new",
    "photo_comment": "delete edit new restore",
    "poll_vote": "new",
    "user": "block unblock",
    "video": "new",
    "video_comment": "delete edit new restore",
    "wall": "post_new repost schedule_post_delete schedule_post_new",
    "wall_reply": "delete edit new restore",
}
EVENTS = tuple(f"{of}_{what}" for of, several in _EVENTS_OF.items() for what in several.split())
"""All that a server may be told of; the fake itself tells of walls and photos only."""

WAITING, CONFIRMED, FAILED = "wait", "ok", "failed"


@dataclass
class CallbackServer:
    """`status` becomes `ok` when the server has answered with the community's confirmation code.

    `failures` are those in a row; nothing is sent until `paused_until`.
    """

    id: int
    group_id: int
    url: str
    title: str
    secret_key: str
    status: str = WAITING
    creator_id: int = 0
    api_version: str = "5.199"
    events: set[str] = field(default_factory=set)
    failures: int = 0
    paused_until: datetime | None = None


class CallbackServers:
    def __init__(self) -> None:
        self._all: dict[int, CallbackServer] = {}
        self._numbers = itertools.count(1)

    def of(self, group_id: int) -> list[CallbackServer]:
        return [server for server in list(self._all.values()) if server.group_id == group_id]

    def in_state(self, status: str) -> list[CallbackServer]:
        return [server for server in list(self._all.values()) if server.status == status]

    def add(self, group_id: int, url: str, title: str, secret_key: str = "") -> CallbackServer:
        server = CallbackServer(next(self._numbers), group_id, url, title, secret_key)
        self._all[server.id] = server
        return server

    def edit(self, server: CallbackServer, url: str, title: str, secret_key: str) -> None:
        if url != server.url:
            server.status = WAITING
        server.url, server.title, server.secret_key = url, title, secret_key

    def remove(self, server: CallbackServer) -> None:
        self._all.pop(server.id, None)

    def knows(self, server: CallbackServer) -> bool:
        return server.id in self._all
