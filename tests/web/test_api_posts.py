"""Posts, their history and variables through the API, against a fake VK."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.domain.vk.community import Community
from app.wiring import Wiring
from tests.pictures import jpeg, png
from tests.support.fakes.vk.fake import FakeVk, of_method
from tests.support.fakes.vk.troubles import captcha
from tests.web.booth import code, details
from tests.web.guests import taken

Auth = dict[str, str]
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
NOBODY = UUID(int=0)


@pytest.fixture
def environment(vk: FakeVk) -> dict[str, str]:
    return {"VK_API_BASE_URL": vk.url}


@pytest.fixture
def community(publisher: Community) -> UUID:
    return publisher.id


@pytest.fixture
def posts(community: UUID) -> str:
    return f"/api/communities/{community}/posts"


def planned(client: FlaskClient, auth: Auth, posts: str, text: str = "Свадьба", **wanted: Any) -> dict[str, Any]:
    body = {"text": text, "publication_date": TOMORROW.isoformat(), **wanted}
    answer = client.post(posts, json=body, headers=auth)
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def problems(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code == 422
    return {name: problem["code"] for name, problem in details(answer)["fields"].items()}


def test_a_post_is_planned_listed_changed_and_cancelled(
    client: FlaskClient, auth: Auth, wiring: Wiring, community: UUID, posts: str
) -> None:
    job = taken(wiring)
    post = planned(client, auth, posts, photos=[f"result:{job}"])
    assert (post["status"], post["created_by"]) == ("pending_publication", "serg")
    assert post["photos"][0]["job_id"] == str(job)
    assert datetime.fromisoformat(post["publication_date"]) == TOMORROW
    assert client.get(posts, headers=auth).json["items"] == [post]
    address = f"/api/posts/{post['id']}"
    read = client.get(address, headers=auth)
    assert (read.json, read.headers["ETag"]) == (post, '"1"')
    wanted = {"text": "Иначе", "photos": ["own:0"], "publication_date": post["publication_date"]}
    changed = client.put(address, json=wanted, headers={**auth, "If-Match": '"1"'})
    assert (changed.status_code, changed.json["text"], changed.json["version"]) == (200, "Иначе", 2)
    assert client.delete(address, headers=auth).status_code == 204
    assert client.get(address, headers=auth).status_code == 404
    history = client.get(f"/api/communities/{community}/history", headers=auth).json
    assert [(past["outcome"], past["text"], past["photos"]) for past in history["items"]] == [("cancelled", "Иначе", 1)]


def test_who_saw_an_older_version_changes_nothing(client: FlaskClient, auth: Auth, posts: str) -> None:
    address = f"/api/posts/{planned(client, auth, posts)['id']}"
    answer = client.put(address, json={"text": "Иначе"}, headers={**auth, "If-Match": '"7"'})
    assert (answer.status_code, details(answer)) == (409, {"version": 1, "status": "pending_publication"})


def test_a_failed_post_is_tried_again_and_its_address_told(
    client: FlaskClient, auth: Auth, wiring: Wiring, community: UUID, posts: str, vk: FakeVk
) -> None:
    vk.misbehave(captcha(), on=of_method("wall.post"))
    post = planned(client, auth, posts, publication_date=None)
    wiring.post_tracker.publish_due()
    failed = client.get(f"/api/posts/{post['id']}", headers=auth).json
    assert (failed["status"], failed["error"]["code"], failed["error"]["needs_person"]) == ("error", "captcha", True)
    answer = client.post(f"/api/posts/{post['id']}/publish", headers=auth)
    assert (answer.status_code, answer.json) == (202, {"fate": "waits"})
    wiring.post_tracker.publish_due()
    wiring.post_tracker.verify()
    [past] = client.get(f"/api/communities/{community}/history", headers=auth).json["items"]
    assert (past["outcome"], past["url"]) == ("published", f"https://vk.com/wall-220000001_{vk.posts()[0].id}")


def test_what_speaks_against_a_post_is_told_and_nothing_is_stored(client: FlaskClient, auth: Auth, posts: str) -> None:
    post = planned(client, auth, posts)
    body = {"text": "Свадьба", "publication_date": TOMORROW.isoformat()}
    warnings = client.post(f"{posts}/check", json=body, headers=auth).json["warnings"]
    assert [one["code"] for one in warnings] == ["same_text", "time_taken"]
    assert {one["post_id"] for one in warnings} == {post["id"]}
    assert client.get(posts, headers=auth).json["total"] == 1


def test_a_file_is_kept_for_a_post(client: FlaskClient, auth: Auth, posts: str) -> None:
    answer = client.post("/api/post-photos", data={"file": (BytesIO(png(300, 200)), "a.png")}, headers=auth)
    assert answer.status_code == 201
    [photo] = planned(client, auth, posts, photos=[answer.json["photo"]])["photos"]
    assert (photo["width"], photo["height"], photo["job_id"]) == (300, 200, None)


def test_a_file_that_vk_takes_from_nobody(client: FlaskClient, auth: Auth) -> None:
    answer = client.post("/api/post-photos", data={"file": (BytesIO(jpeg(2100, 100)), "a.jpg")}, headers=auth)
    assert (answer.status_code, code(answer)) == (422, "file_refused")


def test_a_person_takes_the_kit_and_tells_where_the_post_is(
    client: FlaskClient, auth: Auth, wiring: Wiring, community: UUID, posts: str
) -> None:
    address = f"/api/posts/{planned(client, auth, posts, photos=[f'result:{taken(wiring)}'])['id']}"
    kit = client.get(f"{address}/kit", headers=auth)
    assert ZipFile(BytesIO(kit.data)).namelist() == ["01.jpg", "text.txt", "community.url"]
    elsewhere = client.post(f"{address}/settle", json={"address": "https://example.org"}, headers=auth)
    assert problems(elsewhere) == {"address": "not_on_wall"}
    there = {"address": "https://vk.com/wall-220000001_5"}
    assert client.post(f"{address}/settle", json=there, headers=auth).status_code == 204
    [past] = client.get(f"/api/communities/{community}/history", headers=auth).json["items"]
    assert past["url"] == there["address"]
    other = f"/api/posts/{planned(client, auth, posts)['id']}/settle"
    assert problems(client.post(other, json=there, headers=auth)) == {"address": "in_history"}


def test_what_a_post_cannot_be_is_told_by_field(client: FlaskClient, auth: Auth, posts: str) -> None:
    for body, found in (
        ({}, {"text": "empty_post"}),
        ({"text": 7}, {"text": "not_a_text"}),
        ({"text": "{price}"}, {"text": "unknown_variables"}),
        ({"text": "a", "photos": ["x"]}, {"photos": "not_a_photo"}),
        ({"text": "a", "photos": [f"upload:{uuid4()}"]}, {"photos": "photo_gone"}),
        ({"text": "a", "publication_date": "2020-01-01T00:00:00Z"}, {"publication_date": "in_the_past"}),
        ({"text": "a", "publication_date": 7}, {"publication_date": "not_a_time"}),
        ({"text": "a", "colour": "red"}, {"colour": "unknown_field"}),
    ):
        assert problems(client.post(posts, json=body, headers=auth)) == found


def test_what_is_not_there_is_not_found(client: FlaskClient, auth: Auth) -> None:
    for method, address in (
        ("GET", f"/api/communities/{NOBODY}/posts"),
        ("POST", f"/api/communities/{NOBODY}/posts"),
        ("POST", f"/api/communities/{NOBODY}/posts/check"),
        ("GET", f"/api/communities/{NOBODY}/history"),
        ("GET", f"/api/posts/{NOBODY}"),
        ("PUT", f"/api/posts/{NOBODY}"),
        ("DELETE", f"/api/posts/{NOBODY}"),
        ("POST", f"/api/posts/{NOBODY}/publish"),
        ("POST", f"/api/posts/{NOBODY}/settle"),
        ("GET", f"/api/posts/{NOBODY}/kit"),
        ("DELETE", "/api/variables/price"),
    ):
        body = {"text": "a"} if method in ("POST", "PUT") else None
        answer = client.open(address, method=method, json=body, headers=auth)
        assert (answer.status_code, code(answer)) == (404, "not_found"), address


def test_variables_are_set_listed_and_removed(client: FlaskClient, auth: Auth, community: UUID) -> None:
    address, own = "/api/variables/price", {"value": "900", "community_id": str(community)}
    assert client.put(address, json={"value": " 1000 "}, headers=auth).json["value"] == "1000"
    assert client.put(address, json=own, headers=auth).json == {"name": "price", **own}
    listed = client.get("/api/variables", headers=auth).json["items"]
    assert [(one["community_id"], one["value"]) for one in listed] == [(None, "1000"), (str(community), "900")]
    assert client.delete(f"{address}?community_id={community}", headers=auth).status_code == 204
    assert client.get("/api/variables", headers=auth).json["total"] == 1


def test_a_variable_that_cannot_be(client: FlaskClient, auth: Auth) -> None:
    assert problems(client.put("/api/variables/7", json={"value": "1"}, headers=auth)) == {"name": "bad_name"}
    assert problems(client.put("/api/variables/a", json={}, headers=auth)) == {"value": "bad_length"}
    wanted = {"value": "1", "community_id": "club1"}
    assert problems(client.put("/api/variables/a", json=wanted, headers=auth)) == {"community_id": "not_an_option"}
    assert client.delete("/api/variables/a?community_id=club1", headers=auth).status_code == 400
