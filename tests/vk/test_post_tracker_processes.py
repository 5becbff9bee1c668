"""Post trackers in processes of their own: they race, and are killed at every step; a post comes to the wall once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from app.domain.vk.posts import PostStatus
from app.services.vk.publishing import HOLD_SECONDS
from tests.support.fakes.vk import troubles
from tests.support.fakes.vk.fake import FakeVk, of_method
from tests.vk.post_house import PostHouse
from tests.vk.tracker_processes import AFTER, BEFORE, LAST_STEPS, STEPS, Death, Ground, Place, race, run_and_die

RACERS = 8
UNTOLD = (Death("posts.announce", AFTER),)
"""Of this nobody but VK can know whether the post has come to the wall; it has not."""


@pytest.fixture
def house(vk: FakeVk, ground: Ground) -> PostHouse:
    return PostHouse(vk, ground.stores, ground.files)


def test_eight_processes_that_race_for_a_post_publish_it_once(house: PostHouse, place: Place, vk: FakeVk) -> None:
    post = house.schedule(photos=1)
    race(place, RACERS)
    assert (len(vk.asked("wall.post")), len(vk.asked("photos.saveWallPhoto"))) == (1, 1)
    house.work()
    assert (house.status(post), len(vk.posts())) == (None, 1)


def test_of_several_posts_each_is_published_once(house: PostHouse, place: Place, vk: FakeVk) -> None:
    texts = {f"Запись {number}" for number in range(6)}
    for text in texts:
        house.schedule(text)
    race(place, RACERS // 2)
    assert len(vk.asked("wall.post")) == len(texts)
    assert set(house.words_on_the_wall()) == texts


def test_eight_threads_that_race_for_it_do_so_too(house: PostHouse, vk: FakeVk) -> None:
    house.schedule()
    start = Barrier(RACERS)

    def publish(_: int) -> bool:
        start.wait()
        return house.tracker.publish_due()

    with ThreadPoolExecutor(RACERS) as threads:
        assert sum(threads.map(publish, range(RACERS))) == 1
    assert len(vk.asked("wall.post")) == 1


def test_what_vk_did_though_its_answer_was_lost_is_found_by_any_of_them(
    house: PostHouse, place: Place, vk: FakeVk
) -> None:
    post = house.schedule(photos=1)
    vk.misbehave(troubles.does_then_drops(), on=of_method("wall.post"))
    race(place, RACERS // 2)
    house.work_for(10 * 60)
    assert (house.status(post), len(vk.posts()), len(vk.asked("wall.post"))) == (None, 1, 1)


@pytest.mark.parametrize(
    "death", [Death(step, moment) for step in (*STEPS, *LAST_STEPS) for moment in (BEFORE, AFTER)], ids=str
)
def test_a_tracker_that_is_killed_neither_doubles_nor_loses_a_post(
    house: PostHouse, place: Place, vk: FakeVk, death: Death
) -> None:
    post = house.schedule(photos=2)
    run_and_die(place, death)
    house.work_for(16 * 60, every=HOLD_SECONDS + 10)
    if death in UNTOLD:
        assert (house.status(post), vk.posts()) == (PostStatus.POSSIBLE_ERROR, [])
        house.retry(post)
        house.work()
    assert (house.status(post), len(vk.posts()), len(vk.asked("wall.post"))) == (None, 1, 1)
    [past] = house.history()
    assert (past.id, past.vk_post_id, len(vk.posts()[0].photos)) == (post.id, vk.posts()[0].id, 2)
