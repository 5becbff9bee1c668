"""Callback at the fake: setting it up, events, and how VK repeats itself."""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.pictures import jpeg
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import FakeServer, hang
from tests.support.fakes.vk import callbacks
from tests.support.fakes.vk.callbacks import PAUSE_AFTER, RETRIES, Answered, Attempt
from tests.support.fakes.vk.fake import COMMUNITY_TOKEN, GROUP_ID, SCREEN_NAME, FakeVk
from tests.vk.vk_calls import OWNER_ID, do, in_an_hour, refused, upload_for_post, upload_to_album, write
from tests.waiting import until

SECRET = "shared-with-vk"
SETTING_UP: dict[str, Any] = {"group_id": GROUP_ID, "title": "PhotoChanger", "secret_key": SECRET}


class Listener(FakeServer):
    """Somebody's Callback server. `says` is its answer to events, `code` to a confirmation."""

    code = ""
    says = Reply(200, b"ok")

    def answer(self, call: Call) -> Reply:
        return Reply(200, self.code.encode()) if call.json()["type"] == "confirmation" else self.says

    @property
    def heard(self) -> list[Any]:
        return [call.json() for call in self.calls]

    @property
    def kinds(self) -> list[str]:
        return [event["type"] for event in self.heard]


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as server:
        yield server


@pytest.fixture
def connected(vk: FakeVk, listener: Listener) -> FakeVk:
    """The fake when it has a confirmed server to tell of everything."""
    vk.connect_callback(listener.url, SECRET)
    return vk


def set_up(vk: FakeVk, url: str, **events: int) -> int:
    server_id = int(do(vk, "groups.addCallbackServer", COMMUNITY_TOKEN, url=url, **SETTING_UP)["server_id"])
    settings: dict[str, Any] = {"group_id": GROUP_ID, "server_id": server_id, "api_version": "5.199", **events}
    assert do(vk, "groups.setCallbackSettings", COMMUNITY_TOKEN, **settings) == 1
    return server_id


def state(vk: FakeVk) -> list[str]:
    return [server["status"] for server in do(vk, "groups.getCallbackServers", group_id=GROUP_ID)["items"]]


class TestSettingUp:
    def test_begins_with_a_question_for_the_code(self, vk: FakeVk, listener: Listener) -> None:
        listener.code = do(vk, "groups.getCallbackConfirmationCode", COMMUNITY_TOKEN, group_id=GROUP_ID)["code"]
        set_up(vk, listener.url, wall_post_new=1)
        assert state(vk) == ["wait"]
        vk.callbacks.deliver()
        assert state(vk) == ["ok"]
        assert listener.heard == [{"type": "confirmation", "group_id": GROUP_ID}]

    def test_fails_with_another_code(self, vk: FakeVk, listener: Listener) -> None:
        listener.code = "12345678"
        set_up(vk, listener.url, wall_post_new=1)
        write(vk)
        assert vk.callbacks.deliver() == []
        assert state(vk) == ["failed"]

    def test_is_repeated_when_the_address_changes(self, connected: FakeVk, listener: Listener) -> None:
        [server] = do(connected, "groups.getCallbackServers", group_id=GROUP_ID)["items"]
        moved = {**SETTING_UP, "server_id": server["id"], "url": f"{listener.url}/moved"}
        assert do(connected, "groups.editCallbackServer", **moved) == 1
        assert state(connected) == ["wait"]

    def test_is_for_the_events_that_were_chosen(self, vk: FakeVk, listener: Listener) -> None:
        server_id = set_up(vk, listener.url, wall_post_new=1, photo_new=1)
        do(vk, "groups.setCallbackSettings", group_id=GROUP_ID, server_id=server_id, photo_new=0)
        settings = do(vk, "groups.getCallbackSettings", group_id=GROUP_ID, server_id=server_id)
        assert [name for name, is_on in settings["events"].items() if is_on] == ["wall_post_new"]

    def test_can_be_undone(self, connected: FakeVk) -> None:
        [server] = do(connected, "groups.getCallbackServers", group_id=GROUP_ID)["items"]
        undoing = {"group_id": GROUP_ID, "server_id": server["id"]}
        assert do(connected, "groups.deleteCallbackServer", **undoing) == 1
        assert refused(connected, "groups.deleteCallbackServer", **undoing) == 104
        assert state(connected) == []

    def test_has_limits(self, vk: FakeVk, listener: Listener) -> None:
        adding = {**SETTING_UP, "url": listener.url}
        assert refused(vk, "groups.addCallbackServer", **{**adding, "title": "PhotoChanger у Анны"}) == 100
        assert refused(vk, "groups.addCallbackServer", **{**adding, "secret_key": "s" * 51}) == 100
        assert refused(vk, "groups.addCallbackServer", **{**adding, "url": "photo.example.org"}) == 100
        vk.world.limits.callback_servers = 0
        assert refused(vk, "groups.addCallbackServer", **adding) == 2000

    def test_is_for_those_who_may(self, vk: FakeVk) -> None:
        asking: dict[str, Any] = {"group_id": GROUP_ID}
        weak = vk.add_community_token(GROUP_ID, rights=["photos"])
        vk.add_group(5)
        assert refused(vk, "groups.getCallbackServers", weak, **asking) == 15
        assert refused(vk, "groups.getCallbackServers", vk.add_user_token(79), **asking) == 203
        assert refused(vk, "groups.getCallbackServers", vk.add_community_token(5), **asking) == 203


