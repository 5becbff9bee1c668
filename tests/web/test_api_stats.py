"""Statistics through the API; every answer is held to the contract."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from app.domain.job import Attempt, Source
from app.wiring import Wiring
from tests.factories import new_job, stored_result
from tests.web.booth import PHOTO, code, details, post
from tests.web.playing_the_worker import fail, take
from tests.web.statements import counted

Auth = dict[str, str]
PAID = Attempt("gemini", "fusion", 7000, "flash", cost_usd=Decimal("0.04"))
OFFSET = timedelta(hours=3)  # of Moscow, the zone of a new installation


@pytest.fixture
def photos(wiring: Wiring) -> None:
    """Of slot-001 a paid success and a failure, of slot-002 a test run, and a request with a wrong password."""
    queue = wiring.stores.queue
    queue.enqueue(job := new_job(age_seconds=6))
    assert queue.finalize_success(take(wiring), stored_result(job.id), None, PAID, [PAID])
    queue.enqueue(new_job())
    fail(wiring, code="provider_error", fault="hang")(take(wiring))
    queue.enqueue(replace(new_job(slot_id="slot-002"), source=Source.TEST))
    fail(wiring, code="provider_error", fault="no_image")(take(wiring))
    wiring.stores.request_log.refused("slot-001", "invalid_password", {})


def ask(client: FlaskClient, auth: Auth, which: str = "global", **arguments: str) -> dict[str, Any]:
    answer = client.get(f"/api/stats/{which}?{urlencode(arguments)}", headers=auth)
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


@pytest.mark.usefixtures("photos")
class TestAnswers:
    def test_the_last_day_by_the_hour(self, client: FlaskClient, auth: Auth) -> None:
        found = ask(client, auth)
        start, end = (datetime.fromisoformat(found[name]) for name in ("from", "to"))
        assert timedelta(days=1) <= end - start <= timedelta(days=1, minutes=10)
        assert found["totals"] == {
            "photos": 2,
            "success": 1,
            "timeout": 0,
            "provider_error": 1,
            "cancelled": 0,
            "refused": 1,
            "success_share": 0.5,
            "p50_ms": found["totals"]["p50_ms"],
            "p95_ms": found["totals"]["p95_ms"],
            "mean_ms": found["totals"]["mean_ms"],
            "calls": 1,
            "cost_usd": 0.04,
        }
        assert 5000 <= found["totals"]["p50_ms"] <= 7500
        assert 6000 <= found["totals"]["mean_ms"] < 7500
        assert found["previous"]["photos"] == 0
        assert found["previous"]["success_share"] is found["previous"]["p95_ms"] is None
        assert (found["group_by"], found["page"], found["page_size"]) == (["hour"], 1, 50)
        hours = [datetime.fromisoformat(item["key"]["hour"]) for item in found["items"]]
        assert all(hour.utcoffset() == OFFSET and hour.minute == 0 for hour in hours)
        assert sum(item["photos"] for item in found["items"]) == 2
        assert found["total"] == len(found["items"])

    def test_groupings_sorted_and_in_pages(self, client: FlaskClient, auth: Auth) -> None:
        by_reason = ask(client, auth, group_by="reason,outcome", sort="-photos", page_size="2")
        assert by_reason["total"] == 3
        assert [item["photos"] for item in by_reason["items"]] == [1, 1]
        assert [item["cost_usd"] for item in by_reason["items"]] == [None, None]
        last = ask(client, auth, group_by="reason,outcome", sort="-photos", page_size="2", page="2")
        assert [item["key"] for item in last["items"]] == [{"reason": "invalid_password", "outcome": "refused"}]
        by_provider = ask(client, auth, group_by="provider", sort="cost_usd")
        assert [(item["key"]["provider"], item["calls"]) for item in by_provider["items"]][-1] == ("gemini", 1)

    def test_filters(self, client: FlaskClient, auth: Auth) -> None:
        def photos_of(**arguments: str) -> tuple[int, int | None]:
            totals = ask(client, auth, group_by="day", **arguments)["totals"]
            return totals["photos"], totals["calls"]

        assert photos_of(source="test") == (1, 0)
        assert photos_of(source="ingest,test,rerun") == (3, 1)
        assert photos_of(outcome="provider_error") == (1, None)
        assert photos_of(reason="hang") == (1, None)
        assert photos_of(provider="gemini") == (1, 1)
        assert photos_of(model="flash", provider="gemini") == (1, 1)
        assert photos_of(booth="no such") == (0, None)

    def test_a_period_is_widened_to_whole_steps(self, client: FlaskClient, auth: Auth) -> None:
        found = ask(client, auth, **{"from": "2026-01-05T10:20:00+03:00", "to": "2026-01-05T10:40:00.5+03:00"})
        assert (found["from"], found["to"]) == ("2026-01-05T07:00:00+00:00", "2026-01-05T08:00:00+00:00")
        assert (found["totals"]["photos"], found["items"]) == (0, [])

    def test_of_one_slot(self, client: FlaskClient, auth: Auth) -> None:
        assert ask(client, auth, "slot-001")["totals"]["photos"] == 2
        assert ask(client, auth, "slot-002", source="test")["totals"]["photos"] == 1
        assert ask(client, auth, "slot-003")["totals"]["photos"] == 0

    def test_a_slot_that_is_counted_from_nothing(self, client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
        reset = client.post("/api/slots/slot-001/reset_stats", headers=auth)
        assert reset.status_code == 200
        assert (reset.json["totals"]["photos"], reset.json["totals"]["success_share"]) == (0, None)
        found = ask(client, auth, "slot-001")
        assert (found["totals"], found["previous"]) == (reset.json["totals"], None)
        assert found["stats_since"] == reset.json["stats_since"]
        everything = ask(client, auth)
        assert (everything["totals"]["photos"], everything["stats_since"]) == (2, None)
        [change], _ = wiring.stores.audit.search(subject="slot-001", page=1, page_size=5)
        assert (change.username, change.action) == ("serg", "slot.stats_reset")

    def test_as_many_statements_whatever_was_counted(self, client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
        def statements() -> int:
            with counted() as found:
                ask(client, auth, group_by="hour,slot")
            return len(found)

        first, before = statements(), statements()
        assert before < first, "what is over is remembered"
        for number in range(1, 16):
            wiring.stores.queue.enqueue(new_job(slot_id=f"slot-{number:03}"))
            fail(wiring, code="provider_error", fault="hang")(take(wiring))
        assert statements() == before


def test_a_booths_wrong_password_is_counted(client: FlaskClient, auth: Auth) -> None:
    post(client, "/ingest/slot-001", ("password", "wrong"), ("file", PHOTO))
    post(client, "/ingest/slot-099", ("password", "wrong"), ("file", PHOTO))
    found = ask(client, auth, group_by="slot,reason")
    assert found["totals"]["refused"] == 2
    assert {item["key"]["slot"] for item in found["items"]} == {"", "slot-001"}


REFUSED = {
    "no offset": {"from": "2026-11-20T18:00:00"},
    "no time": {"from": "yesterday"},
    "a date": {"to": "2026-11-20"},
    "a space for the plus": {"from": "2026-11-20T18:00:00 03:00"},
    "empty time": {"to": ""},
    "backwards": {"from": "2026-11-20T18:00:00Z", "to": "2026-11-20T17:00:00Z"},
    "nothing between": {"from": "2026-11-20T18:00:00Z", "to": "2026-11-20T21:00:00+03:00"},
    "too long": {"from": "2025-01-01T00:00:00Z", "to": "2026-11-20T17:00:00Z"},
    "year 1": {"from": "0001-01-01T00:00:00+14:00", "to": "0001-01-02T00:00:00Z"},
    "year 9999": {"to": "9999-12-31T23:59:59-14:00"},
    "year 1999": {"to": "1999-12-31T23:59:59Z"},
    "unknown grouping": {"group_by": "colour"},
    "empty grouping": {"group_by": ""},
    "three groupings": {"group_by": "slot,booth,model"},
    "twice the same": {"group_by": "slot,slot"},
    "five minutes": {"group_by": "5min"},
    "unknown column": {"sort": "colour"},
    "two minuses": {"sort": "--photos"},
    "unknown source": {"source": "all"},
    "no source": {"source": ""},
    "unknown outcome": {"outcome": "failed"},
    "page 0": {"page": "0"},
    "too large a page": {"page_size": "201"},
    "NUL": {"booth": "\x00"},
}


def test_questions_that_are_none(client: FlaskClient, auth: Auth, subtests: pytest.Subtests) -> None:
    for kind, arguments in REFUSED.items():
        with subtests.test(kind=kind):
            answer = client.get(f"/api/stats/global?{urlencode(arguments)}", headers=auth)
            assert (answer.status_code, code(answer)) == (400, "invalid_request")
    answer = client.get("/api/stats/global?group_by=colour", headers=auth)
    assert "booth" in details(answer)["parameters"]["group_by"]["options"]


def test_questions_at_the_bounds(client: FlaskClient, auth: Auth, subtests: pytest.Subtests) -> None:
    for arguments in (
        {"from": "2025-10-16T00:00:00Z", "to": "2026-11-20T00:00:00Z"},
        {"to": "2000-01-01T00:00:00Z"},
        {"from": "2099-12-31T00:00:00+03:00", "to": "2099-12-31T10:00:00+03:00"},
        {"from": "2026-11-20T18:00:00.000001Z", "to": "2026-11-20T18:00:00.000002Z"},
        {"sort": "-key", "group_by": "day,model", "page": "1000000", "page_size": "200"},
        {"booth": "'; DROP TABLE photo_stats; --", "model": "%", "reason": "🎈"},
        {"unknown": "is ignored"},
    ):
        with subtests.test(arguments=arguments):
            assert client.get(f"/api/stats/global?{urlencode(arguments)}", headers=auth).status_code == 200


def test_a_slot_that_is_none(client: FlaskClient, auth: Auth) -> None:
    for method, path in (("GET", "/api/stats/slot-016"), ("POST", "/api/slots/slot-016/reset_stats")):
        answer = client.open(path, method=method, headers=auth)
        assert (answer.status_code, code(answer)) == (404, "slot_not_found")


def test_only_users_are_told(client: FlaskClient) -> None:
    for method, path in (("GET", "/api/stats/global"), ("GET", "/api/stats/slot-001")):
        assert client.open(path, method=method).status_code == 401
    assert client.post("/api/slots/slot-001/reset_stats").status_code in (400, 401)
