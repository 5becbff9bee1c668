"""A house that keeps a community's photos in memory, and asks a fake VK."""

from app.adapters.images import Images
from app.domain.vk.community import Secret
from app.domain.vk.content import ContentKind
from app.ports.vk.communities import Freshness
from app.services.vk.media import VkMediaService
from app.services.vk.tokens import CommunityTokens, owner_of
from app.services.vk.uploads import Uploads
from tests.adapters.vk_calls import RULES, Client
from tests.support.fakes.vk.fake import USER_TOKEN, FakeVk
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores
from tests.vk.community import a_community

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


class MediaHouse:
    def __init__(self, vk: FakeVk, stores: MemoryStores | PostgresStores | None = None) -> None:
        self.vk = vk
        self.stores = stores or MemoryStores()
        self.cache = self.stores.vk_cache
        self.secrets = self.stores.secrets_of(KEY)
        self.project = self.stores.communities.add(a_community()).id
        self.give_token(USER_TOKEN)
        self.api = Client(vk.url)
        self.media = VkMediaService(
            api=self.api,
            uploads=Uploads(api=self.api, images=Images()),
            communities=self.stores.communities,
            tokens=CommunityTokens(secrets=self.secrets, rules=RULES),
            cache=self.cache,
            audit=self.stores.audit,
            transaction=self.stores.transaction,
        )

    def give_token(self, value: str | None) -> None:
        self.secrets.put(owner_of(self.project), Secret.USER_TOKEN, value, "serg")

    def titles(self) -> list[str]:
        """Of the albums in the cache."""
        return [album.title for album in self.cache.albums(self.project)]

    def size_of(self, album_id: int) -> int:
        return next(album.size for album in self.cache.albums(self.project) if album.album_id == album_id)

    def photos_of(self, album_id: int) -> list[int]:
        """Ids of the photos in the cache, newest first."""
        photos, _ = self.cache.photos(self.project, album_id, 1, 10_000)
        return [photo.photo_id for photo in photos]

    def freshness(self, kind: ContentKind, album_id: int = 0) -> Freshness:
        return self.cache.freshness(self.project).get((kind, album_id), Freshness(None))

    def changes(self) -> list[tuple[str | None, str, dict[str, object]]]:
        """What the list of changes tells, the oldest first."""
        found, _ = self.stores.audit.search(page=1, page_size=100)
        return [(change.username, change.action, dict(change.detail)) for change in reversed(found)]
