"""How the fake fails: the answer lies, the deed does not."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.pictures import jpeg
from tests.support.fakes.server import Behaviour
from tests.support.fakes.vk.fake import GROUP_ID, USER_TOKEN, FakeVk, is_upload, of_method
from tests.support.fakes.vk.refusals import MESSAGES
from tests.support.fakes.vk.troubles import (
    bursts,
    captcha,
    does_then_drops,
    does_then_hangs,
    does_then_refuses,
    drops,
    loses_attachments,
    loses_files,
    overlooks,
    quotes_the_token,
    refuses,
    waits_for,
)
from tests.vk.vk_calls import OWNER_ID, ask, do, refused, send_files, upload_for_post, write
from tests.waiting import until

POSTING = of_method("wall.post")
POST: dict[str, Any] = {"owner_id": OWNER_ID, "message": "Привет"}


def test_any_error_may_come_instead_of_the_deed(vk: FakeVk) -> None:
    vk.misbehave(*map(refuses, MESSAGES), on=POSTING)
    assert [refused(vk, "wall.post", **POST) for _ in MESSAGES] == list(MESSAGES)
    assert vk.posts() == []
    assert write(vk)


def test_captcha_shows_the_way_to_its_page(vk: FakeVk) -> None:
    vk.misbehave(captcha(), on=POSTING)
    error = ask(vk, "wall.post", **POST)["error"]
    assert (error["error_code"], error["redirect_uri"].startswith("https://")) == (14, True)


def test_bursts_are_refused_so_many_times(vk: FakeVk) -> None:
    vk.misbehave(*bursts(2), on=of_method("users.get"))
    assert [refused(vk, "users.get"), refused(vk, "users.get")] == [6, 6]
    assert do(vk, "users.get")


class TestThePostStandsThough:
    @pytest.mark.parametrize("trouble", [does_then_drops(), does_then_hangs()])
    def test_no_answer_came(self, vk: FakeVk, trouble: Behaviour) -> None:
        vk.misbehave(trouble, on=POSTING)
        fields = {"v": "5.199", "access_token": USER_TOKEN, **POST}
        with pytest.raises(requests.RequestException):
            requests.post(f"{vk.url}/method/wall.post", data=fields, timeout=0.2)
        assert until(vk.posts)[0].text == "Привет"

    def test_an_internal_error_was_told(self, vk: FakeVk) -> None:
        vk.misbehave(does_then_refuses(10), on=POSTING)
        assert refused(vk, "wall.post", **POST) == 10
        assert len(vk.posts()) == 1


def test_there_is_no_post_if_the_line_broke_before(vk: FakeVk) -> None:
    vk.misbehave(drops(), on=POSTING)
    with pytest.raises(requests.ConnectionError):
        ask(vk, "wall.post", **POST)
    assert vk.posts() == []
    assert len(vk.asked("wall.post")) == 1


def test_attachments_get_lost_and_nothing_tells_so(vk: FakeVk) -> None:
    names = [upload_for_post(vk) for _ in range(3)]
    vk.misbehave(loses_attachments(kept=1), on=POSTING)
    write(vk, attachments=",".join(names))
    assert len(vk.posts()[0].photos) == 1


def test_a_new_post_is_not_seen_at_once(vk: FakeVk) -> None:
    vk.add_post("Старая")
    number = write(vk)
    vk.misbehave(overlooks(), on=of_method("wall.get"))
    vk.misbehave(overlooks(), on=of_method("wall.getById"))
    assert [post["text"] for post in do(vk, "wall.get", owner_id=OWNER_ID)["items"]] == ["Старая"]
    assert do(vk, "wall.getById", posts=f"{OWNER_ID}_{number}")["items"] == []
    assert do(vk, "wall.get", owner_id=OWNER_ID)["items"][0]["id"] == number


def test_files_get_lost_at_the_upload_server(vk: FakeVk) -> None:
    place = do(vk, "photos.getWallUploadServer", group_id=GROUP_ID)
    vk.misbehave(loses_files(), on=is_upload)
    told = send_files(place["upload_url"], photo=jpeg(120, 80))
    assert told["photo"] == "[]"
    assert refused(vk, "photos.saveWallPhoto", group_id=GROUP_ID, **told) == 100


def test_an_answer_waits_until_the_test_says_so(vk: FakeVk) -> None:
    go_on = threading.Event()
    vk.misbehave(waits_for(go_on), on=POSTING)
    with ThreadPoolExecutor(1) as elsewhere:
        writing = elsewhere.submit(write, vk)
        assert do(vk, "wall.get", owner_id=OWNER_ID)["count"] == 0
        go_on.set()
        assert writing.result(10) == vk.posts()[0].id


def test_a_careless_gateway_repeats_the_token(vk: FakeVk) -> None:
    vk.misbehave(quotes_the_token())
    reply = requests.post(f"{vk.url}/method/users.get", data={"access_token": USER_TOKEN}, timeout=10)
    assert (reply.status_code, USER_TOKEN in reply.text) == (502, True)


def test_the_next_trouble_is_for_those_whom_it_is_meant_for(vk: FakeVk) -> None:
    vk.misbehave(refuses(10), on=POSTING)
    assert do(vk, "users.get")
    assert refused(vk, "wall.post", **POST) == 10


def test_trouble_may_be_for_one_page_of_many(vk: FakeVk) -> None:
    album = vk.add_album()
    vk.add_photos(album, 3)
    where: dict[str, Any] = {"owner_id": OWNER_ID, "album_id": album.id, "count": 2}
    vk.misbehave(refuses(10), on=of_method("photos.get", offset=2))
    assert do(vk, "photos.get", **where, offset=0)
    assert refused(vk, "photos.get", **where, offset=2) == 10
    assert do(vk, "photos.get", **where, offset=2)


def test_trouble_that_stays_ends_when_told_to(vk: FakeVk) -> None:
    vk.always(refuses(10))
    assert [refused(vk, "users.get"), refused(vk, "wall.get")] == [10, 10]
    vk.recover()
    assert do(vk, "users.get")


def test_eight_who_post_with_one_guid_at_once_make_one_post(vk: FakeVk) -> None:
    with ThreadPoolExecutor(8) as people:
        numbers = {future.result(20) for future in [people.submit(write, vk, guid="a") for _ in range(8)]}
    assert numbers == {vk.posts()[0].id}
    assert len(vk.posts()) == 1
