"""Finished pictures by the API: listed, hidden, deleted, kept."""

from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from app.wiring import Wiring
from tests.support.booths import photo
from tests.support.ledger import Ledger
from tests.web.booth import code, details
from tests.web.playing_the_worker import finished

PICTURE = photo(90, 60)
Auth = dict[str, str]


def taken(wiring: Wiring, number: int = 1, slot_id: str = "slot-001") -> list[str]:
    return [str(finished(wiring, PICTURE, slot_id=slot_id)) for _ in range(number)]


def listed(client: FlaskClient, auth: Auth, query: str = "") -> list[str]:
    return [item["id"] for item in client.get(f"/api/photos?{query}", headers=auth).json["items"]]


def change(client: FlaskClient, auth: Auth, name: str, ids: object) -> list[str]:
    answer = client.post(f"/api/photos/{name}", headers=auth, json={"ids": ids})
    assert answer.status_code == 200
    found: list[str] = answer.json["ids"]
    return found


def test_a_photo_tells_all_that_a_gallery_needs(
    client: FlaskClient, auth: Auth, wiring: Wiring, ledger: Ledger
) -> None:
    [photo_id] = taken(wiring, slot_id="slot-003")
    ledger.ask("UPDATE job SET finalized_at = date_trunc('day', now()) - interval '1 hour'")
    page = client.get("/api/photos", headers=auth).json
    assert (page["total"], page["size_bytes"], page["next"]) == (1, len(PICTURE), None)
    [item] = page["items"]
    assert (item["slot_id"], item["source"], item["state"]) == ("slot-003", "ingest", "visible")
    assert (item["is_kept"], item["has_original"], item["placeholder"]) == (False, False, "")
    assert item["file_name"].startswith("slot-003_")
    assert item["file_name"].endswith("_020000.jpg"), "the house's zone is Moscow"
    for url in (item["url"], *item["previews"].values()):
        assert client.get(url).status_code == 200
    assert item["guest_url"] == f"http://localhost/r/{photo_id}"


