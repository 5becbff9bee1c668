"""One click has VK tell us of changes; how that stands is told honestly, and another click mends it."""

import threading
from collections.abc import Iterator

import pytest

from app.domain.vk.callback_state import CallbackState, CallbackTrouble
from app.domain.vk.community import Community, Secret
from app.domain.vk.content import SUBSCRIBED
from app.services.vk import callback_setup
from app.services.vk.callback_setup import PATH
from tests.support.fakes.vk.callback_servers import CONFIRMED, FAILED, CallbackServer
from tests.support.fakes.vk.fake import COMMUNITY_TOKEN, GROUP_ID, FakeVk, of_method
from tests.support.fakes.vk.troubles import does_then_drops, refuses
from tests.vk.connecting import ADDRESS, Lobby
from tests.waiting import until

URL = f"{ADDRESS}{PATH}"


@pytest.fixture
def lobby(vk: FakeVk) -> Lobby:
    return Lobby(vk)


def servers(lobby: Lobby) -> list[CallbackServer]:
    return lobby.vk.world.servers.of(GROUP_ID)


def confirmed(lobby: Lobby) -> Community:
    """A community whose server VK has confirmed."""
    community = lobby.with_both()
    lobby.callback.set_up(community.id, "serg")
    [server] = servers(lobby)
    server.status = CONFIRMED
    return community


class TestSettingUp:
    def test_vk_knows_address_secret_and_events(self, lobby: Lobby) -> None:
        community = lobby.with_both()
        state = lobby.callback.set_up(community.id, "serg")
        [server] = servers(lobby)
        assert (server.url, server.secret_key) == (URL, lobby.secret(community, Secret.CALLBACK_SECRET))
        assert server.events >= set(SUBSCRIBED)
        assert state == CallbackState(URL, CallbackTrouble.WAITING)

    def test_we_know_code_and_server(self, lobby: Lobby) -> None:
        community = lobby.with_both()
        lobby.callback.set_up(community.id, "serg")
        known = lobby.communities.find(community.id)
        assert known.confirmation_code == lobby.vk.world.groups[GROUP_ID].confirmation_code
        assert known.callback_server_id == servers(lobby)[0].id
        assert lobby.changes()[-1] == ("community.callback_set_up", {"label": "Фотобудка", "url": URL})

    def test_code_and_secret_are_known_before_vk_asks(self, lobby: Lobby) -> None:
        """VK wants the code while the server is being added."""
        community = lobby.with_both()
        lobby.vk.always(refuses(10), on=of_method("groups.addCallbackServer"))
        lobby.callback.set_up(community.id, "serg")
        assert lobby.communities.find(community.id).confirmation_code
        assert len(lobby.secret(community, Secret.CALLBACK_SECRET) or "") == 48

    @pytest.mark.parametrize("token", ["user", "community"])
    def test_either_token_will_do(self, lobby: Lobby, token: str) -> None:
        community = lobby.add() if token == "user" else lobby.add(community_token=COMMUNITY_TOKEN)
        assert lobby.callback.set_up(community.id, "serg").trouble is CallbackTrouble.WAITING

    def test_a_second_click_makes_no_second_server_and_no_other_secret(self, lobby: Lobby) -> None:
        community = confirmed(lobby)
        secret = lobby.secret(community, Secret.CALLBACK_SECRET)
        assert lobby.callback.set_up(community.id, "igor").works
        assert len(servers(lobby)) == 1
        assert lobby.secret(community, Secret.CALLBACK_SECRET) == secret

    def test_an_answer_that_was_lost_makes_no_second_server(self, lobby: Lobby) -> None:
        community = lobby.with_both()
        lobby.vk.misbehave(does_then_drops(), on=of_method("groups.addCallbackServer"))
        state = lobby.callback.set_up(community.id, "serg")
        assert (state.trouble, state.details["code"]) == (CallbackTrouble.CANNOT_ASK, "outcome_unknown")
        lobby.callback.set_up(community.id, "serg")
        assert [server.id for server in servers(lobby)] == [lobby.communities.find(community.id).callback_server_id]

    def test_others_servers_are_left_alone(self, lobby: Lobby) -> None:
        other = lobby.vk.world.servers.add(GROUP_ID, "https://bot.example.org", "Bot", "theirs")
        lobby.callback.set_up(lobby.with_both().id, "serg")
        assert (other.url, other.secret_key, len(servers(lobby))) == ("https://bot.example.org", "theirs", 2)

    def test_a_community_with_too_many_servers_is_told_of(self, lobby: Lobby) -> None:
        lobby.vk.world.limits.callback_servers = 0
        state = lobby.callback.set_up(lobby.with_both().id, "serg")
        assert (state.trouble, state.details["code"]) == (CallbackTrouble.CANNOT_ASK, "callback_limit")

    def test_without_any_token_it_is_said_so(self, lobby: Lobby) -> None:
        community = lobby.add()
        lobby.change(community, user_token=None)
        assert lobby.callback.set_up(community.id, "serg").details["code"] == "token_refused"

    def test_without_a_public_address_vk_is_not_asked(self, vk: FakeVk) -> None:
        lobby = Lobby(vk, base_url=None)
        community = lobby.add()
        assert lobby.callback.set_up(community.id, "serg") == CallbackState("", CallbackTrouble.NO_ADDRESS)
        assert vk.asked("groups.addCallbackServer") == []


