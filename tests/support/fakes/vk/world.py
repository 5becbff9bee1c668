"""What exists at the fake: people and communities, their tokens, albums, photos and walls."""

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tests.support.fakes.vk.callback_servers import CallbackServers
from tests.support.fakes.vk.callbacks import Callbacks
from tests.support.fakes.vk.clock import Clock
from tests.support.fakes.vk.pace import COMMUNITY_CALLS, USER_CALLS, Pace
from tests.support.fakes.vk.uploads import Uploads

Key = tuple[int, int]
"""Owner and id, by which VK knows albums, photos and posts."""

ADMINISTRATOR, EDITOR, MODERATOR = "administrator", "editor", "moderator"


@dataclass
class Limits:
    """Sources disagree about most of VK's numbers: these are the stricter ones."""

    posts_a_day: int = 50
    postponed: int = 150
    albums: int = 10_000
    photos_an_album: int = 10_000
    callback_servers: int = 10


@dataclass
class Token:
    """Of a user, or of the community `group_id`. `rights` are VK's words: photos, wall, groups, manage …"""

    value: str
    user_id: int | None
    group_id: int | None
    rights: frozenset[str]
    expires_at: datetime | None = None
    is_revoked: bool = False
    is_of_vk_id: bool = False

    @property
    def calls_per_second(self) -> int:
        return USER_CALLS if self.group_id is None else COMMUNITY_CALLS


@dataclass
class Group:
    """`roles` by user id; whoever is not there is a visitor."""

    id: int
    name: str
    screen_name: str
    confirmation_code: str
    roles: dict[int, str] = field(default_factory=dict)

    @property
    def owner_id(self) -> int:
        return -self.id


@dataclass
class Album:
    id: int
    owner_id: int
    title: str
    description: str
    created: int
    updated: int


@dataclass
class Photo:
    """`data` is empty for photos that were never uploaded, only said to be there."""

    id: int
    owner_id: int
    album_id: int
    user_id: int
    date: int
    width: int
    height: int
    text: str = ""
    access_key: str = ""
    data: bytes = field(default=b"", repr=False)


@dataclass
class Post:
    """`date` is when it appeared, or will. `postponed_id` is the id that it had while it was postponed.

    `from_id` is who seems to have written it, the community or a person; `created_by` who has. One that is pinned
    stands before all others.
    """

    id: int
    owner_id: int
    from_id: int
    created_by: int
    date: int
    text: str
    photos: list[Key]
    is_postponed: bool = False
    postponed_id: int | None = None
    is_pinned: bool = False


class World:
    """The state behind the API.

    What VK does is not known for certain in two cases. `walls_tell_postponed_id`: posts on a wall name the id that they
    had while they were postponed, not only events. `wall_photos_are_the_users`: photos for posts belong to the user who
    uploaded them, else to the community.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.clock = Clock()
        self.uploads = Uploads(address)
        self.servers = CallbackServers()
        self.limits = Limits()
        self.pace = Pace(self.clock)
        self.callbacks = Callbacks(self.clock, self.servers, lambda group_id: self.groups[group_id].confirmation_code)
        self.walls_tell_postponed_id = True
        self.wall_photos_are_the_users = True
        self.tokens: dict[str, Token] = {}
        self.groups: dict[int, Group] = {}
        self.albums: dict[Key, Album] = {}
        self.photos: dict[Key, Photo] = {}
        self.posts: dict[Key, Post] = {}
        self.guids: dict[tuple[int, int, str], tuple[int, int]] = {}
        self._numbers: dict[tuple[str, int], Iterator[int]] = {}
        self._first = defaultdict(lambda: 1, album=300_000_001, photo=456_239_017)

    def next_id(self, kind: str, owner_id: int) -> int:
        """Ids count up for each kind and owner."""
        return next(self._numbers.setdefault((kind, owner_id), itertools.count(self._first[kind])))

    def role(self, token: Token, group_id: int) -> str | None:
        """What the token's owner is in a community; its own token may do what its administrators may."""
        if token.group_id is not None:
            return ADMINISTRATOR if token.group_id == group_id else None
        return self.groups[group_id].roles.get(token.user_id or 0)

    def album_photos(self, key: Key) -> list[Photo]:
        """The oldest first."""
        owner_id, album_id = key
        return [photo for photo in self.photos.values() if (photo.owner_id, photo.album_id) == (owner_id, album_id)]
