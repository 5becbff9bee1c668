"""What a slot was, through the API: reading its versions, restoring one, copying another slot."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.booth import code, details

Auth = dict[str, str]
PATH = "/api/slots/slot-003"


@pytest.fixture(autouse=True)
def changed(client: FlaskClient, auth: Auth) -> None:
    """Version 1 is as installed, 2 has another name, 3 another strength too."""
    client.put(PATH, headers=auth, json={"name": "second", "version": 1})
    client.put(PATH, headers=auth, json={"settings": {"effect": "glow", "strength": 5}, "version": 2})


def test_versions_tell_what_each_changed_newest_first(client: FlaskClient, auth: Auth) -> None:
    answer = client.get(f"{PATH}/versions?page_size=2", headers=auth).json
    assert (answer["total"], answer["page"], answer["page_size"]) == (3, 1, 2)
    third, second = answer["items"]
    assert third["changes"]["settings.strength"] == {"old": 80, "new": 5}
    assert second["changes"] == {"name": {"old": "Слот 3", "new": "second"}}
    assert (second["content"]["name"], second["updated_by"]) == ("second", "serg")
    [first] = client.get(f"{PATH}/versions?page=2&page_size=2", headers=auth).json["items"]
    assert (first["version"], first["changes"], first["updated_by"]) == (1, None, None)


def test_one_is_restored(client: FlaskClient, auth: Auth) -> None:
    answer = client.post(f"{PATH}/restore", headers={**auth, "If-Match": '"3"'}, json={"version": 1})
    assert (answer.json["name"], answer.json["version"], answer.headers["ETag"]) == ("Слот 3", 4, '"4"')


def test_another_slot_is_copied_but_for_name_and_pause(client: FlaskClient, auth: Auth) -> None:
    client.put("/api/slots/slot-004", headers=auth, json={"is_active": False, "version": 1})
    copied = client.post("/api/slots/slot-004/copy", headers=auth, json={"from": "slot-003"}).json
    assert (copied["settings"]["strength"], copied["name"], copied["is_active"]) == (5, "Слот 4", False)


@pytest.mark.parametrize("act", [("restore", {"version": 1}), ("copy", {"from": "slot-001"})], ids=lambda a: a[0])
def test_a_stale_one_is_no_ground_and_the_refusal_brings_the_slot(
    client: FlaskClient, auth: Auth, act: tuple[str, dict[str, Any]]
) -> None:
    path, body = act
    answer = client.post(f"{PATH}/{path}", headers={**auth, "If-Match": '"1"'}, json=body)
    assert (answer.status_code, code(answer)) == (409, "version_conflict")
    assert details(answer)["slot"] == client.get(PATH, headers=auth).json


def test_what_cannot_be_done_is_refused(client: FlaskClient, auth: Auth, subtests: pytest.Subtests) -> None:
    refused = [
        ("slot-003/restore", {"version": 9}, 404),
        ("slot-003/restore", {"version": "1"}, 400),
        ("slot-003/restore", {}, 400),
        ("slot-003/copy", {"from": "slot-016"}, 404),
        ("slot-003/copy", {"from": 4}, 400),
        ("slot-016/restore", {"version": 1}, 404),
        ("slot-016/copy", {"from": "slot-001"}, 404),
    ]
    for path, body, status in refused:
        with subtests.test(path=path, body=body):
            assert client.post(f"/api/slots/{path}", headers=auth, json=body).status_code == status
    for query in ("page=0", "page_size=0", "page=x"):
        assert client.get(f"{PATH}/versions?{query}", headers=auth).status_code == 400
