"""Communities are connected with tokens that nobody sees again, changed, and forgotten as a whole."""

from uuid import uuid4

import pytest

from app.domain.errors import Reason, Refused
from app.domain.vk.community import LatePolicy, Secret
from app.domain.vk.content import ContentKind
from app.domain.vk.errors import VkError
from tests.support.fakes.vk.fake import COMMUNITY_TOKEN, GROUP_ID, SCREEN_NAME, USER_TOKEN, FakeVk
from tests.support.fakes.vk.troubles import refuses
from tests.vk.connecting import Lobby, problems


@pytest.fixture
def lobby(vk: FakeVk) -> Lobby:
    return Lobby(vk)


class TestAdding:
    @pytest.mark.parametrize("link", [SCREEN_NAME, f"https://vk.com/{SCREEN_NAME}", str(GROUP_ID), f"club{GROUP_ID}"])
    def test_by_link_name_or_number(self, lobby: Lobby, link: str) -> None:
        community = lobby.add(link=link)
        assert (community.group_id, community.name, community.screen_name) == (GROUP_ID, "Фотобудка", SCREEN_NAME)
        assert community.late_policy is LatePolicy.PUBLISH
        assert lobby.communities.all() == [community]

    def test_its_token_is_kept_for_those_who_publish(self, lobby: Lobby) -> None:
        community = lobby.with_both()
        assert lobby.tokens.user(community.id).value == USER_TOKEN
        assert lobby.tokens.either(community.id).value == COMMUNITY_TOKEN

    def test_a_communitys_token_alone_will_do_to_begin_with(self, lobby: Lobby) -> None:
        community = lobby.add(community_token=COMMUNITY_TOKEN)
        assert lobby.communities.without_token() == {community.id}

    def test_the_address_that_vk_left_in_the_browser_holds_the_token(self, lobby: Lobby) -> None:
        pasted = f"https://oauth.vk.com/blank.html#access_token={USER_TOKEN}&expires_in=0&user_id=9000001"
        assert lobby.secret(lobby.add(user_token=pasted), Secret.USER_TOKEN) == USER_TOKEN

    def test_neither_views_nor_the_list_of_changes_show_tokens(self, lobby: Lobby) -> None:
        community = lobby.with_both()
        shown = f"{lobby.communities.secrets(community.id)} {lobby.changes()} {community}"
        assert USER_TOKEN not in shown
        assert COMMUNITY_TOKEN not in shown
        told = {"label": "Фотобудка", "group_id": GROUP_ID, "user_token": "set", "community_token": "set"}
        assert lobby.changes() == [("community.added", told)]

    def test_once_only(self, lobby: Lobby) -> None:
        lobby.add()
        with pytest.raises(Refused) as caught:
            lobby.add(link=str(GROUP_ID))
        assert caught.value.reason is Reason.COMMUNITY_EXISTS

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            ({"link": ""}, {"link": "required"}),
            ({"link": "https://example.org"}, {"link": "bad_link"}),
            ({"link": 7}, {"link": "required"}),
            ({"link": "no_such_studio"}, {"link": "no_such_community"}),
            ({"user_token": ""}, {"user_token": "token_required"}),
            ({"user_token": "nonsense"}, {"user_token": "bad_token"}),
            ({"user_token": 7}, {"user_token": "bad_token"}),
            ({"user_token": USER_TOKEN[:-1] + "x"}, {"user_token": "token_refused"}),
            ({"name": "Studio"}, {"name": "unknown_field"}),
        ],
    )
    def test_what_cannot_be_is_told_by_field(
        self, lobby: Lobby, wanted: dict[str, object], found: dict[str, str]
    ) -> None:
        assert problems(lambda: lobby.add(**wanted)) == found
        assert lobby.communities.all() == []

    def test_a_vk_that_is_in_trouble_is_no_fault_of_the_form(self, lobby: Lobby) -> None:
        lobby.vk.always(refuses(10))
        with pytest.raises(VkError):
            lobby.add()


