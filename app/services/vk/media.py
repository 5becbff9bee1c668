"""A community's albums and photos: uploaded to VK, and shown from what VK said last.

The specification's `project` is a community's id.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from app.domain.errors import Reason, Refused, Unavailable
from app.domain.text import is_storable
from app.domain.vk.community import Community
from app.domain.vk.content import ContentKind
from app.domain.vk.errors import VkAccessDenied, VkBadRequest, VkError, VkOutcomeUnknown
from app.domain.vk.media import (
    ALBUM_DESCRIPTION_MAX,
    ALBUM_TITLE_MAX,
    ALBUM_TITLE_MIN,
    PhotoAttachment,
    VkAlbum,
    VkPhoto,
    is_vk_id,
)
from app.ports.audit import AuditLog
from app.ports.upkeep import Transaction
from app.ports.vk.api import VkApi
from app.ports.vk.communities import CommunityStore, Freshness, VkCache
from app.services.vk.albums import album_of, read_albums, read_photos
from app.services.vk.tokens import CommunityTokens
from app.services.vk.uploads import Uploads

log = structlog.get_logger(__name__)

PAGE_SIZE = 60

_NEVER = Freshness(None)


@dataclass(frozen=True, slots=True)
class Albums:
    """A community's albums in VK's order. `freshness` says when VK was asked last, and why it told nothing since."""

    items: Sequence[VkAlbum]
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class PhotoPage:
    """A page of an album's photos, newest first, and how many there are in all."""

    items: Sequence[VkPhoto]
    total: int
    freshness: Freshness


