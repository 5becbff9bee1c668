"""What a booth really sent is taken down, whatever became of it, and shown with its secrets masked."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web import booth_requests
from app.wiring import Wiring
from tests.support.installation import INGEST_PASSWORD
from tests.waiting import until
from tests.web.booth import post, shoot
from tests.web.playing_the_worker import in_background, succeed
from tests.web.visitor import Visitor

CAPTURED = {
    "time": "1758217512",
    "user_id": "Acer",
    "id": "CY04N068111304S2L_00000001.",
    "profile": r"C:\Users\Acer\Documents\setup_Serg.xml",
    "name": "DESKTOP-K968T3F",
    "version": "3.30.2",
}


Auth = dict[str, str]


def latest(client: FlaskClient, auth: Auth, number: int = 1) -> dict[str, Any]:
    """The newest request of slot-001, once there are `number`."""

    def newest() -> dict[str, Any] | None:
        found = client.get("/api/slots/slot-001/requests", headers=auth).get_json()
        return found["items"][0] if found["total"] == number else None

    return until(newest, what=f"{number} requests are noted")


def test_a_shot_is_shown_part_by_part(client: FlaskClient, auth: Auth) -> None:
    answer = shoot(client, **CAPTURED)
    seen = latest(client, auth)
    assert (seen["status"], seen["code"]) == (answer.status_code, answer.json["error"]["code"])
    assert seen["job_id"] == answer.headers["X-Job-Id"]
    texts = {part["name"]: part["value"] for part in seen["parts"] if part["size_bytes"] is None}
    assert texts == {**CAPTURED, "password": "•••"}
    [photo] = [part for part in seen["parts"] if part["size_bytes"] is not None]
    assert (photo["name"], photo["filename"], photo["content_type"]) == ("fileToUpload", "IMG_0003.JPG", "image/jpeg")
    assert photo["size_bytes"] > 1000
    assert 0.4 < seen["seconds"] < 30


@pytest.mark.parametrize("environment", [{"SYNC_RESPONSE_SECONDS": "20"}])
@pytest.mark.usefixtures("polling")
def test_so_is_one_whose_picture_was_sent_back(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    in_background(wiring, succeed(wiring, b"a picture"))
    answer = shoot(client)
    seen = latest(client, auth)
    assert (seen["status"], seen["code"], seen["job_id"]) == (200, None, answer.headers["X-Job-Id"])


def test_nothing_that_fails_in_taking_down_costs_the_answer(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(booth_requests, "without_secrets", lambda name, value: 1 / 0)
    assert shoot(client, password="wrong").status_code == 401


def test_a_wrong_password_is_masked_and_a_missing_one_is_seen_to_be_empty(client: FlaskClient, auth: Auth) -> None:
    shoot(client, password="almost right")
    assert {"name": "password", "value": "•••"}.items() <= latest(client, auth)["parts"][0].items()
    shoot(client, password="")
    assert latest(client, auth, 2)["parts"][0]["value"] == ""


def test_secrets_in_addresses_and_headers_are_masked(client: FlaskClient, auth: Auth) -> None:
    post(
        client,
        f"/ingest/slot-001?session=42&password={INGEST_PASSWORD}",
        ("password", "x"),
        headers={"Authorization": "Basic c2VyZzpzZWNyZXQ=", "X-Booth": "left"},
    )
    seen = latest(client, auth)
    assert seen["query"] == [{"name": "session", "value": "42"}, {"name": "password", "value": "•••"}]
    headers = {header["name"]: header["value"] for header in seen["headers"]}
    assert (headers["Authorization"], headers["X-Booth"]) == ("•••", "left")


@pytest.mark.parametrize("name", ["pwd", "PW", "pin", "key", "Пароль", "pass_phrase"])
def test_a_password_in_a_field_of_another_name_is_masked_too(client: FlaskClient, auth: Auth, name: str) -> None:
    post(client, f"/ingest/slot-001?{name}={INGEST_PASSWORD}", (name, INGEST_PASSWORD), ("keyboard", "left"))
    seen = latest(client, auth)
    assert seen["query"] == [{"name": name, "value": "•••"}]
    assert [(part["name"], part["value"]) for part in seen["parts"]] == [(name, "•••"), ("keyboard", "left")]


def test_what_is_sent_as_a_password_is_masked_wherever_else_it_stands(client: FlaskClient, auth: Auth) -> None:
    parts = ("code", "123456"), ("password", "123456"), ("time", "1758217512")
    post(client, "/ingest/slot-001?who=s3cret&pw=s3cret&a=123456", *parts, ("b", "s3cret"), headers={"X-A": "123456"})
    seen = latest(client, auth)
    assert [pair["value"] for pair in seen["query"]] == ["•••"] * 3
    assert [part["value"] for part in seen["parts"]] == ["•••", "•••", "1758217512", "•••"]
    assert {header["name"]: header["value"] for header in seen["headers"]}["X-A"] == "•••"


def test_so_it_is_in_the_address_and_in_the_names_of_files(client: FlaskClient, auth: Auth) -> None:
    file = (b"x", "password=s3cret.jpg", "image/jpeg")
    post(client, f"/ingest/slot-001&pwd={INGEST_PASSWORD}", ("fileToUpload", file))
    post(client, "/ingest/slot-001", ("fileToUpload", file))
    assert latest(client, auth)["parts"][0]["filename"] == "password=•••"
    page = Visitor(client).log_in().get("/slots/slot-001/requests").text
    assert "/ingest/slot-001&amp;pwd=•••" in page
    assert INGEST_PASSWORD not in page


def test_a_form_that_could_not_be_read_is_not_read_again(client: FlaskClient, auth: Auth) -> None:
    answer = post(client, "/ingest/slot-001", *((f"field-{number}", "x") for number in range(1001)))
    assert answer.status_code == 413
    assert latest(client, auth)["parts"] == []


def test_the_parts_of_another_kind_of_form_are_shown(client: FlaskClient, auth: Auth) -> None:
    assert client.post("/ingest/slot-001", data={"time": "1", "pw": "s3cret"}).status_code == 400
    assert [part["value"] for part in latest(client, auth)["parts"]] == ["1", "•••"]


@pytest.mark.parametrize(
    ("send", "status", "code"),
    [
        pytest.param(lambda c: c.post("/ingest/slot-001", json={}), 400, "invalid_request", id="JSON"),
        pytest.param(lambda c: c.get("/ingest/slot-001"), 405, "method_not_allowed", id="GET"),
        pytest.param(lambda c: post(c, "/ingest/slot-001/", ("password", "x")), 404, "not_found", id="one slash more"),
        pytest.param(lambda c: post(c, "/api/ingest/slot-001", ("a", "b")), 401, "invalid_password", id="alias"),
    ],
)
def test_what_never_reached_the_slot_is_taken_down_too(
    client: FlaskClient, auth: Auth, send: Callable[[FlaskClient], object], status: int, code: str
) -> None:
    send(client)
    seen = latest(client, auth)
    assert (seen["status"], seen["code"], seen["job_id"]) == (status, code, None)


@pytest.mark.parametrize("environment", [{"MAX_UPLOAD_MB": "1"}])
def test_so_is_what_is_too_large_to_be_read(client: FlaskClient, auth: Auth) -> None:
    post(client, "/ingest/slot-001", ("fileToUpload", b"x" * (3 << 20)))
    seen = latest(client, auth)
    assert (seen["status"], seen["code"], seen["parts"]) == (413, "payload_too_large", [])


def test_whatever_a_booth_sends_it_is_answered_as_documented(client: FlaskClient, auth: Auth) -> None:
    answer = shoot(client, password="wrong", **{"na\x00me": "ab\x07" * 500})
    assert answer.status_code == 401
    seen = latest(client, auth)
    [part] = [part for part in seen["parts"] if part["name"] == "name"]
    assert len(part["value"]) == 300


def test_requests_of_an_unknown_slot_are_no_slots(client: FlaskClient, auth: Auth) -> None:
    assert client.get("/api/slots/slot-099/requests", headers=auth).status_code == 404
    assert client.get("/api/slots/slot-002/requests", headers=auth).get_json()["items"] == []


def test_the_page_says_what_to_do_about_it(app: Flask) -> None:
    serg = Visitor(app.test_client()).log_in()
    english = {"Accept-Language": "en"}
    assert "No booth has sent anything" in serg.get("/slots/slot-003/requests", **english).text
    shoot(serg.client, "slot-003", password="wrong")
    shoot(serg.client, "slot-016", password="wrong")

    def shown() -> str:
        text = serg.get("/slots/slot-003/requests", **english).text
        told = ("Type it into the booth program again.", "The address leads to no slot.", "IMG_0003.JPG")
        return text if all(sentence in text for sentence in told) else ""

    assert "wrong</td>" not in until(shown, what="both are shown")
