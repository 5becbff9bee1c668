"""What VK told of is read again as a whole, and marked once that has succeeded."""

import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import DatabaseUnavailable
from app.domain.vk.community import Secret
from app.domain.vk.content import ContentKind
from app.domain.vk.errors import VkAccessDenied, VkBusy, VkError, VkQuotaUsedUp, VkTokenRefused, VkUnreachable
from app.services.vk.refreshing import (
    HOLD_SECONDS,
    LOOK_SECONDS,
    LOOKING_SHARE,
    PUBLISHED_MAX,
    QUOTA,
    SCHEDULED_MAX,
    look_seconds,
    pause_after,
)
from app.services.vk.tokens import owner_of
from app.services.vk.walls import PAGE
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import Answer, Behaviour
from tests.support.fakes.vk.fake import USER_ID, USER_TOKEN, FakeVk, of_method
from tests.support.fakes.vk.troubles import refuses
from tests.support.fakes.vk.world import ADMINISTRATOR, Post
from tests.vk.community import a_community
from tests.vk.newsroom import Newsroom

POSTPONED_KINDS = ("wall_schedule_post_new", "wall_schedule_post_delete", "postponed_new", "postponed_delete")


@pytest.fixture
def room(vk: FakeVk) -> Newsroom:
    return Newsroom(vk)


def postpone(vk: FakeVk, text: str, minutes: int = 60) -> Post:
    return vk.add_post(text, publish_at=vk.clock.now() + timedelta(minutes=minutes))


def first(act: Any) -> Behaviour:
    """Something happens in VK a moment before the answer is put together."""

    def behave(call: Call, answer: Answer, wire: object) -> Reply:
        act()
        return answer(call)

    return behave


class TestScheduledPosts:
    def test_they_are_stored_as_vk_has_them(self, room: Newsroom, vk: FakeVk) -> None:
        post = postpone(vk, "Завтра свадьба")
        room.refreshing.refresh_scheduled_posts(room.project)
        [stored] = room.cache.posts(room.project, True, 10)
        assert (stored.post_id, stored.text, stored.is_postponed) == (post.id, "Завтра свадьба", True)
        assert stored.date.timestamp() == post.date

    def test_all_pages_are_read(self, room: Newsroom, vk: FakeVk) -> None:
        texts = [f"Пост {number}" for number in range(230)]
        for minutes, text in enumerate(texts, start=1):
            postpone(vk, text, minutes)
        room.refreshing.refresh_scheduled_posts(room.project)
        assert room.scheduled() == texts

    def test_what_is_gone_in_vk_goes(self, room: Newsroom, vk: FakeVk) -> None:
        post = postpone(vk, "Отменят")
        room.refreshing.refresh_scheduled_posts(room.project)
        vk.delete_post(post)
        assert room.refreshing.refresh_scheduled_posts(room.project)
        assert room.scheduled() == []

    def test_a_wall_that_changes_meanwhile_is_read_anew(self, room: Newsroom, vk: FakeVk) -> None:
        posts = [postpone(vk, f"Пост {number}", number) for number in range(1, 151)]
        vk.misbehave(first(lambda: None), first(lambda: vk.delete_post(posts[0])), on=of_method("wall.get"))
        room.refreshing.refresh_scheduled_posts(room.project)
        assert room.scheduled() == [post.text for post in posts[1:]]

    def test_their_photos_are_known(self, room: Newsroom, vk: FakeVk) -> None:
        album = vk.add_album()
        photos = vk.add_photos(album, 2)
        post = postpone(vk, "С фотографиями")
        post.photos = [(photo.owner_id, photo.id) for photo in photos]
        room.refreshing.refresh_scheduled_posts(room.project)
        [stored] = room.cache.posts(room.project, True, 10)
        assert stored.photos == tuple(post.photos)
        assert len(stored.preview_urls) == 2


class TestPublishedPosts:
    def test_what_no_database_takes_is_left_out_of_texts(self, room: Newsroom, vk: FakeVk) -> None:
        vk.add_post("Привет,\x00 мир\u200b!\nДа")
        room.refreshing.refresh_published_posts(room.project)
        assert room.published() == ["Привет, мир\u200b!\nДа"]

    def test_the_newest_are_stored(self, room: Newsroom, vk: FakeVk) -> None:
        for number in range(PUBLISHED_MAX + 30):
            vk.add_post(f"Пост {number}")
        room.refreshing.refresh_published_posts(room.project)
        assert room.published() == [f"Пост {number}" for number in range(PUBLISHED_MAX + 29, 29, -1)]

    def test_one_that_was_postponed_tells_its_old_id(self, room: Newsroom, vk: FakeVk) -> None:
        postponed = postpone(vk, "Скоро")
        vk.pass_time(hours=2)
        room.refreshing.refresh_published_posts(room.project)
        [stored] = room.cache.posts(room.project, False, 10)
        assert stored.postponed_id == postponed.id
        assert stored.post_id != postponed.id


