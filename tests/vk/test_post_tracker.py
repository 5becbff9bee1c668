"""Posts on their way: published on time, found on the wall, and kept in the history with their link."""

from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from app.domain.vk.community import LATE_MINUTES, LatePolicy
from app.domain.vk.content import ContentKind
from app.domain.vk.posts import LATE_SPACING, LATEST, PostOutcome, PostStatus
from tests.support.fakes.vk.fake import GROUP_ID, FakeVk
from tests.vk.post_house import PostHouse

LATE = -60.0 * LATE_MINUTES - 60


@pytest.fixture
def house(vk: FakeVk) -> PostHouse:
    return PostHouse(vk)


class TestPublishing:
    def test_a_post_is_published_when_it_is_due_not_before(self, house: PostHouse, vk: FakeVk) -> None:
        post = house.schedule(due_in=60)
        assert not house.tracker.publish_due()
        house.pass_time(61)
        assert house.tracker.publish_due()
        assert house.words_on_the_wall() == [post.text]
        [call] = vk.asked("wall.post")
        assert (call["owner_id"], call["from_group"], call["guid"]) == (str(-GROUP_ID), "1", post.id.hex)

    def test_its_photos_come_in_their_order(self, house: PostHouse, vk: FakeVk) -> None:
        house.schedule(photos=3)
        house.work()
        [post] = vk.posts()
        assert len(vk.asked("photos.saveWallPhoto")) == 3
        assert [number for _, number in post.photos] == sorted(number for _, number in post.photos)
        assert len(post.photos) == 3

    def test_variables_become_the_values_of_its_community(self, house: PostHouse) -> None:
        house.stores.variables.put("price", None, "100 ₽", "serg")
        house.stores.variables.put("price", house.community.id, "90 ₽", "serg")
        post = house.schedule("Фото за {price}")
        house.work()
        assert house.words_on_the_wall() == ["Фото за 90 ₽"]
        [past] = house.history()
        assert (past.id, past.text) == (post.id, "Фото за 90 ₽")

    def test_what_is_due_at_one_time_is_published_one_after_the_other(self, house: PostHouse) -> None:
        texts = ["раз", "два", "три"]
        for age, text in zip((30, 20, 10), texts, strict=True):
            house.schedule(text, due_in=-age)
        house.work()
        assert house.words_on_the_wall() == texts
        assert not house.tracker.publish_due()

    def test_a_post_of_a_community_that_is_gone_is_gone(self, house: PostHouse, vk: FakeVk) -> None:
        house.schedule()
        house.stores.communities.remove(house.community.id)
        house.work()
        assert vk.asked("wall.post") == []


class TestVerification:
    def test_a_found_post_leaves_the_queue_for_the_history_with_its_link(self, house: PostHouse, vk: FakeVk) -> None:
        post = house.schedule(photos=1)
        house.work()
        assert house.status(post) is None
        [past], [seen] = house.history(), vk.posts()
        assert (past.outcome, past.vk_post_id, past.photos) == (PostOutcome.PUBLISHED, seen.id, 1)
        assert past.detail == {"url": f"https://vk.com/wall-{GROUP_ID}_{seen.id}"}

    def test_what_the_house_shows_of_the_wall_is_read_again_then(self, house: PostHouse) -> None:
        house.schedule()
        house.work()
        [task] = house.stores.refreshes.take(10, 60)
        assert (task.community_id, task.kind) == (house.community.id, ContentKind.PUBLISHED_POSTS)

    def test_one_question_serves_all_posts_of_a_community(self, house: PostHouse, vk: FakeVk) -> None:
        for text in ("раз", "два", "три"):
            house.schedule(text)
            house.tracker.publish_due()
        assert house.tracker.verify()
        assert len(house.history()) == 3
        assert len(vk.asked("wall.get")) == 1
        assert not house.tracker.verify()

    def test_a_post_that_others_have_driven_from_the_top_is_asked_for_by_its_id(
        self, house: PostHouse, vk: FakeVk
    ) -> None:
        post = house.schedule()
        house.tracker.publish_due()
        vk.pass_time(seconds=2)
        for number in range(LATEST + 5):
            vk.add_post(f"later {number}")
        house.work()
        assert house.status(post) is None
        assert len(vk.asked("wall.getById")) == 1

    def test_one_that_vk_has_postponed_by_itself_is_found_under_its_new_id(self, house: PostHouse, vk: FakeVk) -> None:
        post = house.schedule()
        house.tracker.publish_due()
        [seen] = vk.posts()
        vk.delete_post(seen)
        replacement = vk.add_post("Other words")
        replacement.postponed_id = seen.id
        house.work()
        assert house.status(post) is None
        assert house.history()[0].vk_post_id == replacement.id

    def test_one_that_vanishes_at_once_may_have_failed_five_minutes_after_the_attempt(
        self, house: PostHouse, vk: FakeVk
    ) -> None:
        post = house.schedule()
        house.tracker.publish_due()
        vk.delete_post(vk.posts()[0])
        house.work_for(4 * 60)
        assert house.status(post) is PostStatus.PUBLISHING
        house.work_for(2 * 60)
        assert house.status(post) is PostStatus.POSSIBLE_ERROR
        assert house.reason(post) == {"code": "not_found"}

    def test_photos_that_vk_has_dropped_are_told_in_the_history(self, house: PostHouse, vk: FakeVk) -> None:
        editor = vk.add_user_token(77, roles={GROUP_ID: "editor"})
        house.give_token(editor)
        house.schedule(photos=2)
        house.work()
        [past] = house.history()
        assert past.detail["missing_photos"] == 2
        assert past.outcome is PostOutcome.PUBLISHED