class TestEvents:
    def test_come_in_an_envelope(self, connected: FakeVk, listener: Listener) -> None:
        number = write(connected, attachments=upload_for_post(connected))
        [attempt] = connected.callbacks.deliver()
        [event] = listener.heard
        assert (event["type"], event["group_id"], event["secret"], event["v"]) == (
            "wall_post_new",
            GROUP_ID,
            SECRET,
            "5.199",
        )
        assert (event["object"]["id"], len(event["object"]["attachments"])) == (number, 1)
        assert (attempt.answered.body, attempt.event, attempt.retry) == ("ok", event, 0)

    def test_tell_of_a_postponed_post_by_its_id_and_time(self, connected: FakeVk, listener: Listener) -> None:
        at = in_an_hour(connected)
        number = write(connected, publish_date=at)
        connected.callbacks.deliver()
        [event] = listener.heard
        assert (event["type"], event["object"]) == ("wall_schedule_post_new", {"id": number, "schedule_time": at})

    def test_tell_what_a_post_was_called_while_it_was_postponed(self, connected: FakeVk, listener: Listener) -> None:
        connected.world.walls_tell_postponed_id = False
        number = write(connected, publish_date=in_an_hour(connected))
        connected.pass_time(hours=2)
        connected.callbacks.deliver()
        assert listener.kinds == ["wall_schedule_post_new", "wall_post_new"]
        assert listener.heard[1]["object"]["postponed_id"] == number

    def test_tell_of_an_edited_postponed_post_twice(self, connected: FakeVk, listener: Listener) -> None:
        number = write(connected, publish_date=in_an_hour(connected))
        do(connected, "wall.edit", owner_id=OWNER_ID, post_id=number, message="Иначе")
        do(connected, "wall.delete", owner_id=OWNER_ID, post_id=number)
        connected.callbacks.deliver()
        new, gone = "wall_schedule_post_new", "wall_schedule_post_delete"
        assert listener.kinds == [new, gone, new, gone]

    def test_keep_silent_about_changed_and_deleted_posts(self, connected: FakeVk, listener: Listener) -> None:
        number = write(connected)
        do(connected, "wall.edit", owner_id=OWNER_ID, post_id=number, message="Иначе")
        do(connected, "wall.delete", owner_id=OWNER_ID, post_id=number)
        connected.callbacks.deliver()
        assert listener.kinds == ["wall_post_new"]

    def test_tell_of_photos_in_albums(self, connected: FakeVk, listener: Listener) -> None:
        upload_to_album(connected, connected.add_album(), file1=jpeg(120, 80), file2=jpeg(90, 80))
        connected.callbacks.deliver()
        assert listener.kinds == ["photo_new", "photo_new"]

    def test_can_be_anything_under_any_id(self, connected: FakeVk, listener: Listener) -> None:
        for _ in range(2):
            connected.callbacks.emit(GROUP_ID, "postponed_new", {"id": 1}, event_id="e1")
        connected.callbacks.deliver()
        assert [(event["type"], event["event_id"]) for event in listener.heard] == [("postponed_new", "e1")] * 2

    def test_come_by_themselves_on_demand(self, connected: FakeVk, listener: Listener) -> None:
        with connected.callbacks.delivering():
            write(connected)
            until(lambda: listener.kinds == ["wall_post_new"])

    def test_can_be_sent_otherwise_than_by_http(self, connected: FakeVk) -> None:
        sent = []

        def post(url: str, body: bytes, headers: Any) -> Answered:
            sent.append(json.loads(body)["type"])
            return Answered(200, "ok")

        connected.callbacks.post = post
        write(connected)
        connected.callbacks.deliver()
        assert sent == ["wall_post_new"]


