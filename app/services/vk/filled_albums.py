"""Which album of a community takes photos: found, or made once and followed by another when it is full."""

from datetime import UTC, date, datetime
from uuid import UUID

from app.domain.vk.filling import AlbumKey, FilledAlbum, album_title
from app.domain.vk.media import ALBUM_PHOTOS_MAX
from app.ports.settings import RuntimeSettings
from app.ports.sharing import EventStore
from app.ports.vk.filling import FilledAlbums
from app.services.vk.media import VkMediaService


class AlbumFinder:
    """Only to be asked by who has a batch of the community: nobody else makes an album for it then."""

    def __init__(
        self, *, albums: FilledAlbums, media: VkMediaService, events: EventStore, settings: RuntimeSettings
    ) -> None:
        self._albums = albums
        self._media = media
        self._events = events
        self._settings = settings

    def album_for(self, community_id: UUID, key: AlbumKey) -> FilledAlbum:
        """Raises as VkMediaService.create_album and refresh_albums."""
        if key.album_id is not None:
            return FilledAlbum(1, key.album_id)
        return self._albums.current(community_id, key) or self._next(community_id, key, 1)

    def album_after(self, community_id: UUID, key: AlbumKey, old: FilledAlbum) -> FilledAlbum | None:
        """For what `old` cannot take, being full or gone; None for an album that somebody chose. Raises as above."""
        return None if key.album_id is not None else self._next(community_id, key, old.part + 1)

    def _next(self, community_id: UUID, key: AlbumKey, part: int) -> FilledAlbum:
        """VK is asked for one with this title first: whoever made it may have died before that was written down."""
        title = album_title(*self._named(key), part)
        taken = self._albums.taken(community_id)
        found = [
            album.album_id
            for album in self._media.refresh_albums(community_id).items
            if album.title == title and album.can_upload and album.size < ALBUM_PHOTOS_MAX
        ]
        free = [album_id for album_id in found if album_id not in taken]
        album_id = free[0] if free else self._media.create_album(community_id, title, None).album_id
        album = FilledAlbum(part, album_id)
        self._albums.remember(community_id, key, album)
        return album

    def _named(self, key: AlbumKey) -> tuple[str, date]:
        """An event that is gone has left its photos to the day."""
        zone = self._settings.time_zone()
        event = self._events.get(key.event_id) if key.event_id else None
        if event:
            return event.name, event.starts_at.astimezone(zone).date()
        return "", key.day or datetime.now(UTC).astimezone(zone).date()
