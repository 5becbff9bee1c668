"""The doctor says of every token what is wrong with it, and never makes a page wait for VK."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.domain.vk.diagnosis import Ailment
from app.services.vk import token_doctor
from tests.support.fakes.vk.fake import COMMUNITY_TOKEN, GROUP_ID, USER_RIGHTS, USER_TOKEN, FakeVk, of_method
from tests.support.fakes.vk.troubles import captcha, refuses
from tests.support.fakes.vk.world import ADMINISTRATOR, EDITOR, MODERATOR
from tests.vk.connecting import Lobby, ailments


@pytest.fixture
def lobby(vk: FakeVk) -> Lobby:
    return Lobby(vk)


def found_with(lobby: Lobby, user_token: str) -> list[Ailment]:
    """What is found about an administrator's token that is entered by and by."""
    community = lobby.with_both()
    lobby.change(community, user_token=user_token)
    return ailments(lobby.examined(community).user)


def test_sound_tokens_are_said_to_be_whose_they_are(lobby: Lobby) -> None:
    diagnosis = lobby.examined(lobby.with_both())
    user, own = diagnosis.user, diagnosis.community
    assert (user.findings, own.findings, diagnosis.is_fit) == ((), (), True)
    assert (user.role, user.rights, user.is_lasting) == ("administrator", ("photos", "wall", "groups"), True)
    assert user.owner.startswith("Анна")
    assert user.owner_url == "https://vk.com/id9000001"
    assert (own.owner, own.rights) == ("Фотобудка", ("manage",))


def test_a_token_that_is_not_there(lobby: Lobby) -> None:
    diagnosis = lobby.examined(lobby.add(community_token=COMMUNITY_TOKEN))
    assert ailments(diagnosis.user) == [Ailment.NOT_SET]
    assert not diagnosis.is_fit


def test_a_communitys_token_is_not_needed(lobby: Lobby) -> None:
    diagnosis = lobby.examined(lobby.add())
    assert ailments(diagnosis.community) == [Ailment.ABSENT]
    assert diagnosis.community.is_fit


def test_a_right_that_only_callback_needs_is_not_missed_by_those_who_publish(lobby: Lobby) -> None:
    community = lobby.with_both()
    lobby.change(community, user_token=lobby.vk.add_user_token(rights=["photos", "wall", "offline"]))
    diagnosis = lobby.examined(community)
    assert ailments(diagnosis.user) == [Ailment.MISSING_RIGHTS]
    assert diagnosis.is_fit


def test_a_token_that_nobody_can_decrypt(lobby: Lobby) -> None:
    community = lobby.add()
    later = Lobby(lobby.vk, stores=lobby.stores, key="another key")
    assert ailments(later.examined(community).user) == [Ailment.UNREADABLE]
    assert later.vk.asked("users.get") == []


def test_one_that_was_taken_back(lobby: Lobby) -> None:
    community = lobby.add()
    lobby.vk.revoke(USER_TOKEN)
    assert ailments(lobby.examined(community).user) == [Ailment.REFUSED]


def test_one_that_has_ended(lobby: Lobby) -> None:
    token = lobby.vk.add_user_token(expires_at=lobby.vk.clock.now() + timedelta(hours=1))
    lobby.vk.pass_time(hours=2)
    assert found_with(lobby, token) == [Ailment.REFUSED]


@pytest.mark.parametrize("role", [EDITOR, MODERATOR])
def test_one_of_somebody_who_is_no_administrator(lobby: Lobby, role: str) -> None:
    token = lobby.vk.add_user_token(7, roles={GROUP_ID: role})
    assert found_with(lobby, token) == [Ailment.NOT_ADMINISTRATOR]


def test_one_of_a_stranger(lobby: Lobby) -> None:
    assert found_with(lobby, lobby.vk.add_user_token(7)) == [Ailment.NOT_ADMINISTRATOR]


def test_missing_rights_are_named(lobby: Lobby) -> None:
    community = lobby.with_both()
    lobby.change(community, user_token=lobby.vk.add_user_token(rights=["wall", "offline"]))
    [finding] = lobby.examined(community).user.findings
    assert (finding.ailment, finding.details) == (Ailment.MISSING_RIGHTS, {"rights": ["photos", "groups"]})


