"""Jobs and test runs through the API."""

import json
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.domain.job import Attempt
from app.wiring import Wiring
from tests.factories import SUCCESS, new_job
from tests.support.ledger import Ledger
from tests.web.booth import PHOTO, code, details, post
from tests.web.playing_the_worker import fail, finished, succeed, take

Auth = dict[str, str]
TEST_RUN = "/api/slots/slot-003/test-run"


def queue(wiring: Wiring, count: int, slot_id: str = "slot-001") -> list[str]:
    jobs = [new_job(slot_id=slot_id, age_seconds=float(count - n)) for n in range(count)]
    for job in jobs:
        wiring.stores.queue.enqueue(job)
    return [str(job.id) for job in jobs]


def test_a_waiting_job_tells_how_long_it_has(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    [job_id] = queue(wiring, 1)
    job = client.get(f"/api/jobs/{job_id}", headers=auth).json
    assert (job["status"], job["is_finalized"], job["source"]) == ("pending", False, "ingest")
    assert 40 < job["seconds_left"] < 48
    assert (job["result"], job["failure_reason"], job["started_at"]) == (None, None, None)


def test_a_finished_job_links_to_its_picture(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    job = client.get(f"/api/jobs/{finished(wiring, PHOTO)}", headers=auth).json
    assert (job["status"], job["failure_reason"], job["seconds_left"]) == ("finalized", None, 0)
    assert (job["result"]["size_bytes"], job["result"]["mime_type"]) == (len(PHOTO), "image/jpeg")
    assert client.get(job["result"]["url"].removeprefix("http://localhost")).data == PHOTO


def test_after_its_time_the_picture_is_not_offered(
    client: FlaskClient, auth: Auth, wiring: Wiring, ledger: Ledger
) -> None:
    job_id = finished(wiring, PHOTO)
    ledger.ask("UPDATE job SET result_expires_at = now()")
    assert client.get(f"/api/jobs/{job_id}", headers=auth).json["result"] is None


def test_a_failed_job_tells_why(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    [job_id] = queue(wiring, 1)
    fail(wiring, code="provider_error", fault="hang")(take(wiring))
    job = client.get(f"/api/jobs/{job_id}", headers=auth).json
    assert (job["failure_reason"], job["failure_detail"]["fault"], job["attempt"]) == ("provider_error", "hang", 1)


def test_a_job_tells_what_was_asked_of_providers_and_what_it_cost(
    client: FlaskClient, auth: Auth, wiring: Wiring
) -> None:
    [job_id] = queue(wiring, 1)
    claimed = take(wiring)
    refused = Attempt("gemini", "image_edit", 1200, "flash", "no_image", "No image.", 200, "4Xq2", Decimal("0.039"))
    wiring.stores.queue.log_attempts(claimed, [refused])
    succeed(wiring, PHOTO)(claimed)
    job = client.get(f"/api/jobs/{job_id}", headers=auth).json
    assert (job["provider"], job["model"], job["cost_usd"]) == (SUCCESS.provider, SUCCESS.model, 0.039)
    assert [event["event"] for event in job["timeline"]] == ["received", "attempt", "finalized"]
    first = job["timeline"][1]
    assert (first["duration_ms"], first["detail"]["fault"], first["detail"]["request_id"]) == (1200, "no_image", "4Xq2")
    assert first["detail"]["cost_usd"] == "0.039"


def test_a_list_of_jobs_leaves_their_stories_out(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    queue(wiring, 1)
    [item] = client.get("/api/jobs", headers=auth).json["items"]
    assert (item["model"], item["cost_usd"], "timeline" in item) == ("", 0, False)


def test_a_job_that_is_none(client: FlaskClient, auth: Auth) -> None:
    for job_id in ("00000000-0000-4000-8000-000000000000", "1", "..", "x" * 5000):
        answer = client.get(f"/api/jobs/{job_id}", headers=auth)
        assert (answer.status_code, code(answer)) == (404, "not_found")


def test_pages_go_from_the_newest_to_the_oldest(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    newest_first = [*reversed(queue(wiring, 5))]
    pages = [client.get(f"/api/jobs?page={n}&page_size=2", headers=auth).json for n in (1, 2, 3, 4)]
    assert [[job["id"] for job in page["items"]] for page in pages] == [
        newest_first[:2],
        newest_first[2:4],
        newest_first[4:],
        [],
    ]
    assert {(page["total"], page["page_size"]) for page in pages} == {(5, 2)}
    assert [page["page"] for page in pages] == [1, 2, 3, 4]


def test_jobs_of_one_slot(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    queue(wiring, 2, "slot-001")
    [wanted] = queue(wiring, 1, "slot-002")
    answer = client.get("/api/jobs?slot_id=slot-002", headers=auth).json
    assert ([job["id"] for job in answer["items"]], answer["total"]) == ([wanted], 1)
    for slot_id in ("slot-016", "%00", "'", "%ED%A0%80"):
        assert client.get(f"/api/jobs?slot_id={slot_id}", headers=auth).json["total"] == 0


def test_the_bounds_of_a_page(client: FlaskClient, auth: Auth, subtests: pytest.Subtests) -> None:
    for query in ("page=1", "page_size=1&page=10000", "page_size=1", "page_size=200", "page=50&page_size=200"):
        with subtests.test(query=query):
            assert client.get(f"/api/jobs?{query}", headers=auth).status_code == 200
    for value in ("0", "-1", "1.5", "", "x", "1e3", "%00", "9" * 12, "9" * 5000, "²", "null", "1%20"):
        for query in (f"page={value}", f"page_size={value}", f"page=1&page_size={value}"):
            with subtests.test(query=query[:60]):
                answer = client.get(f"/api/jobs?{query}", headers=auth)
                assert (answer.status_code, code(answer)) == (400, "invalid_request")
    assert client.get("/api/jobs?page_size=201", headers=auth).status_code == 400
    for query in ("page=10001", "page=10001&page_size=1", "page=51&page_size=200"):
        assert client.get(f"/api/jobs?{query}", headers=auth).status_code == 400


def test_next_leads_from_page_to_page(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    newest_first = [*reversed(queue(wiring, 3))]
    first = client.get("/api/jobs?page_size=2", headers=auth).json
    queue(wiring, 1)
    second = client.get(f"/api/jobs?page_size=2&before={first['next']}", headers=auth).json
    assert [job["id"] for job in first["items"] + second["items"]] == newest_first
    assert (first["total_is_exact"], second["next"]) == (True, None)


def test_jobs_are_found_by_what_is_known_of_them(
    client: FlaskClient, auth: Auth, wiring: Wiring, subtests: pytest.Subtests
) -> None:
    [waiting] = queue(wiring, 1)
    fail(wiring, code="provider_error", fault="hang")(take(wiring))
    ready = str(finished(wiring, PHOTO, slot_id="slot-002"))
    day = "2020-01-01T00:00:00%2B03:00"
    queries = {
        "state=success": [ready],
        "state=failed": [waiting],
        "state=failed&slot_id=slot-002": [],
        "reason=hang": [waiting],
        "booth=nobody": [],
        "source=ingest": [ready, waiting],
        "source=test": [],
        f"from={day}": [ready, waiting],
        f"to={day}": [],
        f"id={ready[:8]}": [ready],
        f"id={waiting.upper()}": [waiting],
    }
    for query, ids in queries.items():
        with subtests.test(query=query):
            answer = client.get(f"/api/jobs?{query}", headers=auth).json
            assert ([job["id"] for job in answer["items"]], answer["total"]) == (ids, len(ids))


def test_refused_requests_are_told_where_they_are_asked_for(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    wiring.stores.request_log.refused("slot-001", "invalid_password", {"client": "10.0.0.7"})
    queue(wiring, 1)
    everything = client.get("/api/jobs", headers=auth).json
    assert [job["status"] for job in everything["items"]] == ["pending"]
    assert everything["total"] == 1
    [refused] = client.get("/api/jobs?state=refused", headers=auth).json["items"]
    assert (refused["status"], refused["reason"], refused["client"]) == ("refused", "invalid_password", "10.0.0.7")


def test_what_cannot_be_looked_for_is_said(client: FlaskClient, auth: Auth, subtests: pytest.Subtests) -> None:
    for name in ("state", "source", "from", "to", "id", "before"):
        for value in ("", "x", "%00", "2020/01/01", "123"):
            with subtests.test(name=name, value=value):
                answer = client.get(f"/api/jobs?{name}={value}", headers=auth)
                assert (answer.status_code, code(answer)) == (400, "invalid_request")
                assert list(details(answer)["parameters"]) == [name]


def test_a_job_tells_what_its_booth_sent(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    [job_id] = queue(wiring, 1)
    job = client.get(f"/api/jobs/{job_id}", headers=auth).json
    assert job["booth_fields"] == {"name": "DESKTOP-1", "{qr1}": "guest"}
    [item] = client.get("/api/jobs", headers=auth).json["items"]
    assert "booth_fields" not in item


def test_a_job_is_cancelled_once(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    [job_id] = queue(wiring, 1)
    answer = client.post(f"/api/jobs/{job_id}/cancel", headers=auth)
    assert (answer.status_code, answer.json["failure_reason"]) == (200, "cancelled")
    again = client.post(f"/api/jobs/{job_id}/cancel", headers=auth)
    assert (again.status_code, code(again)) == (409, "job_finished")


def test_a_shot_runs_again_while_it_is_there(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    [job_id] = queue(wiring, 1)
    gone = client.post(f"/api/jobs/{job_id}/rerun", headers=auth)
    assert (gone.status_code, code(gone)) == (410, "payload_expired")
    wiring.media.write(f"payloads/{job_id}.jpg", PHOTO)
    answer = client.post(f"/api/jobs/{job_id}/rerun", headers=auth)
    assert (answer.status_code, answer.json["source"], answer.json["status"]) == (202, "rerun", "pending")
    assert answer.json["id"] != job_id


def test_a_test_run_is_queued_and_answered_at_once(client: FlaskClient, auth: Auth, ledger: Ledger) -> None:
    answer = post(client, TEST_RUN, ("file", PHOTO), headers=auth)
    assert (answer.status_code, answer.json["source"], answer.json["status"]) == (202, "test", "pending")
    assert client.get(f"/api/jobs/{answer.json['id']}", headers=auth).json["slot_id"] == "slot-003"
    assert ledger.jobs()[0].payload_size_bytes == len(PHOTO)


def test_a_paused_slot_can_be_tried(client: FlaskClient, auth: Auth) -> None:
    client.put("/api/slots/slot-003", headers=auth, json={"is_active": False, "version": 1})
    assert post(client, TEST_RUN, ("file", PHOTO), headers=auth).status_code == 202


def test_a_test_run_takes_what_is_not_saved(client: FlaskClient, auth: Auth, ledger: Ledger) -> None:
    draft = {"settings": {"effect": "oil", "strength": 7}, "output": {"format": "png"}}
    post(client, TEST_RUN, ("file", PHOTO), ("slot", json.dumps(draft)), headers=auth)
    snapshot = ledger.jobs()[0].settings
    assert snapshot["steps"][0]["settings"] == {"effect": "oil", "strength": 7}
    assert snapshot["output"]["format"] == "png"
    stored = client.get("/api/slots/slot-003", headers=auth).json
    assert (stored["version"], stored["output"]["format"]) == (1, "jpeg")


REFUSED: dict[str, tuple[list[tuple[str, Any]], int, str]] = {
    "no photo": ([], 400, "invalid_request"),
    "another name": ([("fileToUpload", PHOTO)], 400, "invalid_request"),
    "empty": ([("file", b"")], 400, "invalid_request"),
    "no image": ([("file", b"not an image")], 415, "unsupported_media_type"),
    "cut off": ([("file", PHOTO[:400])], 400, "invalid_image"),
    "slot is no JSON": ([("file", PHOTO), ("slot", "{")], 400, "invalid_request"),
    "slot is no object": ([("file", PHOTO), ("slot", "[]")], 400, "invalid_request"),
    "slot is too deep": ([("file", PHOTO), ("slot", "[" * 100_000)], 400, "invalid_request"),
    "slot is too large": ([("file", PHOTO), ("slot", " " * 600_000)], 413, "payload_too_large"),
    "unknown field": ([("file", PHOTO), ("slot", '{"colour": 1}')], 422, "invalid_settings"),
    "bad value": ([("file", PHOTO), ("slot", '{"settings": {"strength": 101}}')], 422, "invalid_settings"),
}


def test_what_cannot_be_tried(client: FlaskClient, auth: Auth, ledger: Ledger, subtests: pytest.Subtests) -> None:
    for kind, (parts, status, reason) in REFUSED.items():
        with subtests.test(kind=kind):
            answer = post(client, TEST_RUN, *parts, headers=auth)
            assert (answer.status_code, code(answer)) == (status, reason)
    assert code(post(client, "/api/slots/slot-016/test-run", ("file", PHOTO), headers=auth)) == "slot_not_found"
    assert ledger.jobs() == []


@pytest.mark.parametrize("environment", [{"QUEUE_MAX_ACTIVE_JOBS": "1"}])
def test_a_full_queue_takes_no_test_run(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    queue(wiring, 1)
    answer = post(client, TEST_RUN, ("file", PHOTO), headers=auth)
    assert (answer.status_code, code(answer), details(answer)["max_active"]) == (429, "queue_busy", 1)
    assert answer.headers["Retry-After"]
    assert list(wiring.media.list("payloads")) == []
