"""Real tracker processes: posts appear on time, whatever becomes of the processes."""

import signal
import threading
from collections.abc import Iterator

import pytest

from app.config import load_settings
from app.domain.vk.community import Secret
from app.domain.vk.posts import PostStatus, SystemPost
from app.services.vk.tokens import owner_of
from app.wiring import Wiring
from tests.pictures import jpeg
from tests.processes.conftest import Install
from tests.support.fakes.vk import troubles
from tests.support.fakes.vk.fake import USER_TOKEN, FakeVk, of_method
from tests.support.installation import Installation
from tests.support.postgres_stores import PostgresStores
from tests.support.quick_wiring import QuickWiring
from tests.vk.publishing import new_community, new_post
from tests.waiting import until

pytestmark = pytest.mark.processes

POST = of_method("wall.post")
GRACE = 20


@pytest.fixture
def house(install: Install, vk: FakeVk) -> Installation:
    house = install(VK_API_BASE_URL=vk.url, SHUTDOWN_GRACE_SECONDS=str(GRACE))
    house.secrets.append(USER_TOKEN)
    return house


@pytest.fixture
def wiring(house: Installation) -> Iterator[Wiring]:
    """A hand in the house; no process of it runs yet."""
    wiring = QuickWiring(load_settings(house.environment), role="test")
    yield wiring
    wiring.database.close()


def schedule(wiring: Wiring, *, due_in: float = -1.0) -> SystemPost:
    """A post with a photo, of a community that was not there before."""
    community = wiring.stores.communities.add(new_community())
    wiring.stores.secrets.put(owner_of(community.id), Secret.USER_TOKEN, USER_TOKEN, "serg")
    post = new_post(community, due_in=due_in, photos=1)
    wiring.media.write(post.photos[0].path, jpeg(120, 80))
    return wiring.stores.system_posts.add(post)


def is_over(wiring: Wiring, post: SystemPost) -> bool:
    """Whether it has left for the history."""
    return wiring.stores.system_posts.get(post.id) is None


def test_several_trackers_publish_a_post_once_it_is_due(house: Installation, wiring: Wiring, vk: FakeVk) -> None:
    for _ in range(2):
        house.start_tracker()
    until(lambda: wiring.stores.heartbeats.alive("tracker"), what="a tracker is seen")
    post = schedule(wiring, due_in=1.0)
    until(lambda: is_over(wiring, post), what="the post is in the history")
    assert (len(vk.posts()), len(vk.asked("wall.post"))) == (1, 1)
    assert vk.posts()[0].date >= int(post.publication_date.timestamp())


def test_what_one_that_is_killed_has_sent_is_found_by_the_next(house: Installation, wiring: Wiring, vk: FakeVk) -> None:
    vk.misbehave(troubles.does_then_hangs(), on=POST)
    post = schedule(wiring)
    first = house.start_tracker()
    until(lambda: vk.posts(), what="the post is on the wall")
    first.kill()
    house.start_tracker()
    until(lambda: wiring.stores.heartbeats.alive("tracker"), what="the next one is seen")
    PostgresStores(wiring.database).pass_time(70)  # the call of the dead one must have ended
    until(lambda: is_over(wiring, post), what="it is found")
    assert (len(vk.posts()), len(vk.asked("wall.post"))) == (1, 1)


def test_one_that_is_asked_to_stop_finishes_its_post_however_often_it_is_asked(
    house: Installation, wiring: Wiring, vk: FakeVk
) -> None:
    answers = threading.Event()
    vk.misbehave(troubles.waits_for(answers), on=POST)
    post = schedule(wiring)
    tracker = house.start_tracker()
    until(lambda: vk.asked("wall.post"), what="the post is being sent")
    for _ in range(5):
        tracker.send(signal.SIGTERM)
    answers.set()
    assert tracker.wait() == 0
    found = wiring.stores.system_posts.get(post.id)
    assert found is not None
    assert (found.status, found.vk_post_id) == (PostStatus.PUBLISHING, vk.posts()[0].id)
    assert '"left_work": false' in tracker.log()
