"""Photos of posts are copies: a post that is published when its results are long gone still has them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.adapters.images import Images
from app.domain.vk.drafts import PhotoRef
from app.domain.vk.posts import PostOutcome, SystemPost
from app.services.retention import RetentionService
from app.services.vk.post_photos import PostPhotos
from app.services.vk.posts import PostService
from app.services.vk.tokens import CommunityTokens
from app.services.vk.uploads import Uploads
from app.services.vk.verification import Verification
from tests.adapters.vk_calls import RULES
from tests.support.fakes.vk.fake import FakeVk
from tests.twins.memory_media_store import MemoryMediaStore
from tests.vk.filling_house import FillingHouse
from tests.vk.post_house import post_tracker

LATER = 73 * 3600


class Archive(FillingHouse):
    """A house that also schedules posts, publishes them, and cleans up."""

    def __init__(self, vk: FakeVk) -> None:
        self.store = MemoryMediaStore()
        super().__init__(vk, files=self.store)
        self.posts = PostService(
            posts=self.stores.system_posts,
            communities=self.stores.communities,
            cache=self.cache,
            variables=self.stores.variables,
            photos=PostPhotos(
                media=self.store,
                images=Images(),
                results=self.stores.photos,
                cache=self.cache,
                prepare=Uploads(api=self.api, images=Images()).prepare,
                fetch=lambda url: pytest.fail(url),
                look_up=lambda *_: pytest.fail("VK is asked"),
            ),
            verification=Verification(
                posts=self.stores.system_posts,
                tokens=CommunityTokens(secrets=self.secrets, rules=RULES),
                api=self.api,
                refreshes=self.stores.refreshes,
            ),
            audit=self.stores.audit,
            transaction=self.stores.transaction,
            clock=self.stores.database.now,
        )
        self.tracker = post_tracker(self.stores, self.api, self.store)
        self.retention = RetentionService(
            queue=self.stores.queue,
            templates=self.stores.templates,
            objects=self.stores.media_objects,
            posts=self.stores.system_posts,
            media=self.store,
            ledger=self.stores.purges,
            expiring=[],
            audit=self.stores.audit,
            transaction=self.stores.transaction,
        )

    def schedule(self, results: list[UUID], seconds: float) -> SystemPost:
        """As a person does."""
        photos = [str(PhotoRef.of_result(result)) for result in results]
        date = self.stores.database.now() + timedelta(seconds=seconds)
        post = self.posts.schedule(self.project, {"text": "", "photos": photos, "publication_date": date}, "serg")
        assert isinstance(post, SystemPost)
        return post

    def work(self) -> None:
        """As the tracker's process does."""
        while self.tracker.publish_due() or self.tracker.verify():
            pass

    def clean_up(self) -> None:
        for key in self.store.files:
            self.store.modified[key] = datetime.now(UTC) - timedelta(hours=2)
        self.retention.request(None)
        assert self.retention.run_requested()

    def folders(self) -> set[str]:
        return {key.partition("/")[0] for key in self.store.files}


@pytest.fixture
def archive(vk: FakeVk) -> Archive:
    return Archive(vk)


def test_73_hours_later_a_scheduled_post_has_its_photos(archive: Archive, vk: FakeVk) -> None:
    archive.schedule(archive.photos(2, album="none"), LATER)
    archive.work()
    assert vk.posts() == []
    archive.pass_time(LATER)
    archive.clean_up()
    assert archive.folders() == {"posts"}, "the results are gone"
    archive.work()
    [post] = vk.posts()
    assert [vk.world.photos[key].width for key in post.photos] == archive.wanted()


def test_deleted_photos_leave_their_copies_to_the_posts_that_have_them(archive: Archive) -> None:
    results = archive.photos(1, album="none")
    post = archive.schedule(results, LATER)
    archive.stores.photos.delete(results)
    archive.pass_time(700)
    archive.clean_up()
    assert [archive.store.read(photo.path) for photo in post.photos]


def test_what_no_post_has_any_more_is_swept(archive: Archive) -> None:
    post = archive.schedule(archive.photos(1, album="none"), LATER)
    stray = f"posts/{uuid4()}/0.jpg"
    archive.store.write(stray, b"its post was never stored")
    archive.clean_up()
    assert stray not in archive.store.files
    assert "posts" in archive.folders()
    assert archive.stores.system_posts.finish(post.id, PostOutcome.CANCELLED, None, {})
    archive.clean_up()
    assert "posts" not in archive.folders()
