"""What is made of the events that VK tells of."""

import hmac
from contextlib import nullcontext

import pytest

from app.domain.errors import DatabaseUnavailable
from app.domain.vk.content import SUBSCRIBED, ContentKind
from app.services.vk.callback import CallbackRefused
from tests.support.fakes.vk.fake import GROUP_ID, FakeVk
from tests.vk.newsroom import SECRET, Newsroom

PUBLISHED, SCHEDULED = (ContentKind.PUBLISHED_POSTS, 0), (ContentKind.SCHEDULED_POSTS, 0)
ALBUMS = (ContentKind.ALBUMS, 0)


@pytest.fixture
def room(vk: FakeVk) -> Newsroom:
    return Newsroom(vk)


def wished(room: Newsroom) -> set[tuple[ContentKind, int]]:
    return {(task.kind, task.album_id) for task in room.queue.take(100, 60)}


class TestEvents:
    @pytest.mark.parametrize(
        ("kind", "wanted"),
        [
            ("wall_post_new", {PUBLISHED, SCHEDULED}),
            ("wall_repost", {PUBLISHED}),
            ("wall_schedule_post_new", {SCHEDULED}),
            ("wall_schedule_post_delete", {SCHEDULED}),
            ("postponed_new", {SCHEDULED}),
            ("postponed_delete", {SCHEDULED}),
            ("photo_new", {ALBUMS}),
            ("group_join", set()),
            ("", set()),
            ("something_that_vk_invents_tomorrow", set()),
        ],
    )
    def test_an_event_asks_for_what_it_changes(
        self, room: Newsroom, kind: str, wanted: set[tuple[ContentKind, int]]
    ) -> None:
        assert room.hear(kind) == "ok"
        assert wished(room) == wanted

    def test_one_that_changes_nothing_is_not_written_down(self, room: Newsroom) -> None:
        for number in range(3):
            assert room.hear("group_join", f"event {number}") == "ok"
        room.stores.pass_time(30 * 24 * 3600)
        assert room.stores.callback_ledger.forget_expired(10) == 0

    def test_all_that_vk_is_asked_to_tell_of_changes_something(self, room: Newsroom) -> None:
        for kind in SUBSCRIBED:
            room.hear(kind, kind)
            tasks = room.queue.take(10, 60)
            assert tasks, kind
            for task in tasks:
                room.queue.done(task)

    def test_a_new_photo_asks_for_its_album_too(self, room: Newsroom) -> None:
        room.hear("photo_new", object={"id": 1, "album_id": 300_000_001})
        assert wished(room) == {ALBUMS, (ContentKind.PHOTOS, 300_000_001)}

    @pytest.mark.parametrize("album_id", [-7, 0, True, "5", None, 1.5, 10**30])
    def test_unless_nobody_made_that_album(self, room: Newsroom, album_id: object) -> None:
        room.hear("photo_new", object={"id": 1, "album_id": album_id})
        assert wished(room) == {ALBUMS}

    @pytest.mark.parametrize("content", [None, [], "x", 5])
    def test_whatever_stands_in_the_object(self, room: Newsroom, content: object) -> None:
        assert room.hear("photo_new", object=content) == "ok"

    def test_vk_is_not_asked_meanwhile(self, room: Newsroom, vk: FakeVk) -> None:
        for kind in SUBSCRIBED:
            room.hear(kind, kind)
        assert vk.calls == []


class TestRepetition:
    def test_a_repeated_event_is_acknowledged_and_changes_nothing(self, room: Newsroom) -> None:
        room.hear("wall_repost")
        for task in room.queue.take(10, 60):
            room.queue.done(task)
        assert room.hear("wall_repost") == "ok"
        assert wished(room) == set()

    def test_an_hour_later_too(self, room: Newsroom) -> None:
        room.hear("wall_repost")
        room.stores.pass_time(2 * 3600)
        for task in room.queue.take(10, 60):
            room.queue.done(task)
        room.hear("wall_repost")
        assert wished(room) == set()

    @pytest.mark.parametrize("event_id", [None, 5, "", []])
    def test_events_without_an_id_are_all_new(self, room: Newsroom, event_id: object) -> None:
        for _ in range(2):
            assert room.hear("wall_repost", event_id) == "ok"
            [task] = room.queue.take(10, 60)
            room.queue.done(task)

    def test_an_id_may_be_anything(self, room: Newsroom) -> None:
        assert room.hear("wall_repost", "\x00\ud800" + "я" * 100_000) == "ok"