class TestWishes:
    @pytest.mark.parametrize("kind", POSTPONED_KINDS)
    def test_an_event_ends_in_an_update(self, room: Newsroom, vk: FakeVk, kind: str) -> None:
        postpone(vk, "Новое")
        room.hear(kind)
        assert room.updates() == []
        assert room.refresh() == 1
        assert room.scheduled() == ["Новое"]
        assert room.updates() == [room.project]

    def test_a_new_photo_refreshes_its_album(self, room: Newsroom, vk: FakeVk) -> None:
        album = vk.add_album("Свадьба")
        vk.add_photos(album, 3)
        room.hear("photo_new", object={"album_id": album.id})
        assert room.refresh() == 2
        assert (room.titles(), len(room.photos_of(album.id))) == (["Свадьба"], 3)
        assert room.updates() == [room.project]

    def test_of_an_album_that_is_gone_nothing_is_left_to_do(self, room: Newsroom) -> None:
        room.hear("photo_new", object={"album_id": 5})
        assert room.refresh() == 2
        room.stores.pass_time(24 * 3600)
        assert room.refresh() == 0

    def test_nor_of_a_community_that_is_gone(self, room: Newsroom, vk: FakeVk) -> None:
        room.hear("wall_repost")
        remove = first(lambda: room.stores.communities.remove(room.project))
        vk.misbehave(remove, on=of_method("wall.get"))
        assert room.refresh() == 1
        assert room.updates() == []

    def test_a_storm_of_events_is_one_refresh_of_each_kind(self, room: Newsroom, vk: FakeVk) -> None:
        vk.add_post("Одна")
        for number in range(1000):
            room.hear("wall_post_new", f"event {number}")
        assert room.refresh() == 2
        assert len(vk.asked("wall.get")) == 2
        assert room.updates() == [room.project]

    def test_an_event_during_a_refresh_is_not_lost(self, room: Newsroom, vk: FakeVk) -> None:
        def too_late() -> None:
            """After the answer was put together, and before it is stored."""
            postpone(vk, "Вторая", 90)
            room.hear("wall_schedule_post_new", "second")

        def behave(call: Call, answer: Answer, wire: object) -> Reply:
            reply = answer(call)
            too_late()
            return reply

        postpone(vk, "Первая")
        room.hear("wall_schedule_post_new", "first")
        vk.misbehave(behave, on=of_method("wall.get"))
        assert room.refreshing.step()
        assert room.scheduled() == ["Первая"]
        assert room.refresh() == 1
        assert room.scheduled() == ["Первая", "Вторая"]


class TestFailures:
    def test_nothing_is_marked_before_it_succeeded(self, room: Newsroom, vk: FakeVk) -> None:
        postpone(vk, "Новое")
        vk.always(refuses(10), on=of_method("wall.get"))
        room.hear("postponed_new")
        assert room.refresh() == 1
        assert (room.scheduled(), room.updates()) == ([], [])
        vk.recover()
        room.stores.pass_time(6)
        room.refresh()
        assert (room.scheduled(), room.updates()) == (["Новое"], [room.project])

    def test_people_are_told_why(self, room: Newsroom, vk: FakeVk) -> None:
        room.give_token(None)
        room.hear("postponed_new")
        room.refresh()
        assert room.freshness(ContentKind.SCHEDULED_POSTS).error == "token_refused"
        room.give_token(USER_TOKEN)
        room.stores.pass_time(3600)
        room.refresh()
        assert room.freshness(ContentKind.SCHEDULED_POSTS).error == ""

    def test_when_somebody_asks_by_hand_too(self, room: Newsroom) -> None:
        room.give_token(None)
        with pytest.raises(VkTokenRefused):
            room.refreshing.refresh_published_posts(room.project)
        assert room.freshness(ContentKind.PUBLISHED_POSTS).error == "token_refused"

    def test_what_was_stored_stays(self, room: Newsroom, vk: FakeVk) -> None:
        postpone(vk, "Старое")
        room.refreshing.refresh_scheduled_posts(room.project)
        vk.always(refuses(15), on=of_method("wall.get"))
        with pytest.raises(VkAccessDenied):
            room.refreshing.refresh_scheduled_posts(room.project)
        assert room.scheduled() == ["Старое"]

    @pytest.mark.parametrize(
        "answer",
        [
            1,
            [],
            {"items": []},
            {"count": "x", "items": []},
            {"count": 1, "items": [5]},
            {"count": 1, "items": [{"id": 1}]},
            {"count": 1, "items": [{"id": 1, "owner_id": -1, "date": 10**30}]},
        ],
    )
    def test_an_answer_that_makes_no_sense_is_an_error(self, room: Newsroom, vk: FakeVk, answer: Any) -> None:
        vk.always(lambda call, healthy, wire: Reply.json({"response": answer}))
        with pytest.raises(VkError):
            room.refreshing.refresh_published_posts(room.project)

    def test_who_dies_before_marking_is_replaced(self, room: Newsroom, vk: FakeVk) -> None:
        postpone(vk, "Новое")
        room.hear("postponed_new")
        mark = room.stores.updates.mark
        room.stores.updates.mark = _away  # type: ignore[method-assign]
        with pytest.raises(DatabaseUnavailable):
            room.refreshing.step()
        room.stores.updates.mark = mark  # type: ignore[method-assign]
        assert room.refresh() == 0
        room.stores.pass_time(HOLD_SECONDS + 1)
        assert room.refresh() == 1
        assert room.updates() == [room.project]


