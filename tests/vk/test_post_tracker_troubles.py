"""What VK and machines do to posts in the middle of it: none is published twice, and none is lost without a word."""

from dataclasses import replace

import pytest

from app.domain.errors import DatabaseUnavailable
from app.domain.vk.posts import TRACK_SECONDS, PostStatus, SystemPost
from app.services.vk import walls
from app.services.vk.publishing import HOLD_SECONDS
from tests.adapters.vk_calls import Client, NoPace
from tests.support.fakes.server import Behaviour
from tests.support.fakes.vk import troubles
from tests.support.fakes.vk.fake import FakeVk, of_method
from tests.twins.memory_stores import MemoryStores
from tests.vk.post_house import VERIFY_SECONDS, PostHouse, post_tracker

POST = of_method("wall.post")
WALL = of_method("wall.get")


@pytest.fixture
def stores() -> MemoryStores:
    return MemoryStores()


@pytest.fixture
def house(vk: FakeVk, stores: MemoryStores) -> PostHouse:
    return PostHouse(vk, stores)


class TestUnknownOutcomes:
    @pytest.mark.parametrize("trouble", [troubles.does_then_drops(), troubles.does_then_refuses(10)])
    def test_what_was_done_though_the_answer_was_lost_is_found_and_not_repeated(
        self, house: PostHouse, vk: FakeVk, trouble: Behaviour
    ) -> None:
        post = house.schedule(photos=2)
        vk.misbehave(trouble, on=POST)
        house.work()
        assert len(vk.asked("wall.post")) == 1
        assert len(vk.posts()) == 1
        assert house.status(post) is None
        assert house.history()[0].vk_post_id == vk.posts()[0].id

    def test_what_was_not_done_is_not_repeated_either_before_a_person_says_so(
        self, house: PostHouse, vk: FakeVk
    ) -> None:
        post = house.schedule(photos=1)
        vk.misbehave(troubles.drops(), on=POST)
        house.work_for(VERIFY_SECONDS + 60)
        assert (house.status(post), house.reason(post)) == (PostStatus.POSSIBLE_ERROR, {"code": "not_found"})
        assert (len(vk.asked("wall.post")), vk.posts()) == (1, [])
        house.retry(post)
        house.work()
        assert (house.status(post), len(vk.posts())) == (None, 1)
        assert {call["guid"] for call in vk.asked("wall.post")} == {post.guid}

    def test_a_person_who_retries_what_did_appear_publishes_nothing(self, house: PostHouse, vk: FakeVk) -> None:
        post = _lost(house, vk)
        assert house.status(post) is PostStatus.POSSIBLE_ERROR
        assert (house.reason(post)["code"], house.reason(post)["stage"]) == ("vk_internal_error", "verification")
        house.pass_time(2 * 3600)  # the guid holds no longer
        house.retry(post)
        house.work()
        assert (house.status(post), len(vk.posts()), len(vk.asked("wall.post"))) == (None, 1, 1)

    @pytest.mark.parametrize("newer", [90, 120])
    def test_so_does_a_person_who_comes_late_to_a_busy_wall(self, house: PostHouse, vk: FakeVk, newer: int) -> None:
        vk.add_post("Правила группы").is_pinned = True
        house.pass_time(24 * 3600)
        post = _lost(house, vk)
        house.pass_time(25 * 3600)
        for number in range(newer):
            vk.add_post(f"later {number}")
        house.retry(post)
        house.work()
        assert (house.status(post), len(vk.asked("wall.post"))) == (None, 1)

    def test_where_nobody_can_read_so_far_back_nothing_is_sent_but_a_person_told(
        self, house: PostHouse, vk: FakeVk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(walls, "DEEPEST", 100)
        post = _lost(house, vk)
        for number in range(100):
            vk.add_post(f"later {number}")
        house.retry(post)
        house.work()
        reason = house.reason(post)
        assert (house.status(post), len(vk.asked("wall.post"))) == (PostStatus.POSSIBLE_ERROR, 1)
        assert (reason["code"], reason["stage"], reason["details"]) == (
            "list_too_long",
            "verification",
            {"read": 100},
        )

    def test_one_that_appears_late_is_known_by_its_id_though_a_retry_was_refused_meanwhile(
        self, house: PostHouse, vk: FakeVk
    ) -> None:
        post = house.schedule()
        house.tracker.publish_due()
        [slow] = vk.posts()
        vk.delete_post(slow)
        house.work_for(VERIFY_SECONDS + 60)
        vk.misbehave(troubles.captcha(), on=POST)
        house.retry(post)
        house.work()
        assert house.reason(post)["code"] == "captcha"
        house.pass_time(2 * 3600)  # the guid holds no longer
        vk.world.posts[slow.owner_id, slow.id] = slow
        vk.edit_post(slow, "Исправлено в VK")
        house.retry(post)
        house.work()
        assert (house.status(post), len(vk.posts())) == (None, 1)

    def test_a_retry_that_cannot_see_the_wall_does_not_post(self, house: PostHouse, vk: FakeVk) -> None:
        post = house.schedule()
        vk.misbehave(troubles.does_then_drops(), on=POST)
        vk.always(troubles.refuses(15), on=WALL)
        house.work_for(VERIFY_SECONDS + 60)
        house.retry(post)
        house.work()
        assert (house.status(post), house.reason(post)["code"]) == (PostStatus.ERROR, "access_denied")
        vk.recover()
        house.retry(post)
        house.work()
        assert (house.status(post), len(vk.asked("wall.post"))) == (None, 1)

    def test_one_that_appears_after_it_was_given_up_is_found_without_anybody(
        self, house: PostHouse, vk: FakeVk
    ) -> None:
        post = house.schedule()
        vk.misbehave(troubles.drops(), on=POST)
        house.work_for(VERIFY_SECONDS + 60)
        assert house.status(post) is PostStatus.POSSIBLE_ERROR
        vk.add_post(post.text)
        house.work_for(11 * 60)
        assert house.status(post) is None

    def test_of_two_alike_one_lost_and_one_unheard_one_may_have_failed(self, house: PostHouse, vk: FakeVk) -> None:
        posts = [house.schedule("Доброе утро") for _ in range(2)]
        vk.misbehave(troubles.does_then_drops(), troubles.drops(), on=POST)
        house.work_for(VERIFY_SECONDS + 60)
        assert (len(vk.posts()), len(house.history())) == (1, 1)
        assert sorted(str(house.status(post)) for post in posts) == ["None", "possible_error"]

    def test_a_lost_one_does_not_take_the_post_of_its_twin(self, house: PostHouse, vk: FakeVk) -> None:
        lost = house.schedule("Доброе утро")
        vk.misbehave(troubles.drops(), on=POST)
        house.tracker.publish_due()
        house.tracker.verify()
        twin = house.schedule("Доброе утро")
        house.tracker.publish_due()
        house.pass_time(TRACK_SECONDS - 10)
        house.verification.unseen(house.community, [house.read(lost)])
        assert (house.status(lost), house.status(twin)) == (PostStatus.PUBLISHING, PostStatus.PUBLISHING)
        house.work()
        assert [past.id for past in house.history()] == [twin.id]

    def test_somebody_elses_post_with_the_same_words_is_no_proof(self, house: PostHouse, vk: FakeVk) -> None:
        post = house.schedule("Доброе утро", photos=3)
        vk.misbehave(troubles.drops(), on=POST)
        house.tracker.publish_due()
        theirs = vk.add_photos(vk.add_album(), 2)
        vk.add_post("Доброе утро").photos.extend((photo.owner_id, photo.id) for photo in theirs)
        house.work_for(VERIFY_SECONDS + 60)
        assert (house.status(post), house.reason(post)) == (PostStatus.POSSIBLE_ERROR, {"code": "not_found"})

    def test_one_is_looked_for_with_the_photos_that_were_sent(self, house: PostHouse, vk: FakeVk) -> None:
        post = house.schedule(photos=2)
        vk.misbehave(troubles.does_then_drops(), on=POST)
        house.tracker.publish_due()
        sent = house.read(post)
        assert house.posts.end(sent, PostStatus.POSSIBLE_ERROR, {"code": "not_found"})
        edited = replace(sent, photos=(), status=PostStatus.PENDING_PUBLICATION)
        assert house.posts.edit(edited, sent.version)
        house.work()
        assert (house.status(post), len(vk.posts()), len(vk.asked("wall.post"))) == (None, 1, 1)

    def test_yesterdays_post_with_the_same_words_is_no_proof(self, house: PostHouse, vk: FakeVk) -> None:
        vk.add_post("Доброе утро")
        house.pass_time(24 * 3600)
        post = house.schedule("Доброе утро")
        vk.misbehave(troubles.drops(), on=POST)
        house.work_for(VERIFY_SECONDS + 60)
        assert house.status(post) is PostStatus.POSSIBLE_ERROR

    def test_an_attempt_is_looked_for_by_what_was_sent_not_by_what_is_written_now(
        self, house: PostHouse, vk: FakeVk
    ) -> None:
        house.stores.variables.put("price", None, "100", "serg")
        house.schedule("Цена {price}")
        vk.misbehave(troubles.does_then_drops(), on=POST)
        house.tracker.publish_due()
        house.stores.variables.put("price", None, "200", "serg")
        house.work()
        assert [past.text for past in house.history()] == ["Цена 100"]


@pytest.mark.parametrize("photos", [0, 1])
def test_one_that_froze_and_was_replaced_sends_nothing_when_it_thaws(house: PostHouse, vk: FakeVk, photos: int) -> None:
    house.schedule(photos=photos)
    [frozen] = house.posts.take_due(1, HOLD_SECONDS)
    house.pass_time(HOLD_SECONDS + 1)
    assert house.tracker.publish_due()
    house.publishing.publish(frozen)
    house.work()
    house.publishing.publish(frozen)
    assert (len(vk.asked("wall.post")), len(vk.posts()), len(house.history())) == (1, 1, 1)


class TestClocks:
    """Ours and VK's may be hours apart: dates of the wall are compared with VK's alone."""

    @pytest.mark.parametrize("hours", [-2, 2])
    def test_one_that_was_done_is_found(self, house: PostHouse, vk: FakeVk, hours: int) -> None:
        vk.pass_time(hours=hours)
        post = house.schedule()
        vk.misbehave(troubles.does_then_drops(), on=POST)
        house.work()
        assert (house.status(post), len(vk.asked("wall.post"))) == (None, 1)

    @pytest.mark.parametrize("hours", [-2, 2])
    def test_one_that_only_looks_alike_and_was_there_before_is_not(
        self, house: PostHouse, vk: FakeVk, hours: int
    ) -> None:
        vk.pass_time(hours=hours)
        vk.add_post("Доброе утро")
        house.pass_time(600)
        post = house.schedule("Доброе утро")
        vk.misbehave(troubles.drops(), on=POST)
        house.work_for(VERIFY_SECONDS + 60)
        assert house.status(post) is PostStatus.POSSIBLE_ERROR

    def test_without_vks_clock_nothing_is_sent(self, house: PostHouse, vk: FakeVk) -> None:
        post = house.schedule()
        vk.always(troubles.refuses(10), on=of_method("utils.getServerTime"))
        house.tracker.publish_due()
        assert (house.status(post), vk.asked("wall.post")) == (PostStatus.PENDING_PUBLICATION, [])


class TestOutages:
    """`step` is the call of the database's at which it happens; the post is published after a few more."""

    @pytest.mark.parametrize("step", range(12))
    def test_a_database_that_goes_away_neither_doubles_nor_loses(
        self, house: PostHouse, vk: FakeVk, stores: MemoryStores, step: int
    ) -> None:
        post = house.schedule(photos=1)
        stores.database.go_away(1, after=step)
        _comes_to_the_wall_once(house, vk, post)

    @pytest.mark.parametrize("step", range(7))
    def test_nor_does_one_whose_answer_is_lost(
        self, house: PostHouse, vk: FakeVk, stores: MemoryStores, step: int
    ) -> None:
        post = house.schedule(photos=1)
        stores.database.lose_answers(after=step)
        _comes_to_the_wall_once(house, vk, post)


class GoneAtTheTurn(NoPace):
    """The database goes away when a post waits for its turn to be sent."""

    def reserve(self, token: str, calls_per_second: int, method: str = "") -> float:
        if method == "wall.post":
            raise DatabaseUnavailable("gone")
        return 0.0


def test_a_database_that_goes_away_before_anything_is_sent_leaves_nothing_to_be_looked_for(
    house: PostHouse, vk: FakeVk, stores: MemoryStores
) -> None:
    post = house.schedule()
    tracker = post_tracker(stores, Client(vk.url, GoneAtTheTurn()), house.media)
    with pytest.raises(DatabaseUnavailable):
        tracker.publish_due()
    assert house.read(post).attempted_at is None
    house.work_for(HOLD_SECONDS + 60)
    assert (house.status(post), len(vk.asked("wall.post"))) == (None, 1)


def _lost(house: PostHouse, vk: FakeVk) -> SystemPost:
    """One that VK took, though nobody heard of it, and that nobody could look for in time."""
    post = house.schedule()
    vk.misbehave(troubles.does_then_drops(), on=POST)
    vk.always(troubles.refuses(10), on=WALL)
    house.work_for(VERIFY_SECONDS + 60)
    vk.recover()
    return house.read(post)


def _comes_to_the_wall_once(house: PostHouse, vk: FakeVk, post: SystemPost) -> None:
    """By itself, or when a person is told that it may not have and tries again."""
    house.work_for(15 * 60)
    assert len(vk.posts()) <= 1
    if house.status(post):
        assert (house.status(post), vk.posts()) == (PostStatus.POSSIBLE_ERROR, [])
        house.retry(post)
        house.work()
    assert (house.status(post), len(vk.posts()), len(house.history())) == (None, 1, 1)