def gaps(attempts: list[Attempt]) -> list[int]:
    """Whole seconds between attempts."""
    return [int((later.at - earlier.at).total_seconds()) for earlier, later in pairwise(attempts)]


class TestRepeating:
    def test_goes_on_for_an_hour_and_a_half_and_counts(self, connected: FakeVk, listener: Listener) -> None:
        listener.says = Reply(500)
        write(connected)
        attempts = connected.callbacks.deliver_all()
        assert gaps(attempts) == list(RETRIES)
        assert [call.headers.get("x-retry-counter") for call in listener.calls] == [None, "1", "2", "3", "4", "5"]
        assert {event["event_id"] for event in listener.heard} == {connected.callbacks.lost[0]["event_id"]}

    def test_waits_for_the_clock(self, connected: FakeVk, listener: Listener) -> None:
        listener.says = Reply(500)
        write(connected)
        assert len(connected.callbacks.deliver()) == 1
        assert connected.callbacks.deliver() == []
        listener.says = Reply(200, b"ok")
        connected.pass_time(seconds=10)
        assert [attempt.retry for attempt in connected.callbacks.deliver()] == [1]
        assert connected.callbacks.waiting == 0

    @pytest.mark.parametrize("answer", [Reply(200, b"OK"), Reply(200, b'"ok"'), Reply(201, b"ok"), Reply(302)])
    def test_follows_all_but_200_with_ok(self, connected: FakeVk, listener: Listener, answer: Reply) -> None:
        listener.says = answer
        write(connected)
        connected.callbacks.deliver()
        assert connected.callbacks.waiting == 1

    def test_follows_an_answer_that_never_comes(
        self, connected: FakeVk, listener: Listener, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(callbacks, "ANSWER_SECONDS", 0.1)
        listener.misbehave(hang())
        write(connected)
        assert [attempt.answered.status for attempt in connected.callbacks.deliver_all()] == [0, 200]

    @pytest.mark.parametrize(("asked", "waited"), [("60", 60), ("10800", RETRIES[0]), ("soon", RETRIES[0])])
    def test_heeds_a_503_that_asks_for_less_than_three_hours(
        self, connected: FakeVk, listener: Listener, asked: str, waited: int
    ) -> None:
        listener.misbehave(lambda call, answer, wire: Reply(503, headers={"Retry-After": asked}))
        write(connected)
        assert gaps(connected.callbacks.deliver_all()) == [waited]

    def test_ends_when_the_server_says_remove(self, connected: FakeVk, listener: Listener) -> None:
        listener.says = Reply(200, b"remove")
        write(connected)
        write(connected)
        connected.callbacks.deliver_all()
        assert state(connected) == []
        assert connected.callbacks.waiting == 0

    def test_pauses_after_many_failures(self, connected: FakeVk, listener: Listener) -> None:
        listener.says = Reply(500)
        for _ in range(PAUSE_AFTER):
            write(connected)
        connected.callbacks.deliver()
        listener.says = Reply(200, b"ok")
        connected.pass_time(minutes=59)
        write(connected)
        assert connected.callbacks.deliver() == []
        connected.pass_time(minutes=2)
        assert len(connected.callbacks.deliver()) == PAUSE_AFTER + 1


def test_communities_hear_of_their_own_only(connected: FakeVk, listener: Listener) -> None:
    connected.add_group(5, "Другая", "another")
    connected.add_post("Чужая запись", group_id=5)
    connected.add_post("Своя запись", publish_at=connected.clock.now() + timedelta(hours=1))
    connected.callbacks.deliver()
    assert listener.kinds == ["wall_schedule_post_new"]
    assert do(connected, "groups.getById", group_ids=f"{SCREEN_NAME},another")["groups"][1]["id"] == 5
