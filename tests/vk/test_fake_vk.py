"""What every method of the fake has in common: tokens, versions, errors, rates."""

from datetime import timedelta

import pytest
import requests

from tests.support.fakes.vk.fake import COMMUNITY_TOKEN, GROUP_ID, SCREEN_NAME, USER_ID, USER_TOKEN, FakeVk
from tests.support.fakes.vk.world import EDITOR
from tests.vk.vk_calls import OWNER_ID, ask, do, refused


def test_an_error_comes_with_200_and_repeats_all_but_the_token(vk: FakeVk) -> None:
    reply = requests.post(f"{vk.url}/method/wall.get", data={"v": "5.199", "access_token": "wrong"}, timeout=10)
    assert reply.status_code == 200
    error = reply.json()["error"]
    assert error["error_code"] == 5
    assert error["request_params"] == [{"key": "method", "value": "wall.get"}, {"key": "v", "value": "5.199"}]


def test_parameters_may_stand_in_the_address(vk: FakeVk) -> None:
    fields = {"v": "5.199", "access_token": USER_TOKEN}
    assert requests.get(f"{vk.url}/method/users.get", params=fields, timeout=10).json()["response"][0]["id"] == USER_ID


def test_the_version_is_required(vk: FakeVk) -> None:
    fields = {"access_token": USER_TOKEN}
    reply = requests.post(f"{vk.url}/method/users.get", data=fields, timeout=10).json()
    assert reply["error"]["error_code"] == 8


def test_an_unknown_method_is_error_3(vk: FakeVk) -> None:
    assert refused(vk, "wall.publish") == 3


def test_an_address_that_is_no_method_is_404(vk: FakeVk) -> None:
    assert requests.get(f"{vk.url}/anything", timeout=10).status_code == 404


class TestTokens:
    def test_a_revoked_one_is_error_5(self, vk: FakeVk) -> None:
        vk.revoke(USER_TOKEN)
        assert refused(vk, "users.get") == 5

    def test_one_may_live_an_hour(self, vk: FakeVk) -> None:
        token = vk.add_user_token(expires_at=vk.clock.now() + timedelta(hours=1))
        assert do(vk, "users.get", token)
        vk.pass_time(minutes=61)
        assert refused(vk, "users.get", token) == 5

    @pytest.mark.parametrize("method", ["wall.get", "wall.post", "photos.get", "photos.getWallUploadServer"])
    def test_a_communitys_is_error_27_for_walls_and_photos(self, vk: FakeVk, method: str) -> None:
        assert refused(vk, method, COMMUNITY_TOKEN, owner_id=OWNER_ID) == 27

    def test_a_users_is_error_28_where_only_a_communitys_will_do(self, vk: FakeVk) -> None:
        assert refused(vk, "groups.getTokenPermissions") == 28

    def test_one_without_the_right_is_error_15(self, vk: FakeVk) -> None:
        token = vk.add_user_token(rights=["wall"])
        assert refused(vk, "photos.getAlbums", token, owner_id=OWNER_ID) == 15
        assert do(vk, "wall.get", token, owner_id=OWNER_ID)["count"] == 0

    def test_one_of_vk_id_writes_no_posts(self, vk: FakeVk) -> None:
        token = vk.add_user_token(is_of_vk_id=True)
        assert token.startswith("vk2.a.")
        assert refused(vk, "wall.post", token, owner_id=OWNER_ID, message="Привет") == 1051

    def test_say_whose_they_are_and_what_they_may(self, vk: FakeVk) -> None:
        token = vk.add_user_token(77, rights=["photos", "wall"])
        assert do(vk, "users.get", token)[0]["id"] == 77
        assert do(vk, "account.getAppPermissions", token) == 4 + 8192

    def test_a_communitys_says_what_it_may(self, vk: FakeVk) -> None:
        token = vk.add_community_token(GROUP_ID, rights=["manage"])
        assert do(vk, "groups.getTokenPermissions", token)["permissions"] == [{"name": "manage", "setting": 262144}]


class TestCommunities:
    @pytest.mark.parametrize("name", [GROUP_ID, f"club{GROUP_ID}", f"public{GROUP_ID}", SCREEN_NAME])
    def test_are_found_by_number_and_by_name(self, vk: FakeVk, name: str) -> None:
        assert do(vk, "groups.getById", group_id=name)["groups"][0]["id"] == GROUP_ID

    def test_one_that_nobody_made_is_error_100(self, vk: FakeVk) -> None:
        assert refused(vk, "groups.getById", group_id="nobody") == 100

    def test_a_communitys_token_means_its_own(self, vk: FakeVk) -> None:
        assert do(vk, "groups.getById", COMMUNITY_TOKEN)["groups"][0]["screen_name"] == SCREEN_NAME

    def test_tell_what_the_tokens_owner_is_there(self, vk: FakeVk) -> None:
        editor, visitor = vk.add_user_token(78, roles={GROUP_ID: EDITOR}), vk.add_user_token(79)
        groups = [do(vk, "groups.getById", token, group_id=GROUP_ID)["groups"][0] for token in (USER_TOKEN, editor)]
        assert [group["admin_level"] for group in groups] == [3, 2]
        assert "admin_level" not in do(vk, "groups.getById", visitor, group_id=GROUP_ID)["groups"][0]

    def test_short_names_are_resolved(self, vk: FakeVk) -> None:
        assert do(vk, "utils.resolveScreenName", screen_name=SCREEN_NAME) == {"type": "group", "object_id": GROUP_ID}
        assert do(vk, "utils.resolveScreenName", screen_name="nobody") == []


class TestRates:
    def test_are_only_counted_at_first(self, vk: FakeVk) -> None:
        for _ in range(5):
            do(vk, "users.get")
        assert vk.most_in_a_second(USER_TOKEN) > 3
        assert vk.most_in_a_second(COMMUNITY_TOKEN) == 0

    def test_are_refused_on_demand_for_each_token_alone(self, vk: FakeVk) -> None:
        vk.world.pace.is_enforced = True
        codes = [ask(vk, "users.get").get("error", {}).get("error_code") for _ in range(4)]
        assert codes == [None, None, None, 6]
        assert do(vk, "groups.getById", COMMUNITY_TOKEN)

    def test_walls_are_read_so_many_times_a_day(self, vk: FakeVk) -> None:
        vk.world.pace.wall_gets_a_day = 1
        do(vk, "wall.get", owner_id=OWNER_ID)
        assert refused(vk, "wall.get", owner_id=OWNER_ID) == 29
        vk.pass_time(days=1)
        assert do(vk, "wall.get", owner_id=OWNER_ID)


def test_remembers_what_it_was_asked(vk: FakeVk) -> None:
    do(vk, "wall.get", owner_id=OWNER_ID, count=20)
    refused(vk, "wall.get", owner_id="nobody")
    assert [call["owner_id"] for call in vk.asked("wall.get")] == [str(OWNER_ID), "nobody"]
