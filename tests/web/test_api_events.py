"""Events through the API."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from tests.web.booth import code, details

Auth = dict[str, str]
WANTED = {
    "name": "Свадьба",
    "starts_at": "2026-11-20T18:00:00+03:00",
    "ends_at": "2026-11-21T01:00:00+03:00",
    "slot_ids": ["slot-004", "slot-003"],
}


def created(client: FlaskClient, auth: Auth, **changes: Any) -> dict[str, Any]:
    answer = client.post("/api/events", headers=auth, json={**WANTED, **changes})
    assert answer.status_code == 201, answer.text
    event: dict[str, Any] = answer.json
    return event


def test_an_event_is_made_read_changed_and_removed(client: FlaskClient, auth: Auth) -> None:
    event = created(client, auth)
    assert (event["starts_at"], event["ends_at"]) == ("2026-11-20T15:00:00+00:00", "2026-11-20T22:00:00+00:00")
    assert (event["slot_ids"], event["created_by"]) == (["slot-003", "slot-004"], "serg")
    address = f"/api/events/{event['id']}"
    assert client.get(address, headers=auth).json == event
    changed = client.put(address, headers=auth, json={**WANTED, "name": "Юбилей", "slot_ids": []}).json
    assert changed == {**event, "name": "Юбилей", "slot_ids": []}
    assert client.get("/api/events", headers=auth).json["items"] == [changed]
    assert client.delete(address, headers=auth).status_code == 204
    assert code(client.get(address, headers=auth)) == "not_found"


def test_all_that_is_wrong_is_said_with_what_is_right(client: FlaskClient, auth: Auth) -> None:
    wanted = {"name": "", "starts_at": "2026-11-20T18:00", "ends_at": 7, "slot_ids": ["slot-999"]}
    answer = client.post("/api/events", headers=auth, json=wanted)
    assert (answer.status_code, code(answer)) == (422, "invalid_settings")
    fields = details(answer)["fields"]
    assert {name: problem["code"] for name, problem in fields.items()} == {
        "name": "bad_length",
        "starts_at": "not_a_time",
        "ends_at": "not_a_time",
        "slot_ids": "not_an_option",
    }


@pytest.mark.parametrize("ends_at", ["2026-11-20T18:00:00+03:00", "2026-11-20T17:00:00+03:00"])
def test_it_ends_after_it_has_begun(client: FlaskClient, auth: Auth, ends_at: str) -> None:
    answer = client.post("/api/events", headers=auth, json={**WANTED, "ends_at": ends_at})
    assert details(answer)["fields"] == {"ends_at": {"code": "not_after_start"}}


def test_what_there_is_not_is_not_found(client: FlaskClient, auth: Auth) -> None:
    address = f"/api/events/{UUID(int=0)}"
    answers = [client.get(address, headers=auth), client.put(address, headers=auth, json=WANTED)]
    answers.append(client.delete(address, headers=auth))
    assert {code(answer) for answer in answers} == {"not_found"}
