"""The fake beside VK's own schema: what it answers, whom it answers, and what it has no answer to."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import ValidationError

from tests.pictures import jpeg
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.vk import schemas
from tests.support.fakes.vk.asked import METHODS
from tests.support.fakes.vk.fake import COMMUNITY_TOKEN, GROUP_ID, FakeVk
from tests.support.fakes.vk.refusals import MESSAGES
from tests.support.fakes.vk.world import EDITOR, Album
from tests.vk import api_schema
from tests.vk.vk_calls import OWNER_ID, do, in_an_hour, upload_for_post, upload_to_album, write

needs_schema = pytest.mark.skipif(not api_schema.FOLDER.is_dir(), reason="VK's API schema is not at hand")
DESCRIBED = ("photos.", "wall.", "groups.")
NOT_IN_THE_SCHEMA = {1051, 13000}
"""Codes that VK answers, though its schema does not name them."""


class Recorder(FakeVk):
    """Remembers every answer of a method."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[tuple[str, Any]] = []

    def answer(self, call: Call) -> Reply:
        reply = super().answer(call)
        if call.path.startswith("/method/"):
            self.answers.append((call.path.removeprefix("/method/"), json.loads(reply.body)))
        return reply


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder() as vk:
        vk.connect_callback("http://127.0.0.1:9/", "secret")
        live_through_everything(vk)
        yield vk


def live_through_everything(vk: FakeVk) -> None:
    fill_an_album(vk)
    write_posts(vk)
    manage_the_community(vk)


def fill_an_album(vk: FakeVk) -> None:
    created = do(vk, "photos.createAlbum", group_id=GROUP_ID, title="Свадьба", description="12 мая")
    album = vk.world.albums[OWNER_ID, created["id"]]
    assert isinstance(album, Album)
    upload_to_album(vk, album, file1=jpeg(3000, 2000), file2=jpeg(60, 90))
    do(vk, "photos.getAlbums", owner_id=OWNER_ID, need_covers=1)
    [photo, _] = do(vk, "photos.get", owner_id=OWNER_ID, album_id=album.id)["items"]
    do(vk, "photos.getById", photos=f"{OWNER_ID}_{photo['id']}")


def write_posts(vk: FakeVk) -> None:
    number = write(vk, attachments=upload_for_post(vk), publish_date=in_an_hour(vk))
    do(vk, "wall.get", owner_id=OWNER_ID, filter="postponed")
    do(vk, "wall.edit", owner_id=OWNER_ID, post_id=number, message="Иначе")
    vk.pass_time(hours=2)
    [post] = do(vk, "wall.get", owner_id=OWNER_ID)["items"]
    do(vk, "wall.getById", posts=f"{OWNER_ID}_{post['id']}")
    do(vk, "wall.delete", owner_id=OWNER_ID, post_id=post["id"])


def manage_the_community(vk: FakeVk) -> None:
    group: dict[str, Any] = {"group_id": GROUP_ID}
    for token in (COMMUNITY_TOKEN, vk.add_user_token(78, roles={GROUP_ID: EDITOR}), vk.add_user_token(79)):
        do(vk, "groups.getById", token, **group)
    do(vk, "groups.getTokenPermissions", COMMUNITY_TOKEN)
    do(vk, "groups.getCallbackConfirmationCode", **group)
    server = {"url": "http://127.0.0.1:9/", "title": "PhotoChanger", "secret_key": "s"}
    server_id = do(vk, "groups.addCallbackServer", **group, **server)["server_id"]
    do(vk, "groups.editCallbackServer", **group, **server, server_id=server_id)
    do(vk, "groups.setCallbackSettings", **group, server_id=server_id, photo_new=1)
    do(vk, "groups.getCallbackSettings", **group, server_id=server_id)
    do(vk, "groups.getCallbackServers", **group)
    do(vk, "groups.deleteCallbackServer", **group, server_id=server_id)
    do(vk, "utils.resolveScreenName", screen_name="nobody")
    do(vk, "utils.getServerTime")
    do(vk, "account.getAppPermissions")
    do(vk, "users.get")


def test_every_method_of_the_fake_is_tried_here(recorder: Recorder) -> None:
    assert {method for method, _ in recorder.answers} == set(METHODS) == set(schemas.RESPONSES)


@needs_schema
def test_every_answer_is_one_that_vk_could_give(recorder: Recorder) -> None:
    for method, answer in recorder.answers:
        if method.startswith(DESCRIBED):
            api_schema.check_answer(method, answer)


@needs_schema
def test_every_event_is_one_that_vk_could_send(recorder: Recorder) -> None:
    recorder.callbacks.deliver()
    events = [attempt.event for attempt in recorder.callbacks.attempts]
    assert {event["type"] for event in events} == set(schemas.EVENTS)
    for event in events:
        api_schema.check_object("callback/objects.json#/definitions/callback_base", event)
        if not event["type"].startswith("wall_schedule"):
            api_schema.check_object(f"callback/objects.json#/definitions/callback_{event['type']}", event["object"])


@needs_schema
@pytest.mark.parametrize("name", [name for name in METHODS if name.startswith(DESCRIBED)])
def test_every_method_is_open_to_the_same_tokens_as_at_vk(name: str) -> None:
    called = {"user": "user", "community": "group"}
    allowed = set(api_schema.methods()[name]["access_token_type"]) - {"service"}
    assert {called[kind] for kind in METHODS[name].tokens} == allowed


@needs_schema
def test_every_error_is_one_of_vks() -> None:
    assert set(MESSAGES) - api_schema.error_codes() == NOT_IN_THE_SCHEMA


def test_an_answer_that_is_not_as_described_is_the_fakes_mistake() -> None:
    with pytest.raises(ValidationError, match="None is not of type 'integer'"):
        schemas.check_response("wall.post", {"post_id": None})


def test_an_answer_with_something_more_is_too() -> None:
    with pytest.raises(ValidationError, match="Additional properties are not allowed"):
        schemas.check_response("wall.post", {"post_id": 1, "guid": "a"})
