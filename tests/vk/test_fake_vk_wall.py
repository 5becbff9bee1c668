"""Posts at the fake: now, later, once."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.fakes.vk.fake import COMMUNITY_TOKEN, GROUP_ID, USER_ID, FakeVk
from tests.support.fakes.vk.world import EDITOR
from tests.vk.vk_calls import OWNER_ID, ask, do, in_an_hour, refused, upload_for_post, write

ON_THE_WALL: dict[str, Any] = {"owner_id": OWNER_ID}


class TestPosting:
    def test_puts_text_and_photos_on_the_wall(self, vk: FakeVk) -> None:
        names = [upload_for_post(vk), upload_for_post(vk)]
        number = write(vk, "Привет", attachments=",".join(names))
        [post] = do(vk, "wall.get", **ON_THE_WALL)["items"]
        assert (post["id"], post["text"], post["post_type"]) == (number, "Привет", "post")
        photos = [attachment["photo"] for attachment in post["attachments"]]
        assert [f"photo{photo['owner_id']}_{photo['id']}_{photo['access_key']}" for photo in photos] == names

    def test_is_in_the_communitys_name_only_if_it_says_so(self, vk: FakeVk) -> None:
        write(vk)
        do(vk, "wall.post", **ON_THE_WALL, message="Лично")
        assert [post["from_id"] for post in do(vk, "wall.get", **ON_THE_WALL)["items"]] == [USER_ID, OWNER_ID]

    def test_needs_text_or_photos(self, vk: FakeVk) -> None:
        assert refused(vk, "wall.post", **ON_THE_WALL) == 100
        assert write(vk, "", attachments=upload_for_post(vk))

    @pytest.mark.parametrize("count", [10, 11])
    def test_takes_ten_photos(self, vk: FakeVk, count: int) -> None:
        photos = vk.add_photos(vk.add_album(), count)
        names = ",".join(f"photo{photo.owner_id}_{photo.id}" for photo in photos)
        assert ("error" in ask(vk, "wall.post", **ON_THE_WALL, attachments=names)) == (count > 10)

    @pytest.mark.parametrize("attachments", ["undefined", "photo1", "photo-1_2,None"])
    def test_takes_no_nonsense_for_photos(self, vk: FakeVk, attachments: str) -> None:
        assert refused(vk, "wall.post", **ON_THE_WALL, message="Привет", attachments=attachments) == 100

    def test_leaves_out_photos_that_are_not_there_and_says_nothing(self, vk: FakeVk) -> None:
        write(vk, attachments=f"photo1_1,{upload_for_post(vk)}")
        assert len(vk.posts()[0].photos) == 1

    def test_leaves_out_all_photos_of_an_editor_and_says_nothing(self, vk: FakeVk) -> None:
        editor = vk.add_user_token(78, roles={GROUP_ID: EDITOR})
        write(vk, token=editor, attachments=upload_for_post(vk, editor))
        assert vk.posts()[0].photos == []

    def test_is_not_for_visitors(self, vk: FakeVk) -> None:
        assert refused(vk, "wall.post", vk.add_user_token(79), **ON_THE_WALL, message="Привет") == 214

    def test_takes_so_long_a_text(self, vk: FakeVk) -> None:
        assert write(vk, "а" * 15_895)
        assert refused(vk, "wall.post", **ON_THE_WALL, message="а" * 15_896) == 100

    def test_is_limited_by_the_day(self, vk: FakeVk) -> None:
        vk.world.limits.posts_a_day = 1
        write(vk)
        assert refused(vk, "wall.post", **ON_THE_WALL, message="Ещё") == 214
        vk.pass_time(hours=25)
        assert write(vk, "Ещё")


class TestGuid:
    def test_brings_the_same_post_for_an_hour(self, vk: FakeVk) -> None:
        number = write(vk, guid="a")
        vk.pass_time(minutes=59)
        assert write(vk, guid="a") == number
        assert len(vk.posts()) == 1

    def test_means_nothing_after_an_hour(self, vk: FakeVk) -> None:
        number = write(vk, guid="a")
        vk.pass_time(minutes=61)
        assert write(vk, guid="a") != number
        assert len(vk.posts()) == 2

    def test_is_of_its_user(self, vk: FakeVk) -> None:
        another = vk.add_user_token(78, roles={GROUP_ID: EDITOR})
        assert write(vk, guid="a") != write(vk, guid="a", token=another)

    def test_is_not_used_up_by_a_refusal(self, vk: FakeVk) -> None:
        refused(vk, "wall.post", **ON_THE_WALL, guid="a")
        assert write(vk, guid="a")

    def test_missing_makes_every_post_a_new_one(self, vk: FakeVk) -> None:
        assert write(vk) != write(vk)


class TestPostponing:
    def test_keeps_a_post_off_the_wall(self, vk: FakeVk) -> None:
        number = write(vk, publish_date=in_an_hour(vk))
        assert do(vk, "wall.get", **ON_THE_WALL)["count"] == 0
        [post] = do(vk, "wall.get", **ON_THE_WALL, filter="postponed")["items"]
        assert (post["id"], post["post_type"]) == (number, "postpone")

    def test_ends_with_another_id_that_remembers_the_first(self, vk: FakeVk) -> None:
        at = in_an_hour(vk)
        number = write(vk, publish_date=at)
        vk.pass_time(hours=2)
        [post] = do(vk, "wall.get", **ON_THE_WALL)["items"]
        assert (post["postponed_id"], post["date"], post["id"] != number) == (number, at, True)
        assert do(vk, "wall.get", **ON_THE_WALL, filter="postponed")["count"] == 0

    def test_may_leave_no_trace_on_the_wall(self, vk: FakeVk) -> None:
        vk.world.walls_tell_postponed_id = False
        write(vk, publish_date=in_an_hour(vk))
        vk.pass_time(hours=2)
        assert "postponed_id" not in do(vk, "wall.get", **ON_THE_WALL)["items"][0]

    def test_lets_posts_appear_in_their_order(self, vk: FakeVk) -> None:
        write(vk, "второй", publish_date=in_an_hour(vk, 10))
        write(vk, "первый", publish_date=in_an_hour(vk))
        vk.pass_time(hours=2)
        assert [post.text for post in vk.posts()] == ["второй", "первый"]

    def test_refuses_a_minute_that_is_taken(self, vk: FakeVk) -> None:
        at = in_an_hour(vk)
        write(vk, publish_date=at)
        error = ask(vk, "wall.post", **ON_THE_WALL, message="Ещё", publish_date=at)["error"]
        assert error["error_code"] == 214
        assert error["error_msg"].endswith("a post is already scheduled for this time")

    @pytest.mark.parametrize("ahead", [-60, 367 * 86_400])
    def test_takes_times_to_come_within_a_year(self, vk: FakeVk, ahead: int) -> None:
        at = vk.clock.unix() + ahead
        assert refused(vk, "wall.post", **ON_THE_WALL, message="Привет", publish_date=at) == 100

    def test_has_a_limit(self, vk: FakeVk) -> None:
        vk.world.limits.postponed = 1
        write(vk, publish_date=in_an_hour(vk))
        assert refused(vk, "wall.post", **ON_THE_WALL, message="Ещё", publish_date=in_an_hour(vk, 5)) == 214

    def test_may_be_ended_now(self, vk: FakeVk) -> None:
        number = write(vk, publish_date=in_an_hour(vk))
        published = do(vk, "wall.post", **ON_THE_WALL, post_id=number)["post_id"]
        assert [(post.id, post.postponed_id) for post in vk.posts()] == [(published, number)]
        assert vk.postponed() == []

    def test_is_no_secret_from_those_who_manage_only(self, vk: FakeVk) -> None:
        number = write(vk, publish_date=in_an_hour(vk))
        visitor = vk.add_user_token(79)
        assert refused(vk, "wall.get", visitor, **ON_THE_WALL, filter="postponed") == 15
        assert do(vk, "wall.getById", visitor, posts=f"{OWNER_ID}_{number}")["items"] == []


class TestReading:
    def test_goes_by_pages_from_the_newest(self, vk: FakeVk) -> None:
        for number in range(5):
            vk.add_post(f"Запись {number}")
        page = do(vk, "wall.get", **ON_THE_WALL, offset=1, count=2)
        assert (page["count"], [post["text"] for post in page["items"]]) == (5, ["Запись 3", "Запись 2"])

    def test_gives_a_hundred_at_most(self, vk: FakeVk) -> None:
        assert refused(vk, "wall.get", **ON_THE_WALL, count=101) == 100

    def test_finds_posts_by_id_and_leaves_out_what_is_gone(self, vk: FakeVk) -> None:
        first, second, gone = (vk.add_post(text) for text in "абв")
        vk.delete_post(gone)
        named = ",".join(f"{OWNER_ID}_{post.id}" for post in (second, gone, first))
        assert [post["text"] for post in do(vk, "wall.getById", posts=named)["items"]] == ["б", "а"]

    def test_takes_flags_as_numbers(self, vk: FakeVk) -> None:
        assert refused(vk, "wall.post", **ON_THE_WALL, message="Привет", from_group="True") == 100

    @pytest.mark.parametrize("posts", ["", "undefined", f"{OWNER_ID}_None"])
    def test_takes_no_nonsense_for_ids(self, vk: FakeVk, posts: str) -> None:
        assert refused(vk, "wall.getById", posts=posts) == 100

    def test_of_a_community_that_is_not_there_is_refused(self, vk: FakeVk) -> None:
        assert refused(vk, "wall.get", owner_id=-1) == 100


class TestChanging:
    def test_edits_a_post(self, vk: FakeVk) -> None:
        number = write(vk, "Превет", attachments=upload_for_post(vk))
        do(vk, "wall.edit", **ON_THE_WALL, post_id=number, message="Привет")
        [post] = vk.posts()
        assert (post.text, len(post.photos)) == ("Привет", 1)

    def test_deletes_a_post_once(self, vk: FakeVk) -> None:
        number = write(vk)
        assert do(vk, "wall.delete", **ON_THE_WALL, post_id=number) == 1
        assert refused(vk, "wall.delete", **ON_THE_WALL, post_id=number) == 104

    def test_is_no_communitys_business(self, vk: FakeVk) -> None:
        assert refused(vk, "wall.delete", COMMUNITY_TOKEN, **ON_THE_WALL, post_id=1) == 27


def test_what_people_do_in_vk_is_seen_through_the_api(vk: FakeVk) -> None:
    at = vk.clock.now() + timedelta(hours=3)
    later = vk.add_post("Потом", publish_at=at)
    vk.edit_post(later, "Попозже")
    [post] = do(vk, "wall.get", **ON_THE_WALL, filter="postponed")["items"]
    assert (post["text"], post["created_by"], post["date"]) == ("Попозже", USER_ID, int(at.timestamp()))