class TestLatePosts:
    def test_a_tracker_that_slept_floods_nobodys_wall(self, house: PostHouse, vk: FakeVk) -> None:
        texts = [str(number) for number in range(4)]
        for age, text in zip((400, 300, 200, 100), texts, strict=True):
            house.schedule(text, due_in=LATE - age)
        house.work()
        assert house.words_on_the_wall() == texts[:1]
        house.work_for(30 * 60)
        assert house.words_on_the_wall() == texts
        times = sorted(post.date for post in vk.posts())
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert min(gaps) >= LATE_SPACING.total_seconds() - 1

    def test_where_a_person_is_asked_all_of_them_wait_for_a_decision(self, house: PostHouse, vk: FakeVk) -> None:
        house.stores.communities.change(house.community.id, late_policy=LatePolicy.ASK)
        late = [house.schedule(due_in=LATE - age) for age in (20, 10)]
        punctual = house.schedule("вовремя")
        house.work()
        assert [house.status(post) for post in late] == [PostStatus.LATE] * 2
        assert house.status(punctual) is None
        assert house.words_on_the_wall() == ["вовремя"]

    def test_one_that_a_person_lets_go_is_published(self, house: PostHouse) -> None:
        house.stores.communities.change(house.community.id, late_policy=LatePolicy.ASK)
        post = house.schedule(due_in=LATE)
        house.work()
        house.retry(post)
        house.work()
        assert house.words_on_the_wall() == [post.text]


def test_two_alike_are_two_posts(house: PostHouse, vk: FakeVk) -> None:
    ours = {house.schedule("Доброе утро").id for _ in range(2)}
    house.work()
    assert house.words_on_the_wall() == ["Доброе утро"] * 2
    assert _linked(house) == dict.fromkeys(ours, True)
    assert len({past.vk_post_id for past in house.history()}) == 2


def test_each_community_has_its_own_wall_and_token(house: PostHouse, vk: FakeVk) -> None:
    vk.add_group(2, "Вторая")
    token = vk.add_user_token(5, roles={2: "administrator"})
    second = house.connect(2, token=token)
    mine, theirs = house.schedule("раз"), house.schedule("два", community_id=second.id)
    house.work()
    assert [post.text for post in vk.posts(2)] == ["два"]
    assert house.words_on_the_wall() == ["раз"]
    assert _linked(house) == {mine.id: True, theirs.id: True}


def test_the_date_that_people_set_stays_through_all_of_it(house: PostHouse) -> None:
    post = house.schedule()
    house.work()
    [past] = house.history()
    assert past.publication_date == post.publication_date
    assert past.ended_at - post.publication_date < timedelta(minutes=1)


def _linked(house: PostHouse) -> dict[UUID, bool]:
    return {past.id: past.vk_post_id is not None for past in house.history()}