def test_pages_follow_one_another(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    newest_first = taken(wiring, 5)[::-1]
    pages = [listed(client, auth, f"page={n}&page_size=2") for n in (1, 2, 3)]
    assert pages == [newest_first[:2], newest_first[2:4], newest_first[4:]]
    first = client.get("/api/photos?page_size=3", headers=auth).json
    taken(wiring)
    assert listed(client, auth, f"before={first['next']}") == newest_first[3:]
    assert client.get("/api/photos?page=51&page_size=200", headers=auth).status_code == 400


def test_photos_are_found_by_what_is_known_of_them(
    client: FlaskClient, auth: Auth, wiring: Wiring, ledger: Ledger, subtests: pytest.Subtests
) -> None:
    one, two, test = (taken(wiring, 1, slot)[0] for slot in ("slot-001", "slot-002", "slot-002"))
    ledger.ask("UPDATE job SET source = 'test' WHERE id = CAST(:id AS uuid)", id=test)
    change(client, auth, "hide", [one])
    queries = {
        "": [two],
        "tests=1": [test, two],
        "slot=slot-001": [],
        "slot=slot-002": [two],
        "slot=slot-002&tests=1": [test, two],
        "booth=nobody": [],
        "state=hidden": [one],
        "state=deleted": [],
        "day=2020-01-01": [],
    }
    for query, ids in queries.items():
        with subtests.test(query=query):
            assert listed(client, auth, query) == ids


def test_what_cannot_be_looked_for_is_said(client: FlaskClient, auth: Auth, subtests: pytest.Subtests) -> None:
    values = {
        "state": ["gone", "VISIBLE"],
        "day": ["20.11.2026", "20261120", "2026-11-31", "0000-00-00"],
        "event": [str(uuid4()), uuid4().hex],
        "tests": ["yes", "2"],
        "before": ["x", "1-1"],
    }
    for name, bad in values.items():
        for value in (*bad, "", "%20", "%00"):
            with subtests.test(name=name, value=value):
                answer = client.get(f"/api/photos?{name}={value}", headers=auth)
                assert (answer.status_code, code(answer)) == (400, "invalid_request")
                assert list(details(answer)["parameters"]) == [name]


def test_a_hidden_photo_is_gone_everywhere_until_it_is_shown_again(
    client: FlaskClient, auth: Auth, wiring: Wiring
) -> None:
    [photo_id] = taken(wiring)
    addresses = [f"/public/results/{photo_id}{tail}" for tail in ("", "/grid", "/large")]
    tags = [client.get(address).headers["ETag"] for address in addresses]
    assert change(client, auth, "hide", [photo_id]) == [photo_id]
    for address, tag in zip(addresses, tags, strict=True):
        for answer in (client.get(address), client.get(address, headers={"If-None-Match": tag})):
            assert (answer.status_code, code(answer)) == (410, "result_withdrawn")
    assert client.head(addresses[0]).status_code == 410
    assert client.get(f"/api/jobs/{photo_id}", headers=auth).json["result"] is None
    assert change(client, auth, "show", [photo_id]) == [photo_id]
    assert [client.get(address).status_code for address in addresses] == [200] * 3


def test_a_deleted_photo_can_come_back_until_the_cleanup_has_been_there(
    client: FlaskClient, auth: Auth, wiring: Wiring, ledger: Ledger
) -> None:
    back, gone = taken(wiring, 2)
    assert sorted(change(client, auth, "delete", [back, gone])) == sorted([back, gone])
    assert change(client, auth, "restore", [back]) == [back]
    ledger.ask("UPDATE job SET deleted_at = deleted_at - interval '10 minutes'")
    wiring.retention.request(None)
    assert wiring.retention.run_requested()
    assert change(client, auth, "restore", [gone]) == []
    assert listed(client, auth) == [back]
    assert code(client.get(f"/public/results/{gone}")) == "result_withdrawn"
    assert [entry.key for entry in wiring.media.list("results")] == [f"results/{back}.jpg"]


def test_a_kept_photo_says_so_and_until_when(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    [photo_id] = taken(wiring)
    [before] = client.get("/api/photos", headers=auth).json["items"]
    change(client, auth, "keep", [photo_id])
    [kept] = client.get("/api/photos", headers=auth).json["items"]
    assert (before["is_kept"], kept["is_kept"]) == (False, True)
    assert kept["expires_at"] > before["expires_at"]
    change(client, auth, "release", [photo_id])
    [released] = client.get("/api/photos", headers=auth).json["items"]
    assert released["expires_at"] == before["expires_at"]


def test_who_changed_a_photo_is_in_the_log(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    [photo_id] = taken(wiring)
    change(client, auth, "hide", [photo_id])
    [entry] = client.get("/api/audit?subject=slot-001", headers=auth).json["items"]
    assert (entry["username"], entry["action"], entry["detail"]) == ("serg", "photo.hidden", {"ids": [photo_id]})


BODIES = {
    "nothing": {},
    "no list": {"ids": "6f1c2b0e-95d2-1c44-8a07-3be1f0b9d7aa"},
    "an empty list": {"ids": []},
    "no ids": {"ids": ["x"]},
    "an id of another form": {"ids": ["{6f1c2b0e-95d2-1c44-8a07-3be1f0b9d7aa}"]},
    "numbers": {"ids": [1]},
    "lists": {"ids": [[]]},
    "null": {"ids": [None]},
    "too many": {"ids": [str(UUID(int=n)) for n in range(1001)]},
}


@pytest.mark.parametrize("kind", BODIES)
def test_what_is_no_selection(client: FlaskClient, auth: Auth, kind: str) -> None:
    answer = client.post("/api/photos/hide", headers=auth, json=BODIES[kind])
    assert (answer.status_code, code(answer)) == (400, "invalid_request")
    assert details(answer) == {"parameters": {"ids": {"maximum": 1000}}}


def test_what_nobody_knows_is_named(client: FlaskClient, auth: Auth) -> None:
    answer = client.post("/api/photos/hide", headers=auth, json={"ids": [str(UUID(int=1))], "all": True})
    assert (answer.status_code, details(answer)) == (400, {"parameters": {"all": {"options": ["ids"]}}})


def test_what_is_no_change(client: FlaskClient, auth: Auth) -> None:
    for name in ("burn", "hide/", "%00"):
        answer = client.post(f"/api/photos/{name}", headers=auth, json={"ids": [str(uuid4())]})
        assert (answer.status_code, code(answer)) == (404, "not_found")


def test_strangers_change_nothing(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    [photo_id] = taken(wiring)
    answer = client.post("/api/photos/hide", json={"ids": [photo_id]})
    assert answer.status_code in (400, 401)
    assert change(client, auth, "hide", [photo_id, str(uuid4())]) == [photo_id]
    assert change(client, auth, "hide", [photo_id]) == []