class TestTrust:
    def test_the_code_is_the_answer_to_a_confirmation(self, room: Newsroom) -> None:
        asked = {"type": "confirmation", "group_id": GROUP_ID}
        assert room.callback.handle_vk_callback(asked) == "a1b2c3d4"

    def test_without_a_code_nothing_is_confirmed(self, room: Newsroom) -> None:
        room.stores.communities.change(room.project, confirmation_code="")
        with pytest.raises(CallbackRefused):
            room.hear("confirmation")

    @pytest.mark.parametrize("secret", [None, "", "8Jr2vQn0sXc", SECRET + "B", SECRET.lower(), "\ud800", 5, [SECRET]])
    def test_a_secret_that_is_wrong_or_missing_is_refused(self, room: Newsroom, secret: object) -> None:
        with pytest.raises(CallbackRefused):
            room.hear("wall_post_new", secret=secret)
        assert wished(room) == set()

    @pytest.mark.parametrize("length", range(len(SECRET) + 1))
    def test_however_much_of_it_is_right_the_whole_is_compared_in_constant_time(
        self, room: Newsroom, monkeypatch: pytest.MonkeyPatch, length: int
    ) -> None:
        """What compare_digest says is what counts, and it is asked whatever the beginning."""
        given = SECRET[:length]
        asked: list[tuple[bytes, bytes]] = []

        def reversed_answer(stored: bytes, told: bytes) -> bool:
            asked.append((stored, told))
            return stored != told

        monkeypatch.setattr(hmac, "compare_digest", reversed_answer)
        with nullcontext() if given != SECRET else pytest.raises(CallbackRefused):
            room.hear("wall_post_new", secret=given)
        assert asked == [(SECRET.encode(), given.encode())]

    @pytest.mark.parametrize("secret", [None, "", SECRET])
    def test_where_none_was_agreed_on_nothing_is_heard(self, room: Newsroom, secret: str | None) -> None:
        room.agree_on(None)
        with pytest.raises(CallbackRefused):
            room.hear("wall_post_new", secret=secret)
        assert wished(room) == set()

    def test_a_confirmation_needs_none(self, room: Newsroom) -> None:
        room.agree_on(None)
        assert room.hear("confirmation", secret=None) == "a1b2c3d4"

    def test_a_secret_that_cannot_be_read_makes_vk_come_again(self, room: Newsroom, vk: FakeVk) -> None:
        other = Newsroom(vk)
        other.callback._secrets = other.stores.secrets_of("b3RoZXJrZXlvdGhlcmtleW90aGVya2V5b3RoZXJrZXk=")
        with pytest.raises(DatabaseUnavailable):
            other.hear("wall_post_new")

    def test_unknown_communities_are_strangers(self, room: Newsroom) -> None:
        with pytest.raises(CallbackRefused):
            room.hear("wall_post_new", group_id=GROUP_ID + 1)


class TestOutages:
    def test_what_could_not_be_written_down_is_not_acknowledged(self, room: Newsroom) -> None:
        room.stores.database.go_away()
        with pytest.raises(DatabaseUnavailable):
            room.hear("wall_repost")
        room.stores.database.come_back()
        assert wished(room) == set()
        assert room.hear("wall_repost") == "ok"
        assert wished(room) == {PUBLISHED}

    def test_what_was_though_nobody_knew_is_not_done_twice(self, room: Newsroom) -> None:
        room.stores.database.lose_answers()
        with pytest.raises(DatabaseUnavailable):
            room.hear("wall_repost")
        assert room.hear("wall_repost") == "ok"
        [task] = room.queue.take(10, 60)
        assert task.wanted == 1