class TestState:
    def test_before_anything_was_done(self, lobby: Lobby) -> None:
        assert lobby.callback.state(lobby.add().id).trouble is CallbackTrouble.NOT_SET_UP

    def test_confirmed(self, lobby: Lobby) -> None:
        assert lobby.callback.state(confirmed(lobby).id).works

    def test_failed(self, lobby: Lobby) -> None:
        community = confirmed(lobby)
        servers(lobby)[0].status = FAILED
        assert lobby.callback.state(community.id).trouble is CallbackTrouble.FAILED

    def test_deleted_in_vk(self, lobby: Lobby) -> None:
        community = confirmed(lobby)
        lobby.vk.world.servers.remove(servers(lobby)[0])
        assert lobby.callback.state(community.id).trouble is CallbackTrouble.GONE
        assert lobby.callback.set_up(community.id, "serg").trouble is CallbackTrouble.WAITING

    def test_our_address_has_moved(self, lobby: Lobby) -> None:
        community = confirmed(lobby)
        moved = Lobby(lobby.vk, stores=lobby.stores, base_url="https://new.example.org")
        state = moved.callback.state(community.id)
        assert (state.trouble, state.details) == (CallbackTrouble.OTHER_ADDRESS, {"url": URL})
        moved.callback.set_up(community.id, "serg")
        assert [server.url for server in servers(lobby)] == [f"https://new.example.org{PATH}"]

    def test_the_code_has_changed(self, lobby: Lobby) -> None:
        community = confirmed(lobby)
        lobby.vk.world.groups[GROUP_ID].confirmation_code = "deadbeef"
        assert lobby.callback.state(community.id).trouble is CallbackTrouble.CODE_CHANGED
        assert lobby.callback.set_up(community.id, "serg").works
        assert lobby.communities.find(community.id).confirmation_code == "deadbeef"

    def test_the_secret_is_another(self, lobby: Lobby) -> None:
        community = confirmed(lobby)
        servers(lobby)[0].secret_key = "theirs"
        state = lobby.callback.state(community.id)
        assert (state.trouble, "theirs" in str(state)) == (CallbackTrouble.NO_SECRET, False)

    def test_an_event_was_switched_off(self, lobby: Lobby) -> None:
        community = confirmed(lobby)
        servers(lobby)[0].events.remove("photo_new")
        state = lobby.callback.state(community.id)
        assert (state.trouble, state.details) == (CallbackTrouble.EVENTS_MISSING, {"events": ["photo_new"]})

    def test_a_vk_that_refuses_to_tell(self, lobby: Lobby) -> None:
        community = confirmed(lobby)
        lobby.vk.always(refuses(15))
        state = lobby.callback.state(community.id)
        assert (state.trouble, state.details["code"]) == (CallbackTrouble.CANNOT_ASK, "access_denied")


class TestTakingDown:
    def test_nothing_of_ours_is_left_at_vk(self, lobby: Lobby) -> None:
        community = lobby.communities.find(confirmed(lobby).id)
        assert lobby.callback.take_down(community)
        assert servers(lobby) == []

    def test_what_was_never_set_up_is_down(self, lobby: Lobby) -> None:
        assert lobby.callback.take_down(lobby.add())

    def test_a_vk_that_refuses_leaves_it(self, lobby: Lobby) -> None:
        community = lobby.communities.find(confirmed(lobby).id)
        lobby.vk.always(refuses(15))
        assert not lobby.callback.take_down(community)


class TestHanging:
    @pytest.fixture
    def community(self, lobby: Lobby) -> Community:
        return lobby.with_both()

    @pytest.fixture
    def answers(self, lobby: Lobby, community: Community, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
        """VK says nothing before this is set."""
        told, read = threading.Event(), lobby.api.read
        monkeypatch.setattr(callback_setup, "PATIENCE_SECONDS", 0.05)
        monkeypatch.setattr(lobby.api, "read", lambda *what, **how: told.wait(30) and read(*what, **how))
        yield told
        told.set()

    def test_nobody_waits_for_it_and_it_is_set_up_once_vk_answers(
        self, lobby: Lobby, community: Community, answers: threading.Event
    ) -> None:
        assert lobby.callback.set_up(community.id, "serg").details["code"] == "unreachable"
        assert servers(lobby) == []
        answers.set()
        until(lambda: lobby.communities.find(community.id).callback_server_id is not None)
