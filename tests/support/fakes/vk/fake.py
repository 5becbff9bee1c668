"""The fake itself: HTTP in front of the world, and what tests do to it. The package's docstring tells how."""

import itertools
import re
import threading
from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.rows import picture
from tests.support.fakes.server import Condition, FakeServer
from tests.support.fakes.vk import groups, photos, uploads, wall
from tests.support.fakes.vk.asked import METHODS, Asked
from tests.support.fakes.vk.callback_servers import CONFIRMED, EVENTS, CallbackServer
from tests.support.fakes.vk.callbacks import Callbacks
from tests.support.fakes.vk.clock import Clock
from tests.support.fakes.vk.refusals import Refusal
from tests.support.fakes.vk.schemas import check_response
from tests.support.fakes.vk.world import ADMINISTRATOR, Album, Group, Photo, Post, Token, World

GROUP_ID = 220_000_001
SCREEN_NAME = "photobooth_studio"
USER_ID = 9_000_001
USER_TOKEN = "vk1.a.FakeUserTokenOfAnAdministrator_0123456789"
COMMUNITY_TOKEN = "vk1.a.FakeCommunityTokenOfTheStudio_0123456789"
USER_RIGHTS = frozenset(groups.APP_RIGHTS)
COMMUNITY_RIGHTS = frozenset(groups.COMMUNITY_RIGHTS)

_METHOD = re.compile(r"/method/([A-Za-z]+\.[A-Za-z]+)")
_PHOTO = re.compile(r"/photo/(-?\d+)_(\d+)_[a-z]\.jpg")


