"""A house that publishes posts to a fake VK: the post tracker over any stores, one step at a time."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.adapters.images import Images
from app.domain.errors import Unavailable
from app.domain.vk.community import Community, LatePolicy, Secret
from app.domain.vk.posts import PastPost, PostStatus, SystemPost
from app.ports.media import MediaStore
from app.ports.vk.api import VkApi
from app.services.vk.post_tracker import PostTracker
from app.services.vk.publishing import Publishing
from app.services.vk.tokens import CommunityTokens, owner_of
from app.services.vk.uploads import Uploads
from app.services.vk.verification import Verification
from tests.adapters.vk_calls import RULES, Client
from tests.pictures import jpeg
from tests.support.fakes.vk.fake import GROUP_ID, USER_TOKEN, FakeVk
from tests.twins.memory_media_store import MemoryMediaStore
from tests.twins.memory_stores import MemoryStores
from tests.vk.publishing import Stores, new_community, new_post

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
VERIFY_SECONDS = 5 * 60
_PICTURE = jpeg(120, 80)


def post_tracker(stores: Stores, api: VkApi, media: MediaStore) -> PostTracker:
    """As the process wires it."""
    verification, publishing = _parts(stores, api, media)
    return PostTracker(
        posts=stores.system_posts,
        communities=stores.communities,
        publishing=publishing,
        verification=verification,
    )


def _parts(stores: Stores, api: VkApi, media: MediaStore) -> tuple[Verification, Publishing]:
    tokens = CommunityTokens(secrets=stores.secrets_of(KEY), rules=RULES)
    verification = Verification(posts=stores.system_posts, tokens=tokens, api=api, refreshes=stores.refreshes)
    publishing = Publishing(
        posts=stores.system_posts,
        communities=stores.communities,
        variables=stores.variables,
        tokens=tokens,
        api=api,
        uploads=Uploads(api=api, images=Images()),
        media=media,
        verification=verification,
    )
    return verification, publishing


class PostHouse:
    def __init__(self, vk: FakeVk, stores: Stores | None = None, media: MediaStore | None = None) -> None:
        self.vk = vk
        self.stores = stores or MemoryStores()
        self.posts = self.stores.system_posts
        self.media = media or MemoryMediaStore()
        self.community = self.connect()
        self.tracker = self.tracker_at(vk.url)
        self.verification, self.publishing = _parts(self.stores, Client(vk.url), self.media)

    def tracker_at(self, base_url: str) -> PostTracker:
        return post_tracker(self.stores, Client(base_url), self.media)

    def connect(
        self, group_id: int = GROUP_ID, late_policy: LatePolicy = LatePolicy.PUBLISH, token: str = USER_TOKEN
    ) -> Community:
        community = self.stores.communities.add(new_community(group_id, late_policy))
        self.give_token(token, community)
        return community

    def give_token(self, token: str | None, community: Community | None = None) -> None:
        owner = owner_of((community or self.community).id)
        self.stores.secrets_of(KEY).put(owner, Secret.USER_TOKEN, token, "serg")

    def schedule(self, text: str = "Свадьба Анны и Петра", *, photos: int = 0, **changes: Any) -> SystemPost:
        """A post that is due, with its photos in the media store."""
        post = new_post(self.community, photos=photos, text=text, **changes)
        for photo in post.photos:
            self.media.write(photo.path, _PICTURE)
        return self.posts.add(post)

    def pass_time(self, seconds: float) -> None:
        """Here and at VK."""
        self.stores.pass_time(seconds)
        self.vk.pass_time(seconds=seconds)

    def work(self) -> None:
        """Take steps until there is nothing to do for now, as the process's loop does."""
        while _did_work(self.tracker.publish_due) or _did_work(self.tracker.verify):
            pass

    def work_for(self, seconds: float, every: float = 60.0) -> None:
        """As the process would through that time."""
        for _ in range(int(seconds / every)):
            self.work()
            self.pass_time(every)
        self.work()

    def retry(self, post: SystemPost) -> None:
        """What a person does with a post that failed."""
        known = self.read(post)
        due_now = known.read_at
        wanted = replace(known, status=PostStatus.PENDING_PUBLICATION, publication_date=due_now, error=None)
        assert self.posts.edit(wanted, known.version)

    def read(self, post: SystemPost) -> SystemPost:
        found = self.posts.get(post.id)
        assert found is not None
        return found

    def status(self, post: SystemPost) -> PostStatus | None:
        """None once the post has left `system_posts`."""
        found = self.posts.get(post.id)
        return found.status if found else None

    def reason(self, post: SystemPost) -> dict[str, Any]:
        return dict(self.read(post).error or {})

    def history(self) -> list[PastPost]:
        past, _ = self.posts.history(None, 1, 100)
        return list(past)

    def words_on_the_wall(self) -> list[str]:
        """The oldest first."""
        return [post.text for post in reversed(self.vk.posts())]


def _did_work(step: Callable[[], bool]) -> bool:
    with contextlib.suppress(Unavailable):
        return step()
    return False
