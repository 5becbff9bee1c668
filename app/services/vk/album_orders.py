"""Photos that people send to albums of communities, and where a photo has been published."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain.errors import Reason, Refused
from app.domain.photo import SELECTION_MAX, PhotoFilter
from app.domain.vk.community import Community
from app.domain.vk.filling import AlbumKey
from app.domain.vk.media import VkAlbum
from app.ports.audit import AuditLog
from app.ports.photos import PhotoReader
from app.ports.upkeep import Transaction
from app.ports.vk.communities import CommunityStore, VkCache
from app.ports.vk.filling import AlbumPlace, AlbumUploads, PostPlace, UploadTally


@dataclass(frozen=True, slots=True)
class Places:
    """Where a photo lies in VK, or is on its way to; `communities` are those that are named, by id."""

    albums: Sequence[AlbumPlace]
    posts: Sequence[PostPlace]
    communities: dict[UUID, Community]


class AlbumOrderService:
    """What is ordered is sent in the background, so that neither VK's troubles nor ours lose any of it."""

    def __init__(
        self,
        *,
        uploads: AlbumUploads,
        communities: CommunityStore,
        cache: VkCache,
        photos: PhotoReader,
        audit: AuditLog,
        transaction: Transaction,
    ) -> None:
        self._uploads = uploads
        self._communities = communities
        self._cache = cache
        self._photos = photos
        self._audit = audit
        self._transaction = transaction

    def order(self, community_id: UUID, album_id: int, photo_ids: Collection[UUID], author: str) -> int:
        """Send photos that guests may see to an album; returns how many that were not on their way, or there, before.

        Raises Refused(NOT_FOUND) for communities and albums that the cache does not know, and INVALID_REQUEST for more
        than SELECTION_MAX photos.
        """
        if len(photo_ids) > SELECTION_MAX:
            most = {"parameters": {"ids": {"maximum": SELECTION_MAX}}}
            raise Refused(Reason.INVALID_REQUEST, f"At most {SELECTION_MAX} photos at once.", details=most)
        community, title = self._album(community_id, album_id)
        found = self.visible(photo_ids)
        with self._transaction():
            ordered = self._uploads.order(community_id, AlbumKey(album_id=album_id), found)
            if ordered:
                told = {"label": community.name, "album": title, "photos": ordered}
                self._audit.record(author, "community.photos_ordered", str(community_id), told)
        return ordered

    def albums(self, community_id: UUID) -> list[VkAlbum]:
        """Those that take photos, as the cache knows them: VK is not asked."""
        return [album for album in self._cache.albums(community_id) if album.can_upload]

    def visible(self, photo_ids: Collection[UUID]) -> dict[UUID, str]:
        """Those that guests may see, the oldest first, with their slots."""
        wanted = PhotoFilter(ids=frozenset(photo_ids), with_tests=True)
        found = self._photos.older(wanted, None, SELECTION_MAX) if wanted.is_possible else []
        return {photo.id: photo.slot_id for photo in reversed(found)}

    def tally(self, slot_id: str) -> UploadTally:
        """Of a slot's photos that were ordered in the last 7 days, for whatever album."""
        return self._uploads.tally(slot_id)

    def places(self, photo_id: UUID) -> Places:
        albums, posts = self._uploads.in_albums(photo_id), self._uploads.in_posts(photo_id)
        named = {album.community_id for album in albums} | {post.community_id for post in posts}
        communities = {each.id: each for each in self._communities.all() if each.id in named} if named else {}
        return Places(albums, posts, communities)

    def _album(self, community_id: UUID, album_id: int) -> tuple[Community, str]:
        community = self._communities.get(community_id)
        title = next((album.title for album in self.albums(community_id) if album.album_id == album_id), None)
        if community is None or title is None:
            raise Refused(Reason.NOT_FOUND, "There is no such album that takes photos.")
        return community, title