class VkMediaService:
    """Raises Refused(NOT_FOUND) for communities and albums that there are not, and VkError for what VK refuses."""

    def __init__(
        self,
        *,
        api: VkApi,
        uploads: Uploads,
        communities: CommunityStore,
        tokens: CommunityTokens,
        cache: VkCache,
        audit: AuditLog,
        transaction: Transaction,
    ) -> None:
        self._api = api
        self._uploads = uploads
        self._communities = communities
        self._tokens = tokens
        self._cache = cache
        self._audit = audit
        self._transaction = transaction

    def upload_photo(self, project: UUID, file: bytes) -> PhotoAttachment:
        """Upload a photo for a post; nobody sees it before it is in one. Raises as Uploads.prepare does, too."""
        community = self._community(project)
        token, jpeg = self._tokens.user(project), self._uploads.prepare(file)
        photo = self._uploads.upload_wall_photo(token, community.group_id, jpeg)
        return PhotoAttachment(photo.attachment, photo.url)

    def create_album(self, project: UUID, title: Any, author: str | None, *, description: Any = "") -> VkAlbum:
        """An album that the community's administrators may fill.

        Raises Refused(INVALID_SETTINGS) with details by field. After VkOutcomeUnknown the list of albums tells whether
        it was made: it was read from VK again, if VK could be reached.
        """
        title, description = _album_words(title, description)
        community = self._community(project)
        with _looking(lambda: self.refresh_albums(project)):
            album = self._create(community, title, description)

        def note() -> None:
            self._cache.add_album(project, album)
            self._record(author, "community.album_created", community, album=album.title)

        self._at_best(note)
        return album

    def upload_photo_to_album(
        self,
        project: UUID,
        album_id: int,
        files: Sequence[bytes],
        author: str | None,
        *,
        caption: str = "",
        may_go_on: Callable[[], bool] = lambda: True,
    ) -> list[VkPhoto]:
        """Upload one to UPLOAD_MAX photos, all or none; each comes into the cache and is counted in its album, once.

        `may_go_on` is as Uploads.upload_album_photos has it. Without an author nothing is told of it in the list of
        changes. Raises as Uploads.prepare does, too. After VkOutcomeUnknown the album tells whether they have come: it
        was read from VK again, if VK could be reached.
        """
        community, token = self._community(project, album_id), self._tokens.user(project)
        prepared = [self._uploads.prepare(file) for file in files]
        with _looking(lambda: self.refresh_photos(project, album_id)), self._in_album(project, album_id):
            photos = self._uploads.upload_album_photos(
                token, community.group_id, album_id, prepared, caption=caption, may_go_on=may_go_on
            )

        def note() -> None:
            for photo in photos:
                self._cache.add_photo(project, photo)
            title = next((album.title for album in self._cache.albums(project) if album.album_id == album_id), "")
            self._record(author, "community.photos_uploaded", community, album=title, photos=len(photos))

        self._at_best(note)
        return photos

    def get_albums(self, project: UUID) -> Albums:
        """As the cache has them; if VK was never asked, it is now."""
        self._community(project)
        found = self._albums(project)
        return found if found.freshness.refreshed_at else self.refresh_albums(project)

    def find_album(self, project: UUID, album_id: int) -> VkAlbum | None:
        """As the cache knows it, whatever VK would say; None if it does not."""
        return next((album for album in self._cache.albums(project) if album.album_id == album_id), None)

    def refresh_albums(self, project: UUID) -> Albums:
        """Read all of them from VK, and put them in the place of what the cache had; if that fails it keeps that."""
        community = self._community(project)
        known = self._known(project, ContentKind.ALBUMS, 0)
        with self._noted(project, ContentKind.ALBUMS, 0):
            albums = read_albums(self._api, self._tokens.user(project), community.owner_id)
        self._cache.replace_albums(project, albums, known=known)
        return self._albums(project)

    def get_photos(self, project: UUID, album_id: int, page: int = 1, page_size: int = PAGE_SIZE) -> PhotoPage:
        """A page as the cache has it. If VK was never asked for this album it is now, but for the first page only."""
        self._community(project, album_id)
        found = self._page(project, album_id, page, page_size)
        if page > 1 or found.freshness.refreshed_at:
            return found
        if all(album.album_id != album_id for album in self.get_albums(project).items):
            raise _no_album()
        return self.refresh_photos(project, album_id, page_size)

    def refresh_photos(self, project: UUID, album_id: int, page_size: int = PAGE_SIZE) -> PhotoPage:
        """Read all photos of the album from VK, as `refresh_albums` does; returns the first page."""
        community = self._community(project, album_id)
        known = self._known(project, ContentKind.PHOTOS, album_id)
        with self._noted(project, ContentKind.PHOTOS, album_id), self._in_album(project, album_id):
            photos = read_photos(self._api, self._tokens.user(project), community.owner_id, album_id)
        self._cache.replace_photos(project, album_id, photos, known=known)
        return self._page(project, album_id, 1, page_size)

    def _create(self, community: Community, title: str, description: str) -> VkAlbum:
        token = self._tokens.user(community.id)
        parameters = {"group_id": community.group_id, "title": title, "description": description or None}
        answer = self._api.write("photos.createAlbum", token, **parameters, upload_by_admins_only=True)
        try:
            return album_of(answer)
        except (KeyError, TypeError, ValueError):
            raise VkOutcomeUnknown("VK's answer to a new album cannot be read.", method="photos.createAlbum") from None

    def _at_best(self, note: Callable[[], None]) -> None:
        """VK has done it: whoever heard of a failure now would ask for it again. The next refresh finds it anyhow."""
        try:
            with self._transaction():
                note()
        except Unavailable as error:
            log.error("vk_cache_behind", error=str(error))

    @contextmanager
    def _in_album(self, project: UUID, album_id: int) -> Iterator[None]:
        """What VK refuses because somebody has deleted the album there: the cache forgets it, too."""
        try:
            yield
        except (VkBadRequest, VkAccessDenied):
            if self._is_gone(project, album_id):
                raise _no_album() from None
            raise

    def _is_gone(self, project: UUID, album_id: int) -> bool:
        try:
            albums = self.refresh_albums(project)
        except VkError:
            return False
        return all(album.album_id != album_id for album in albums.items)

    @contextmanager
    def _noted(self, project: UUID, kind: ContentKind, album_id: int) -> Iterator[None]:
        try:
            yield
        except VkError as error:
            self._cache.note_failure(project, kind, album_id, error.code)
            raise

    def _community(self, project: UUID, album_id: int = 1) -> Community:
        """What is no number of an album VK, and our tables, need not be asked about."""
        community = self._communities.get(project)
        if community is None:
            raise Refused(Reason.NOT_FOUND, "There is no such community.")
        if not is_vk_id(album_id):
            raise _no_album()
        return community

    def _albums(self, project: UUID) -> Albums:
        with self._transaction():
            return Albums(self._cache.albums(project), self._known(project, ContentKind.ALBUMS, 0))

    def _page(self, project: UUID, album_id: int, page: int, page_size: int) -> PhotoPage:
        with self._transaction():
            freshness = self._known(project, ContentKind.PHOTOS, album_id)
            return PhotoPage(*self._cache.photos(project, album_id, page, page_size), freshness)

    def _known(self, project: UUID, kind: ContentKind, album_id: int) -> Freshness:
        return self._cache.freshness(project).get((kind, album_id), _NEVER)

    def _record(self, author: str | None, action: str, community: Community, **detail: Any) -> None:
        if author is not None:
            self._audit.record(author, action, str(community.id), {"label": community.name, **detail})


@contextmanager
def _looking(look: Callable[[], object]) -> Iterator[None]:
    """When nobody knows whether VK did something, `look` what VK has now."""
    try:
        yield
    except VkOutcomeUnknown:
        with suppress(VkError, Refused, Unavailable):
            look()
        raise


def _album_words(title: Any, description: Any) -> tuple[str, str]:
    words = {"title": _text(title), "description": _text(description)}
    allowed = {"title": (ALBUM_TITLE_MIN, ALBUM_TITLE_MAX), "description": (0, ALBUM_DESCRIPTION_MAX)}
    problems = {
        name: {"code": "bad_length", "minimum": least, "maximum": most}
        for name, (least, most) in allowed.items()
        if words[name] is None or not least <= len(words[name] or "") <= most
    }
    if problems:
        raise Refused(Reason.INVALID_SETTINGS, "The album cannot be like this.", details={"fields": problems})
    return words["title"] or "", words["description"] or ""


def _text(value: Any) -> str | None:
    return value.strip() if isinstance(value, str) and is_storable(value) else None


def _no_album() -> Refused:
    return Refused(Reason.NOT_FOUND, "There is no such album in the community.")