class TestLookingUnasked:
    """VK tells nothing of posts that are edited or deleted."""

    def test_what_is_seen_for_the_first_time_is_no_news(self, room: Newsroom, vk: FakeVk) -> None:
        vk.add_post("Привет")
        postpone(vk, "Скоро")
        room.look_around()
        assert (room.published(), room.scheduled(), room.updates()) == (["Привет"], ["Скоро"], [])

    def test_an_edited_post_is_found(self, room: Newsroom, vk: FakeVk) -> None:
        post = vk.add_post("Приветт")
        room.look_around()
        post.text = "Привет"
        room.look_around()
        assert room.updates() == []
        room.stores.pass_time(LOOK_SECONDS + 1)
        room.look_around()
        assert (room.published(), room.updates()) == (["Привет"], [room.project])

    def test_a_deleted_one_too(self, room: Newsroom, vk: FakeVk) -> None:
        post = vk.add_post("Лишнее")
        room.look_around()
        vk.delete_post(post)
        room.stores.pass_time(LOOK_SECONDS + 1)
        room.look_around()
        assert (room.published(), room.updates()) == ([], [room.project])

    def test_where_nothing_has_changed_nothing_is_told(self, room: Newsroom, vk: FakeVk) -> None:
        post = vk.add_post("Привет")
        post.photos = [(photo.owner_id, photo.id) for photo in vk.add_photos(vk.add_album(), 1)]
        room.look_around()
        for _ in range(3):
            room.stores.pass_time(LOOK_SECONDS + 1)
            room.look_around()
        assert room.updates() == []

    def test_many_walls_are_looked_at_less_often_so_that_some_of_the_quota_stays(
        self, room: Newsroom, vk: FakeVk
    ) -> None:
        """29 communities with a page each make 58 calls, which is more than every 15 minutes leaves room for."""
        for group_id in range(2, 30):
            vk.add_group(group_id).roles[USER_ID] = ADMINISTRATOR
            owner = owner_of(room.stores.communities.add(a_community(group_id=group_id)).id)
            room.secrets.put(owner, Secret.USER_TOKEN, USER_TOKEN, "serg")
        room.look_around()
        for _ in range(int(6 * 3600 / LOOK_SECONDS)):
            room.stores.pass_time(LOOK_SECONDS)
            room.look_around()
        first = 58
        assert first < len(vk.asked("wall.get")) <= first + QUOTA * LOOKING_SHARE / 4

    def test_events_make_it_needless(self, room: Newsroom, vk: FakeVk) -> None:
        room.look_around()
        room.stores.pass_time(LOOK_SECONDS - 10)
        room.hear("wall_post_new")
        room.refresh()
        room.stores.pass_time(20)
        asked = len(vk.asked("wall.get"))
        room.look_around()
        assert len(vk.asked("wall.get")) == asked

    def test_a_failure_pauses_here_too(self, room: Newsroom, vk: FakeVk) -> None:
        room.give_token(None)
        room.look_around()
        room.look_around()
        assert room.freshness(ContentKind.PUBLISHED_POSTS).error == "token_refused"
        assert vk.calls == []


class TestPauses:
    @pytest.mark.parametrize(
        ("error", "pauses"),
        [
            (VkUnreachable("no"), [5, 10, 20, 300]),
            (VkBusy("no"), [5, 10, 20, 300]),
            (VkTokenRefused("no"), [60, 120, 240, 600]),
            (VkAccessDenied("no"), [60, 120, 240, 600]),
            (VkQuotaUsedUp("no", retry_after=777), [777, 777, 777, 777]),
        ],
        ids=lambda value: getattr(value, "code", ""),
    )
    def test_they_grow_and_are_long_where_a_person_is_needed(self, error: VkError, pauses: list[float]) -> None:
        assert [pause_after(error, attempts) for attempts in (1, 2, 3, 1000)] == pauses


@given(st.lists(st.tuples(st.integers(0, PUBLISHED_MAX), st.integers(0, SCHEDULED_MAX)), max_size=50))
def test_a_days_looks_at_any_walls_stay_in_their_share_of_the_quota(walls: list[tuple[int, int]]) -> None:
    pages = sum(max(1, math.ceil(size / PAGE)) for wall in walls for size in wall)
    pause = look_seconds(pages)
    assert pause >= LOOK_SECONDS
    assert pages * 86_400 / pause <= QUOTA * LOOKING_SHARE + 1e-6


def test_a_few_small_walls_are_looked_at_as_often_as_can_be() -> None:
    assert look_seconds(2 * 13) == LOOK_SECONDS


def _away(*_: object) -> None:
    raise DatabaseUnavailable("gone")
