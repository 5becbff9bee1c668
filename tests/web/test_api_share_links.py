"""Share links through the API: with their addresses, and never with more of a password than that there is one."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.domain.errors import Reason
from app.web.errors import STATUS
from tests.support.ledger import Ledger
from tests.web.booth import code, details
from tests.web.test_api_events import created as event_created

Auth = dict[str, str]
WANTED = {"slot_id": "slot-003", "expires_in_days": 7}


def created(client: FlaskClient, auth: Auth, **changes: Any) -> dict[str, Any]:
    answer = client.post("/api/share-links", headers=auth, json={**WANTED, **changes})
    assert answer.status_code == 201, answer.text
    link: dict[str, Any] = answer.json
    return link


def names(client: FlaskClient, auth: Auth, query: str = "") -> list[str]:
    return [link["name"] for link in client.get(f"/api/share-links{query}", headers=auth).json["items"]]


def test_a_link_comes_with_its_addresses(client: FlaskClient, auth: Auth) -> None:
    link = created(client, auth, name="Гостям")
    token = link["url"].rpartition("/s/")[2]
    assert len(token) == 43
    assert link["wall_url"] == f"http://localhost/wall/{token}"
    assert client.get(f"/api/share-links/{link['id']}", headers=auth).json == link
    assert client.get("/api/share-links", headers=auth).json["items"] == [link]


def test_where_each_sees_their_own_there_is_no_wall(client: FlaskClient, auth: Auth) -> None:
    assert created(client, auth, audience="own")["wall_url"] is None


def test_of_a_password_only_that_there_is_one_is_told(client: FlaskClient, auth: Auth, ledger: Ledger) -> None:
    link = created(client, auth, password="роза-2026")
    assert link["has_password"]
    kept = str(ledger.ask("SELECT * FROM share_link")) + str(ledger.ask("SELECT * FROM audit_log"))
    assert "роза-2026" not in kept
    assert link["url"].rpartition("/")[2] not in kept


def test_links_are_listed_by_slot_and_by_event(client: FlaskClient, auth: Auth) -> None:
    event = event_created(client, auth)
    created(client, auth, name="of the slot")
    created(client, auth, name="of the event", slot_id=None, event_id=event["id"])
    assert names(client, auth) == ["of the event", "of the slot"]
    assert names(client, auth, "?slot=slot-003") == ["of the slot"]
    assert names(client, auth, f"?event={event['id']}") == ["of the event"]
    assert names(client, auth, "?slot=%00") == []
    answer = client.get("/api/share-links?event=x", headers=auth)
    assert (code(answer), details(answer)) == ("invalid_request", {"parameters": {"event": {"format": "uuid"}}})


def test_a_link_is_prolonged_and_revoked(client: FlaskClient, auth: Auth) -> None:
    link = created(client, auth)
    address = f"/api/share-links/{link['id']}"
    longer = client.post(f"{address}/prolong", headers=auth, json={"expires_in_days": 30}).json
    assert longer["expires_at"] > link["expires_at"]
    revoked = client.post(f"{address}/revoke", headers=auth).json
    assert (revoked["is_open"], revoked["revoked_by"]) == (False, "serg")
    for answer in (
        client.post(f"{address}/revoke", headers=auth),
        client.post(f"{address}/prolong", headers=auth, json={"expires_in_days": 30}),
    ):
        assert (answer.status_code, code(answer)) == (STATUS[Reason.LINK_CLOSED], "link_closed")


def test_what_cannot_be_says_why(client: FlaskClient, auth: Auth) -> None:
    wanted = {"event_id": 7, "slot_id": "x", "audience": "some", "password": "short", "expires_in_days": "7"}
    fields = details(client.post("/api/share-links", headers=auth, json=wanted))["fields"]
    assert {name: problem["code"] for name, problem in fields.items()} == {
        "slot_id": "slot_or_event",
        "event_id": "not_an_option",
        "audience": "not_an_option",
        "password": "bad_password",
        "expires_in_days": "out_of_range",
    }


@pytest.mark.parametrize("days", [None, 0, 367, "7"])
def test_nor_can_it_live_for_ever(client: FlaskClient, auth: Auth, days: object) -> None:
    address = f"/api/share-links/{created(client, auth)['id']}/prolong"
    answer = client.post(address, headers=auth, json={"expires_in_days": days})
    assert details(answer)["fields"]["expires_in_days"]["code"] == "out_of_range"


def test_what_there_is_not_is_not_found(client: FlaskClient, auth: Auth) -> None:
    address = f"/api/share-links/{UUID(int=0)}"
    answers = [client.get(address, headers=auth), client.post(f"{address}/revoke", headers=auth)]
    answers.append(client.post(f"{address}/prolong", headers=auth, json={"expires_in_days": 1}))
    assert {code(answer) for answer in answers} == {"not_found"}


def test_under_another_secret_key_a_link_has_no_address_to_show(
    client: FlaskClient, auth: Auth, ledger: Ledger
) -> None:
    link = created(client, auth)
    ledger.ask("UPDATE share_link SET digest = 'of a token that another key derived'")
    found = client.get(f"/api/share-links/{link['id']}", headers=auth).json
    assert (found["url"], found["wall_url"], found["is_open"]) == (None, None, True)
