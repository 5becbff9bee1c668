"""Communities, their albums, photos and wall as the cache holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.domain.vk.community import Community, LatePolicy
from app.domain.vk.content import ContentKind
from app.domain.vk.media import VkAlbum, VkPhoto
from app.domain.vk.posts import WallPost


class CommunityStore(Protocol):
    """Communities by name. Their secrets are in SecretStore, under the owner `vk:<community id>`."""

    def add(self, community: Community) -> Community:
        """Raises Refused(COMMUNITY_EXISTS) if the group is known already."""

    def get(self, community_id: UUID) -> Community | None: ...

    def of_group(self, group_id: int) -> Community | None: ...

    def all(self) -> Sequence[Community]: ...

    def change(
        self,
        community_id: UUID,
        *,
        name: str | None = None,
        screen_name: str | None = None,
        photo_url: str | None = None,
        confirmation_code: str | None = None,
        callback_server_id: int | None = None,
        late_policy: LatePolicy | None = None,
    ) -> Community | None:
        """Store what is not None; None if there is no such community."""

    def remove(self, community_id: UUID) -> Community | None:
        """Delete it with its cache, its posts and their history; returns what is gone."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """When something was last read from VK whole; None: never. `error` is why the last try failed, "" if it did not."""

    refreshed_at: datetime | None
    error: str = ""


class VkCache(Protocol):
    """What VK said last.

    A `replace_…` puts all of it in place of all that was there, in one transaction, and notes when. Only what was added
    here within two minutes stays though VK did not list it: the list may have been read a moment before. `known` is
    what `freshness` said before the reading began: if another reading was stored since, a wish for one more is made,
    because either may be the older one. Nothing is written for a community that is gone.
    """

    def albums(self, community_id: UUID) -> Sequence[VkAlbum]:
        """In VK's order."""

    def replace_albums(self, community_id: UUID, albums: Sequence[VkAlbum], *, known: Freshness | None = None) -> None:
        """With albums that are gone go their photos."""

    def add_album(self, community_id: UUID, album: VkAlbum) -> None:
        """Put it before the others."""

    def photos(self, community_id: UUID, album_id: int, page: int, page_size: int) -> tuple[Sequence[VkPhoto], int]:
        """A page of them, newest first, and how many there are."""

    def photo(self, community_id: UUID, photo_id: int) -> VkPhoto | None: ...

    def replace_photos(
        self, community_id: UUID, album_id: int, photos: Sequence[VkPhoto], *, known: Freshness | None = None
    ) -> None:
        """The album's size becomes their number."""

    def add_photo(self, community_id: UUID, photo: VkPhoto) -> bool:
        """Add the photo and count it in its album, once: False if it was there."""

    def posts(self, community_id: UUID, is_postponed: bool, limit: int) -> Sequence[WallPost]:
        """Postponed ones the next first, published ones the newest first."""

    def replace_posts(
        self, community_id: UUID, is_postponed: bool, posts: Sequence[WallPost], *, known: Freshness | None = None
    ) -> None: ...

    def wall_sizes(self) -> Mapping[tuple[UUID, bool], int]:
        """Of every community, how many posts there are, by whether they are postponed; where none are is left out."""

    def freshness(self, community_id: UUID) -> Mapping[tuple[ContentKind, int], Freshness]:
        """By kind and album id, 0 for what is of no album."""

    def note_failure(self, community_id: UUID, kind: ContentKind, album_id: int, error: str) -> None:
        """Why reading it from VK failed; what the cache holds stays."""


@dataclass(frozen=True, slots=True)
class RefreshTask:
    """A refresh that is due, taken by this process. `album_id` is 0 but for PHOTOS; `wanted` numbers the wishes.

    `attempts` counts those since it last succeeded, this one included. Where it is not `is_wished`, nobody told of a
    change: it is time to look for what VK tells nothing of.
    """

    community_id: UUID
    kind: ContentKind
    album_id: int
    wanted: int
    attempts: int
    is_wished: bool = True


class RefreshQueue(Protocol):
    """Which content is to be read from VK again: wishes for the same fall together, and none made meanwhile is lost."""

    def wish(self, community_id: UUID, kind: ContentKind, album_id: int = 0) -> None:
        """Nothing happens if there is no such community. What failed and pauses goes on pausing."""

    def take(self, limit: int, hold_seconds: float) -> Sequence[RefreshTask]:
        """Wishes that are due, oldest first; nobody else gets them within `hold_seconds`."""

    def take_stale(
        self, kinds: Sequence[ContentKind], older_seconds: float, limit: int, hold_seconds: float
    ) -> Sequence[RefreshTask]:
        """Content of these kinds, of any community, that nobody wishes for and that was not read for so long."""

    def pending(self) -> frozenset[UUID]:
        """Communities for which a wish is due or being fulfilled at this moment."""

    def done(self, task: RefreshTask) -> None:
        """What was wished until the task was taken is done; a later wish is due at once."""

    def failed(self, task: RefreshTask, error: str, retry_seconds: float) -> None:
        """Pause, unless another has taken the task over. `error` is what Freshness tells."""
