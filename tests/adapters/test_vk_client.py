"""What VK's client sends, what it gives back, and how often it asks."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.adapters.vk_api import client as client_module
from app.domain.errors import DatabaseUnavailable
from app.domain.vk.errors import VkBusy, VkError, VkOutcomeUnknown, VkQuotaUsedUp, VkUnreachable
from app.ports.vk.api import VkToken
from tests.adapters.vk_calls import TOKEN, Client, NoPace, Vk, failing, refuses, says
from tests.support.fakes import server
from tests.support.fakes.messages import Reply
from tests.support.fakes.server import Behaviour
from tests.twins.memory_database import MemoryDatabase
from tests.twins.vk.memory_pace import MemoryTokenPace


@pytest.fixture
def vk() -> Iterator[Vk]:
    with Vk() as running:
        yield running


@pytest.fixture
def client(vk: Vk) -> Client:
    return Client(vk.url, NoPace())


class TestACall:
    def test_is_a_form_that_holds_the_token_and_the_version(self, vk: Vk, client: Client) -> None:
        client.write("wall.post", TOKEN, owner_id=-1, message="Привет & пока")
        [call] = vk.calls
        assert (call.method, call.path, call.query) == ("POST", "/method/wall.post", {})
        assert call.form().to_dict() == {
            "owner_id": "-1",
            "message": "Привет & пока",
            "access_token": TOKEN.value,
            "v": "5.199",
        }

    def test_writes_values_as_vk_reads_them(self, vk: Vk, client: Client) -> None:
        client.read("any", TOKEN, album_ids=[1, 2], posts=("-1_2", "-1_3"), need_covers=True, rev=False, offset=None)
        form = vk.calls[0].form()
        assert form.to_dict() | {"access_token": "", "v": ""} == {
            "album_ids": "1,2",
            "posts": "-1_2,-1_3",
            "need_covers": "1",
            "rev": "0",
            "access_token": "",
            "v": "",
        }

    def test_replaces_what_cannot_be_sent(self, vk: Vk, client: Client) -> None:
        client.write("wall.post", TOKEN, message="half \ud83d a smile")
        assert vk.calls[0].form()["message"] == "half ? a smile"

    @pytest.mark.parametrize("response", [1, 0, [], {"count": 0, "items": []}, [{"id": 5}], None, "text"], ids=repr)
    def test_returns_what_stands_in_the_response(self, vk: Vk, client: Client, response: Any) -> None:
        vk.misbehave(says(response))
        assert client.read("any", TOKEN) == response

    def test_takes_a_thousand_photos_with_all_their_sizes(self, vk: Vk, client: Client) -> None:
        vk.misbehave(says("x" * 6_000_000))
        assert len(client.read("photos.get", TOKEN)) == 6_000_000

    def test_lies_below_a_base_url_with_a_path(self, vk: Vk) -> None:
        Client(f"{vk.url}/mirror").read("users.get", TOKEN)
        assert vk.calls[0].path == "/mirror/method/users.get"

    def test_never_follows_a_redirect(self, vk: Vk, client: Client) -> None:
        vk.misbehave(server.redirect(f"{vk.url}/elsewhere"))
        with failing(VkOutcomeUnknown):
            client.write("wall.post", TOKEN)
        assert len(vk.calls) == 1


NO_ANSWERS = {
    "page": server.html(),
    "gateway": server.status(502, b"<html>Bad gateway"),
    "half a line": server.body(b'{"response": {"post_id": 1', "application/json"),
    "nothing": server.body(b"", "application/json"),
    "list": server.body(b"[]", "application/json"),
    "object": server.body(b"{}", "application/json"),
    "deep": server.body(b"[" * 60_000, "application/json"),
    "error of another shape": server.body(b'{"error": "invalid_token"}', "application/json"),
    "cut": server.cut_short(),
    "reset": server.reset(),
    "endless": server.huge(17 << 20, content_type="application/json"),
    "internal": refuses(10, "Internal server error"),
    "unknown": refuses(1, "Unknown error occurred"),
    "response with a bad status": lambda call, answer, wire: Reply.json({"response": 1}, 500),
}


@pytest.mark.parametrize("behaviour", NO_ANSWERS.values(), ids=NO_ANSWERS)
class TestAnAnswerThatIsNone:
    def test_is_asked_for_again_by_a_read(self, vk: Vk, client: Client, behaviour: Behaviour) -> None:
        vk.misbehave(behaviour, behaviour)
        assert client.read("wall.get", TOKEN) == 1
        assert (len(vk.calls), client.pauses) == (3, [0.5, 1.0])

    def test_leaves_unknown_whether_a_write_took_effect(self, vk: Vk, client: Client, behaviour: Behaviour) -> None:
        vk.misbehave(behaviour)
        with failing(VkOutcomeUnknown) as caught:
            client.write("wall.post", TOKEN)
        assert caught.value.is_unknown
        assert (caught.value.method, len(vk.calls), client.pauses) == ("wall.post", 1, [])


class TestPatience:
    def test_a_read_is_given_up_after_four_tries(self, vk: Vk, client: Client) -> None:
        vk.always(server.html())
        with failing(VkOutcomeUnknown):
            client.read("wall.get", TOKEN)
        assert (len(vk.calls), client.pauses) == (4, [0.5, 1.0, 2.0])

    def test_nothing_is_asked_again_once_time_is_over(
        self, vk: Vk, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(client_module, "_AGAIN_WITHIN_SECONDS", 0.0)
        vk.always(server.html())
        with failing(VkOutcomeUnknown):
            client.read("wall.get", TOKEN)
        assert len(vk.calls) == 1

    @pytest.mark.parametrize("behaviour", [server.hang(), server.drip()], ids=["hang", "drip"])
    def test_an_answer_that_does_not_come_ends_with_the_deadline(
        self, vk: Vk, client: Client, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(client_module, "_CALL_SECONDS", 0.3)
        vk.misbehave(behaviour)
        with failing(VkOutcomeUnknown):
            client.write("wall.post", TOKEN)
        assert len(vk.calls) == 1

    @pytest.mark.parametrize("call", ["read", "write"])
    def test_what_never_left_may_be_sent_again(self, free_port: int, call: str) -> None:
        client = Client(f"http://127.0.0.1:{free_port}", NoPace())
        with failing(VkUnreachable) as caught:
            getattr(client, call)("wall.post", TOKEN)
        assert not caught.value.is_unknown
        assert client.pauses == [0.5, 1.0, 2.0]

    @pytest.mark.parametrize("call", ["read", "write"])
    @pytest.mark.parametrize("behaviour", [refuses(6), server.status(429)], ids=["6", "429"])
    def test_a_busy_vk_has_done_nothing_and_is_asked_again(
        self, vk: Vk, client: Client, call: str, behaviour: Behaviour
    ) -> None:
        vk.misbehave(behaviour, behaviour, behaviour)
        assert getattr(client, call)("wall.post", TOKEN) == 1
        assert (len(vk.calls), client.pauses) == (4, [0.5, 1.0, 2.0])

    def test_a_vk_that_stays_busy_is_left_alone(self, vk: Vk, client: Client) -> None:
        vk.always(refuses(6))
        with failing(VkBusy):
            client.write("wall.post", TOKEN)
        assert len(vk.calls) == 4

    @pytest.mark.parametrize("code", [5, 9, 14, 15, 17, 29, 100, 214, 300, 31337])
    def test_a_refusal_is_no_reason_to_ask_again(self, vk: Vk, client: Client, code: int) -> None:
        vk.always(refuses(code))
        with pytest.raises(VkError):
            client.read("wall.get", TOKEN)
        assert len(vk.calls) == 1


class TestPace:
    @pytest.fixture
    def database(self) -> MemoryDatabase:
        return MemoryDatabase()

    @pytest.fixture
    def client(self, vk: Vk, database: MemoryDatabase) -> Client:
        return Client(vk.url, MemoryTokenPace(database))

    def test_calls_wait_for_their_turn(self, client: Client) -> None:
        for _ in range(4):
            client.read("wall.get", TOKEN)
        assert len(client.pauses) == 3
        assert client.pauses == sorted(client.pauses)

    def test_what_is_done_before_sending_is_done_once_the_turn_has_come(self, vk: Vk, client: Client) -> None:
        client.read("wall.get", TOKEN)
        seen: list[tuple[int, int]] = []
        vk.misbehave(refuses(6))
        client.write("wall.post", TOKEN, lambda: seen.append((len(client.pauses), len(vk.calls))))
        assert seen == [(1, 1), (3, 2)], "after its turn, and again after the pause and the turn of a repetition"

    def test_if_that_fails_nothing_is_sent(self, vk: Vk, client: Client) -> None:
        def fail() -> None:
            raise DatabaseUnavailable("gone")

        with pytest.raises(DatabaseUnavailable):
            client.write("wall.post", TOKEN, fail)
        assert vk.calls == []

    def test_each_try_takes_a_turn(self, vk: Vk, client: Client) -> None:
        vk.misbehave(refuses(6))
        client.read("wall.get", TOKEN)
        pause, turn = client.pauses
        assert pause == 0.5
        assert 0 < turn < 0.5

    def test_flood_control_is_held_against_the_token(self, vk: Vk, client: Client) -> None:
        vk.misbehave(refuses(9, "Flood control"))
        with failing(VkQuotaUsedUp) as caught:
            client.write("wall.post", TOKEN)
        assert (caught.value.retry_after, caught.value.vk_code) == (600, 9)
        with failing(VkQuotaUsedUp):
            client.read("photos.get", TOKEN)
        assert len(vk.calls) == 1
        assert client.read("photos.get", VkToken("another", 3)) == 1

    def test_a_quota_is_held_against_its_method(self, vk: Vk, client: Client) -> None:
        vk.misbehave(refuses(29, "Rate limit reached"))
        with failing(VkQuotaUsedUp) as caught:
            client.read("wall.get", TOKEN)
        assert caught.value.retry_after == 3600
        with failing(VkQuotaUsedUp) as again:
            client.read("wall.get", TOKEN)
        assert (again.value.method, again.value.vk_code) == ("wall.get", None)
        assert client.write("wall.post", TOKEN) == 1
        assert len(vk.calls) == 2

    def test_a_rest_ends(self, vk: Vk, client: Client, database: MemoryDatabase) -> None:
        vk.misbehave(refuses(9))
        with failing(VkQuotaUsedUp):
            client.read("wall.get", TOKEN)
        database.pass_time(601)
        assert client.read("wall.get", TOKEN) == 1

    def test_nothing_is_asked_while_turns_cannot_be_taken(
        self, vk: Vk, client: Client, database: MemoryDatabase
    ) -> None:
        database.go_away()
        with pytest.raises(DatabaseUnavailable):
            client.read("wall.get", TOKEN)
        assert vk.calls == []

    def test_what_vk_said_is_heard_even_if_it_cannot_be_noted(
        self, vk: Vk, client: Client, database: MemoryDatabase
    ) -> None:
        vk.misbehave(refuses(9))
        database.go_away(after=1)
        with failing(VkQuotaUsedUp):
            client.write("wall.post", TOKEN)