def test_one_without_offline_is_said_to_end_soon_but_works(lobby: Lobby) -> None:
    community = lobby.with_both()
    lobby.change(community, user_token=lobby.vk.add_user_token(rights=list(USER_RIGHTS - {"offline"})))
    report = lobby.examined(community).user
    assert (ailments(report), report.is_fit, report.is_lasting) == ([Ailment.SHORT_LIVED], True, False)


def test_one_of_vk_id(lobby: Lobby) -> None:
    token = lobby.vk.add_user_token(roles={GROUP_ID: ADMINISTRATOR}, is_of_vk_id=True)
    assert Ailment.VK_ID in found_with(lobby, token)


def test_tokens_in_each_others_places(lobby: Lobby) -> None:
    community = lobby.with_both()
    lobby.change(community, user_token=COMMUNITY_TOKEN, community_token=USER_TOKEN)
    diagnosis = lobby.examined(community)
    assert ailments(diagnosis.user) == ailments(diagnosis.community) == [Ailment.WRONG_TYPE]


def test_the_token_of_another_community(lobby: Lobby) -> None:
    lobby.vk.add_group(77, "Соседи")
    community = lobby.with_both()
    lobby.change(community, community_token=lobby.vk.add_community_token(77))
    [finding] = lobby.examined(community).community.findings
    assert (finding.ailment, finding.details) == (Ailment.OTHER_COMMUNITY, {"name": "Соседи"})
    assert lobby.communities.find(community.id).name == "Фотобудка"


def test_a_communitys_token_that_may_not_manage_it(lobby: Lobby) -> None:
    community = lobby.with_both()
    lobby.change(community, community_token=lobby.vk.add_community_token(GROUP_ID, rights=["photos"]))
    assert ailments(lobby.examined(community).community) == [Ailment.MISSING_RIGHTS]


def test_a_parked_one_is_left_alone(lobby: Lobby) -> None:
    community = lobby.add()
    lobby.pace.park(USER_TOKEN, 600, "Flood control.")
    before = len(lobby.vk.calls)
    [finding] = lobby.examined(community).user.findings
    assert finding.ailment is Ailment.PARKED
    assert 590 <= finding.details["seconds"] <= 600
    assert len(lobby.vk.calls) == before


def test_a_captcha_has_an_address(lobby: Lobby) -> None:
    community = lobby.add()
    lobby.vk.misbehave(captcha(), on=of_method("users.get"))
    [finding] = lobby.examined(community).user.findings
    assert finding.ailment is Ailment.NEEDS_PERSON
    assert finding.details["redirect_uri"].startswith("https://id.vk.com/")


def test_what_was_learnt_before_vk_refused_is_told(lobby: Lobby) -> None:
    community = lobby.add()
    lobby.vk.always(refuses(10), on=of_method("groups.getById"))
    report = lobby.examined(community).user
    assert (ailments(report), report.is_lasting) == ([Ailment.NO_ANSWER], True)
    assert report.owner.startswith("Анна")


def test_a_new_name_in_vk_is_taken_over(lobby: Lobby) -> None:
    community = lobby.add()
    lobby.vk.world.groups[GROUP_ID].name = "Фотобудка у моря"
    lobby.examined(community)
    assert lobby.communities.find(community.id).name == "Фотобудка у моря"


class TestHanging:
    @pytest.fixture
    def released(self) -> Iterator[threading.Event]:
        event = threading.Event()
        yield event
        event.set()

    def test_nobody_waits_for_a_vk_that_hangs(
        self, lobby: Lobby, released: threading.Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        community = lobby.add()
        monkeypatch.setattr(token_doctor, "PATIENCE_SECONDS", 0.05)
        monkeypatch.setattr(lobby.api, "read", lambda *_, **__: released.wait(30))
        assert ailments(lobby.examined(community).user) == [Ailment.NO_ANSWER]


def test_no_report_holds_a_token(lobby: Lobby) -> None:
    community = lobby.add()
    lobby.vk.always(refuses(5, f"bad token {USER_TOKEN}"))
    told = str(lobby.examined(community))
    assert "bad token" in told
    assert USER_TOKEN not in told