class TestChanging:
    def test_what_is_not_named_stays(self, lobby: Lobby) -> None:
        community = lobby.with_both()
        changed = lobby.change(community, late_policy="ask")
        assert (changed.late_policy, changed.version) == (LatePolicy.ASK, 2)
        assert lobby.secret(community, Secret.USER_TOKEN) == USER_TOKEN
        told = {"label": "Фотобудка", "group_id": GROUP_ID, "late_policy": ["publish", "ask"]}
        assert lobby.changes()[1:] == [("community.changed", told)]

    def test_a_blank_token_stays_and_none_removes_it(self, lobby: Lobby) -> None:
        community = lobby.with_both()
        lobby.change(community, user_token="", community_token=None)
        view = lobby.communities.secrets(community.id)
        assert view.fields[Secret.USER_TOKEN].is_set
        assert not view.fields[Secret.COMMUNITY_TOKEN].is_set
        assert view.fields[Secret.COMMUNITY_TOKEN].updated_by == "igor"
        assert lobby.changes()[-1][1]["community_token"] == "removed"

    def test_what_changes_nothing_is_not_told(self, lobby: Lobby) -> None:
        community = lobby.add()
        lobby.change(community, late_policy="publish", community_token=None, confirmation_code="")
        assert len(lobby.changes()) == 1

    def test_a_token_that_lost_its_key_is_named_and_can_be_removed(self, lobby: Lobby) -> None:
        community = lobby.add()
        later = Lobby(lobby.vk, stores=lobby.stores, key="another key")
        assert later.communities.secrets(community.id).unreadable == (Secret.USER_TOKEN,)
        assert later.communities.without_token() == {community.id}
        later.change(community, user_token=None)
        assert later.communities.secrets(community.id).unreadable == ()

    @pytest.mark.parametrize(
        ("name", "value", "code"),
        [
            ("late_policy", "never", "not_an_option"),
            ("late_policy", [], "not_an_option"),
            ("confirmation_code", "a b", "bad_code"),
            ("confirmation_code", None, "bad_code"),
            ("callback_secret", "пароль", "bad_secret"),
            ("callback_secret", "x" * 51, "bad_secret"),
            ("community_token", "nonsense", "bad_token"),
            ("group_id", 1, "unknown_field"),
        ],
    )
    def test_all_or_nothing(self, lobby: Lobby, name: str, value: object, code: str) -> None:
        community = lobby.add()
        wanted = {"late_policy": "ask", name: value}
        assert problems(lambda: lobby.change(community, **wanted)) == {name: code}
        assert lobby.communities.find(community.id) == community

    def test_one_that_is_not_there_is_not_found(self, lobby: Lobby) -> None:
        with pytest.raises(Refused) as caught:
            lobby.communities.change(uuid4(), {"late_policy": "ask"}, "serg")
        assert caught.value.reason is Reason.NOT_FOUND


class TestRemoving:
    def test_nothing_of_its_secrets_is_left(self, lobby: Lobby) -> None:
        community = lobby.with_both()
        assert lobby.communities.remove(community.id, "igor") == community
        assert lobby.communities.all() == []
        assert [kept.value for kept in lobby.tokens.kept(community.id).values()] == [None, None]
        assert lobby.changes()[-1] == ("community.removed", {"label": "Фотобудка", "group_id": GROUP_ID})

    def test_it_can_be_connected_again(self, lobby: Lobby) -> None:
        lobby.communities.remove(lobby.add().id, "igor")
        again = lobby.add()
        assert lobby.communities.all() == [again]


def test_how_fresh_everything_is(lobby: Lobby) -> None:
    community = lobby.add()
    lobby.stores.vk_cache.replace_albums(community.id, [])
    known = lobby.communities.freshness(community.id)
    assert [kind for kind, fresh in known.items() if fresh.refreshed_at] == [ContentKind.ALBUMS]
    assert len(known) == 3
