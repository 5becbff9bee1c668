"""Whatever the API reads out has an ETag, and who knows it is not told again."""

from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.wiring import Wiring
from tests.support import addresses
from tests.support.fakes.vk.fake import FakeVk
from tests.support.ledger import Ledger
from tests.web.booth import details, shoot
from tests.web.inhabited import inhabited

Auth = dict[str, str]
CHANGES = {"/api/slots/slot-001": {"name": "Other"}, "/api/settings": {"result_retention_hours": 100}}
"""What can be changed by someone who names the ETag in If-Match."""


@pytest.fixture
def environment(vk: FakeVk) -> dict[str, str]:
    return {"VK_API_BASE_URL": vk.url}


@pytest.fixture
def readable(app: Flask, wiring: Wiring) -> list[str]:
    """Every path that the API reads, about things that there are."""
    return list(addresses.readable(app.url_map, inhabited(wiring), ("api",)).values())


def test_what_is_known_is_not_told_again(
    client: FlaskClient, auth: Auth, readable: list[str], subtests: pytest.Subtests
) -> None:
    assert len(readable) > 15
    for path in readable:
        with subtests.test(path=path):
            first = client.get(path, headers=auth)
            assert first.status_code == 200, first.text
            known = client.get(path, headers={**auth, "If-None-Match": first.headers["ETag"]})
            assert (known.status_code, known.data) == (304, b"")
            assert known.headers["ETag"] == first.headers["ETag"]
            assert client.get(path, headers={**auth, "If-None-Match": '"other"'}).data == first.data


def test_refusals_have_none(client: FlaskClient, auth: Auth) -> None:
    for path in (f"/api/jobs/{UUID(int=1)}", "/api/slots/slot-016", "/api/jobs?page=0"):
        answer = client.get(path, headers={**auth, "If-None-Match": "*"})
        assert answer.status_code in (400, 404)
        assert "ETag" not in answer.headers


def test_a_change_makes_another(client: FlaskClient, auth: Auth) -> None:
    for path, change in CHANGES.items():
        before = client.get(path, headers=auth).headers["ETag"]
        answer = client.put(path, headers={**auth, "If-Match": before}, json=change)
        assert answer.status_code == 200
        assert before != answer.headers["ETag"] == client.get(path, headers=auth).headers["ETag"]
        assert client.put(path, headers={**auth, "If-Match": before}, json=change).status_code == 409


def test_what_booths_and_time_change_in_the_settings_is_told(
    client: FlaskClient, auth: Auth, ledger: Ledger, subtests: pytest.Subtests
) -> None:
    """Neither is a change by an administrator: for If-Match it is the same version."""
    client.put("/api/settings", headers=auth, json={"ingest_password": "tonight-88"})
    happenings = {
        "previous_last_used_at": lambda: shoot(client),
        "previous_valid_until": lambda: ledger.ask("UPDATE app_settings SET updated_at = now() - interval '2 days'"),
    }
    for name, happens in happenings.items():
        with subtests.test(name):
            before = client.get("/api/settings", headers=auth)
            happens()
            after = client.get("/api/settings", headers={**auth, "If-None-Match": before.headers["ETag"]})
            assert after.status_code == 200
            assert after.json["ingest_password"][name] != before.json["ingest_password"][name]
            based = {**auth, "If-Match": before.headers["ETag"]}
            assert client.put("/api/settings", headers=based, json={}).status_code == 200


def test_a_tag_that_was_never_given_is_refused(client: FlaskClient, auth: Auth, subtests: pytest.Subtests) -> None:
    for tag in ('W/"1"', "1", '"x"', '"0"', '"1", "2"', '""', '"', "", '"-1"', '"\u0663"', '"99999999999"'):
        for path, change in CHANGES.items():
            with subtests.test(tag=tag, path=path):
                headers = {**auth, "If-Match": tag.encode().decode("latin-1")}
                answer = client.put(path, headers=headers, json=change)
                assert (answer.status_code, list(details(answer)["parameters"])) == (400, ["If-Match"])