class FakeVk(FakeServer):
    """VK with one community, GROUP_ID, its administrator's USER_TOKEN, and its own COMMUNITY_TOKEN."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.world = World(self.url)
        self._world_lock = threading.RLock()
        self._names = itertools.count(1)
        self.add_group(GROUP_ID, "Фотобудка", SCREEN_NAME)
        self.world.groups[GROUP_ID].roles[USER_ID] = ADMINISTRATOR
        self.world.tokens[USER_TOKEN] = Token(USER_TOKEN, USER_ID, None, USER_RIGHTS)
        self.world.tokens[COMMUNITY_TOKEN] = Token(COMMUNITY_TOKEN, None, GROUP_ID, COMMUNITY_RIGHTS)

    @property
    def clock(self) -> Clock:
        return self.world.clock

    @property
    def callbacks(self) -> Callbacks:
        """Events on their way: `deliver()`, `deliver_all()`, `with delivering():`, `emit(…)`, `attempts`, `lost`."""
        return self.world.callbacks

    def answer(self, call: Call) -> Reply:
        """Of a method, an upload server, or of the server that shows photos."""
        with self._world_lock:
            wall.publish_due(self.world)
            if call.path.startswith(uploads.PATH) and call.method == "POST":
                return self.world.uploads.receive(call)
            if found := _METHOD.fullmatch(call.path):
                return self._called(found[1], sent(call))
            return self._shown(call.path)

    def pass_time(self, **by: float) -> None:
        """Move the clock by a timedelta's arguments; postponed posts whose time has come appear."""
        with self._world_lock:
            self.clock.move(**by)
            wall.publish_due(self.world)

    def asked(self, name: str) -> list[dict[str, str]]:
        """The parameters of every call of a method that has arrived, in order."""
        return [sent(call) for call in self.calls if call.path == f"/method/{name}"]

    def most_in_a_second(self, token: str = USER_TOKEN) -> int:
        """The most calls with that token that arrived within any one second."""
        times = [call.at for call in self.calls if call.path.startswith("/method/") and _token_of(call) == token]
        return max((number + 1 - bisect_left(times, at - 1) for number, at in enumerate(times)), default=0)

    def add_group(self, group_id: int, name: str = "Студия", screen_name: str = "") -> Group:
        group = Group(group_id, name, screen_name or f"club{group_id}", f"{group_id % 0xFFFFFFFF:08x}")
        self.world.groups[group_id] = group
        return group

    def add_user_token(
        self,
        user_id: int = USER_ID,
        *,
        roles: dict[int, str] | None = None,
        rights: Sequence[str] = tuple(USER_RIGHTS),
        expires_at: datetime | None = None,
        is_of_vk_id: bool = False,
    ) -> str:
        """A token of a user, who gets `roles` by community: ADMINISTRATOR, EDITOR, MODERATOR."""
        for group_id, role in (roles or {}).items():
            self.world.groups[group_id].roles[user_id] = role
        token = f"{'vk2' if is_of_vk_id else 'vk1'}.a.FakeUserToken{next(self._names):04}_{user_id}"
        kept = Token(token, user_id, None, frozenset(rights), expires_at, is_of_vk_id=is_of_vk_id)
        self.world.tokens[token] = kept
        return token

    def add_community_token(self, group_id: int, rights: Sequence[str] = tuple(COMMUNITY_RIGHTS)) -> str:
        token = f"vk1.a.FakeCommunityToken{next(self._names):04}_{group_id}"
        self.world.tokens[token] = Token(token, None, group_id, frozenset(rights))
        return token

    def revoke(self, token: str) -> None:
        self.world.tokens[token].is_revoked = True

    def connect_callback(
        self, url: str, secret: str = "", *, group_id: int = GROUP_ID, events: Sequence[str] = EVENTS
    ) -> CallbackServer:
        """A Callback server that was set up and confirmed before."""
        server = self.world.servers.add(group_id, url, "PhotoChanger", secret)
        server.status, server.events = CONFIRMED, set(events)
        return server

    def add_album(self, title: str = "Свадьба", group_id: int = GROUP_ID) -> Album:
        """As if somebody had made it in VK."""
        with self._world_lock:
            return photos.add_album(self.world, -group_id, title)

    def add_photos(
        self, album: Album, count: int, size: tuple[int, int] = (1200, 800), data: bytes = b""
    ) -> list[Photo]:
        """Photos that an administrator put into an album in VK; they show one and the same picture."""
        key = (album.owner_id, album.id)
        with self._world_lock:
            return [photos.add_photo(self.world, key, USER_ID, size, data=data) for _ in range(count)]

    def add_post(self, text: str, *, publish_at: datetime | None = None, group_id: int = GROUP_ID) -> Post:
        """As if an administrator had written it in VK: events tell of it."""
        draft = wall.Draft(text, [], int(publish_at.timestamp()) if publish_at else 0)
        with self._world_lock:
            return wall.add_post(self.world, group_id, USER_ID, draft)

    def edit_post(self, post: Post, text: str) -> None:
        """As an administrator does in VK, which no event tells of unless the post is postponed."""
        with self._world_lock:
            wall.change_post(self.world, post, wall.Draft(text, post.photos))

    def delete_album(self, album: Album) -> None:
        """With its photos; no event tells of it."""
        with self._world_lock:
            photos.remove_album(self.world, album)

    def delete_photo(self, photo: Photo) -> None:
        """It vanishes from posts, too; no event tells of it."""
        with self._world_lock:
            del self.world.photos[photo.owner_id, photo.id]

    def delete_post(self, post: Post) -> None:
        """As an administrator does in VK."""
        with self._world_lock:
            wall.remove_post(self.world, post)

    def posts(self, group_id: int = GROUP_ID) -> list[Post]:
        """What stands on a wall, the newest first."""
        with self._world_lock:
            return wall.on_wall(self.world, group_id)

    def postponed(self, group_id: int = GROUP_ID) -> list[Post]:
        """What is to appear on a wall, the next first."""
        with self._world_lock:
            return wall.on_wall(self.world, group_id, is_postponed=True)

    def _called(self, name: str, fields: dict[str, str]) -> Reply:
        try:
            return Reply.json({"response": self._respond(name, fields)})
        except Refusal as refusal:
            return refusal.reply({"method": name, **fields})

    def _respond(self, name: str, fields: dict[str, str]) -> Any:
        if "v" not in fields:
            raise Refusal(8, "v (version) is required")
        if name not in METHODS:
            raise Refusal(3)
        token = self._token(fields.get("access_token", ""))
        self.world.pace.admit(token.value, token.calls_per_second, name)
        response = METHODS[name].call(self.world, Asked(fields, token))
        check_response(name, response)
        return response

    def _token(self, value: str) -> Token:
        token = self.world.tokens.get(value)
        if token is None or token.is_revoked:
            raise Refusal(5, "invalid access_token (4)." if value else "no access_token passed.")
        if token.expires_at and token.expires_at <= self.clock.now():
            raise Refusal(5, "access_token has expired.")
        return token

    def _shown(self, path: str) -> Reply:
        found = _PHOTO.fullmatch(path)
        photo = self.world.photos.get((int(found[1]), int(found[2]))) if found else None
        if photo is None and not path.startswith("/group/"):
            return Reply(404)
        return Reply(200, (photo and photo.data) or picture(), {"Content-Type": "image/jpeg"})


def sent(call: Call) -> dict[str, str]:
    """The parameters of a method, from the form or the address."""
    return {**call.query, **call.form().to_dict()}


def _token_of(call: Call) -> str | None:
    return sent(call).get("access_token")


def of_method(name: str, **fields: Any) -> Condition:
    """Calls of that method, with these parameters among theirs, for `misbehave` and `always`."""
    wanted = {field: str(value) for field, value in fields.items()}
    return lambda call: call.path == f"/method/{name}" and wanted.items() <= sent(call).items()


def is_upload(call: Call) -> bool:
    """Files sent to an upload server."""
    return call.path.startswith(uploads.PATH)
