"""A house in which posts are written: its galleries, a fake VK, and the tracker that publishes."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from app.adapters.images import Images
from app.adapters.vk_api.pictures import VkPictures
from app.domain.errors import Reason, Refused
from app.domain.vk.media import VkPhoto
from app.domain.vk.posts import PastPost, PostStatus, SystemPost
from app.ports.vk.api import VkToken
from app.services.vk.albums import read_photos
from app.services.vk.cautions import Cautions
from app.services.vk.kits import PostKits
from app.services.vk.photos_at_vk import photo_now
from app.services.vk.post_photos import PostPhotos
from app.services.vk.posts import PostService
from app.services.vk.tokens import CommunityTokens
from app.services.vk.uploads import Uploads
from app.services.vk.variables import VariableService
from app.services.vk.verification import Verification
from tests.adapters.vk_calls import HTTP, RULES, Client
from tests.services.album import Album
from tests.support.fakes.vk.fake import USER_TOKEN, FakeVk, of_method
from tests.support.fakes.vk.troubles import captcha, does_then_drops
from tests.vk.post_house import KEY, PostHouse

SERG = "serg"
TOMORROW = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=1)


class WritingDesk:
    def __init__(self, vk: FakeVk) -> None:
        self.vk = vk
        self.album = Album()
        self.stores, self.media = self.album.stores, self.album.media
        self.house = PostHouse(vk, self.stores, self.media)
        self.community = self.house.community
        self.api = api = Client(vk.url)
        audit, transaction = self.stores.audit, self.stores.transaction
        tokens = CommunityTokens(secrets=self.stores.secrets_of(KEY), rules=RULES)
        self.photos = PostPhotos(
            media=self.media,
            images=Images(),
            results=self.stores.photos,
            cache=self.stores.vk_cache,
            prepare=Uploads(api=api, images=Images()).prepare,
            fetch=VkPictures(HTTP, vk.url).fetch,
            look_up=partial(photo_now, api, tokens),
        )
        self.posts = PostService(
            posts=self.stores.system_posts,
            communities=self.stores.communities,
            cache=self.stores.vk_cache,
            variables=self.stores.variables,
            photos=self.photos,
            verification=Verification(
                posts=self.stores.system_posts, tokens=tokens, api=api, refreshes=self.stores.refreshes
            ),
            audit=audit,
            transaction=transaction,
            clock=self.stores.database.now,
        )
        self.cautions = Cautions(posts=self.posts, photos=self.photos, rules=RULES)
        self.kits = PostKits(posts=self.posts, photos=self.photos)
        self.variables = VariableService(
            variables=self.stores.variables, communities=self.stores.communities, audit=audit, transaction=transaction
        )

    def result(self) -> UUID:
        """A finished picture in the gallery."""
        [job_id] = self.album.pictured()
        return job_id

    def wanted(self, text: str = "Свадьба", results: int = 0, **changes: Any) -> dict[str, Any]:
        photos = [f"result:{self.result()}" for _ in range(results)]
        return {"text": text, "photos": photos, "publication_date": TOMORROW, **changes}

    def plan(self, text: str = "Свадьба", results: int = 0, **changes: Any) -> SystemPost:
        post = self.posts.schedule(self.community.id, self.wanted(text, results, **changes), SERG)
        assert isinstance(post, SystemPost)
        return post

    def failed(self) -> SystemPost:
        """A post that VK refused."""
        self.vk.misbehave(captcha(), on=of_method("wall.post"))
        post = self.plan(publication_date=None)
        self.house.work()
        assert self.house.status(post) is PostStatus.ERROR
        return self.house.read(post)

    def sent_but_unknown(self) -> SystemPost:
        """A post that VK took, though its answer was lost, and that nobody found in time."""
        self.vk.misbehave(does_then_drops(), on=of_method("wall.post"))
        post = self.plan(publication_date=None)
        self.house.tracker.publish_due()
        stored = self.house.read(post)
        assert stored.attempted_at
        self.house.posts.end(stored, PostStatus.POSSIBLE_ERROR, {"code": "not_found"})
        return self.house.read(post)

    def read_album(self, album_id: int) -> list[VkPhoto]:
        """VK is asked for the photos of an album; the cache knows them from then on."""
        photos = read_photos(self.api, VkToken(USER_TOKEN, 3), self.community.owner_id, album_id)
        self.stores.vk_cache.replace_photos(self.community.id, album_id, photos)
        return photos

    def files(self) -> set[str]:
        """Keys of the copies that are kept for posts."""
        return {entry.key for entry in self.media.list("posts")}

    def history(self) -> list[PastPost]:
        return list(self.posts.history(self.community.id, 1, 100)[0])

    def told(self) -> list[str]:
        """Actions that the audit log tells of posts and variables, the newest first."""
        changes, _ = self.stores.audit.search(page=1, page_size=100)
        return [change.action for change in changes if change.action.startswith(("post.", "variable."))]


def problems(refused: pytest.ExceptionInfo[Refused]) -> dict[str, str]:
    """Codes by field."""
    assert refused.value.reason is Reason.INVALID_SETTINGS
    return {name: problem["code"] for name, problem in refused.value.details["fields"].items()}
