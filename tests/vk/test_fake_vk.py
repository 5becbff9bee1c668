"""The fake by plain requests, as VK's documents say."""

from datetime import timedelta
from typing import Any

import requests

from tests.pictures import jpeg
from tests.support.fakes.vk.fake import COMMUNITY_TOKEN, GROUP_ID, USER_TOKEN, FakeVk


def ask(vk: FakeVk, method: str, token: str = USER_TOKEN, **parameters: Any) -> Any:
    fields = {"v": "5.199", "access_token": token, **parameters}
    return requests.post(f"{vk.url}/method/{method}", data=fields, timeout=10).json()


def do(vk: FakeVk, method: str, token: str = USER_TOKEN, **parameters: Any) -> Any:
    return ask(vk, method, token, **parameters)["response"]


def code(vk: FakeVk, method: str, token: str = USER_TOKEN, **parameters: Any) -> int:
    return int(ask(vk, method, token, **parameters)["error"]["error_code"])


def test_a_wall_upload_takes_three_steps(vk: FakeVk) -> None:
    place = do(vk, "photos.getWallUploadServer", group_id=GROUP_ID)
    sent = requests.post(place["upload_url"], files={"photo": ("a.jpg", jpeg(), "image/jpeg")}, timeout=10).json()
    [photo] = do(vk, "photos.saveWallPhoto", group_id=GROUP_ID, **sent)
    name = f"photo{photo['owner_id']}_{photo['id']}_{photo['access_key']}"
    number = do(vk, "wall.post", owner_id=-GROUP_ID, from_group=1, message="Привет", attachments=name)["post_id"]
    [post] = do(vk, "wall.get", owner_id=-GROUP_ID)["items"]
    assert (post["id"], post["attachments"][0]["photo"]["id"]) == (number, photo["id"])


def test_an_album_upload_takes_three_steps(vk: FakeVk) -> None:
    album = do(vk, "photos.createAlbum", group_id=GROUP_ID, title="Свадьба")
    place = do(vk, "photos.getUploadServer", group_id=GROUP_ID, album_id=album["id"])
    files = {f"file{number}": (f"{number}.jpg", jpeg(300 + number), "image/jpeg") for number in range(1, 4)}
    sent = requests.post(place["upload_url"], files=files, timeout=10).json()
    saved = do(vk, "photos.save", group_id=GROUP_ID, album_id=sent.pop("aid"), **sent)
    found = do(vk, "photos.get", owner_id=-GROUP_ID, album_id=album["id"])
    assert found["items"] == saved
    assert do(vk, "photos.getAlbums", owner_id=-GROUP_ID)["items"][0]["size"] == 3


def test_a_postponed_post_appears_with_another_id(vk: FakeVk) -> None:
    at = int((vk.clock.now() + timedelta(hours=1)).timestamp())
    number = do(vk, "wall.post", owner_id=-GROUP_ID, message="Скоро", publish_date=at)["post_id"]
    assert do(vk, "wall.get", owner_id=-GROUP_ID, filter="postponed")["items"][0]["id"] == number
    vk.pass_time(hours=2)
    [post] = do(vk, "wall.get", owner_id=-GROUP_ID)["items"]
    assert (post["postponed_id"], post["date"]) == (number, at)
    assert post["id"] != number


def test_a_guid_holds_for_an_hour(vk: FakeVk) -> None:
    wanted: dict[str, Any] = {"owner_id": -GROUP_ID, "message": "Раз", "guid": "a"}
    assert do(vk, "wall.post", **wanted) == do(vk, "wall.post", **wanted)
    vk.pass_time(minutes=61)
    do(vk, "wall.post", **wanted)
    assert len(vk.posts()) == 2


def test_a_community_token_reads_no_wall(vk: FakeVk) -> None:
    assert code(vk, "wall.get", COMMUNITY_TOKEN, owner_id=-GROUP_ID) == 27


def test_a_community_token_sets_up_callback(vk: FakeVk) -> None:
    server = {"url": "http://127.0.0.1:9/api/callback", "title": "PhotoChanger", "secret_key": "s"}
    number = do(vk, "groups.addCallbackServer", COMMUNITY_TOKEN, group_id=GROUP_ID, **server)["server_id"]
    assert do(vk, "groups.setCallbackSettings", COMMUNITY_TOKEN, group_id=GROUP_ID, server_id=number, photo_new=1) == 1
