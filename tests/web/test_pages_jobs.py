"""The job log: every shot of ninety days, found by what is known of it."""

import re
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.wiring import Wiring
from tests.factories import new_job
from tests.support.booths import of_computer
from tests.support.ledger import Ledger
from tests.web.booth import PHOTO, shoot
from tests.web.playing_the_worker import fail, finished, take
from tests.web.statements import counted
from tests.web.visitor import Page, Visitor


def rows(page: Page) -> list[str]:
    return [" ".join(e.text.split()) for e in page.all("li") if e.get("class") == "job"]


def failed(wiring: Wiring, fault: str, slot_id: str = "slot-003") -> UUID:
    wiring.stores.queue.enqueue(job := new_job(slot_id=slot_id))
    fail(wiring, code="provider_error", fault=fault)(take(wiring))
    return job.id


def test_an_empty_log_says_so(visitor: Visitor) -> None:
    page = visitor.page("/jobs")
    assert rows(page) == []
    assert "Снимков ещё не было" in page.one(id="jobs").text


def test_shows_what_became_of_each_shot_the_newest_first(visitor: Visitor, wiring: Wiring, client: FlaskClient) -> None:
    ready = finished(wiring, PHOTO, slot_id="slot-002")
    lost = failed(wiring, "content_blocked")
    shoot(client, password="wrong")
    page = visitor.page("/jobs")
    newest, bad, good = rows(page)
    assert "Отказ: неверный пароль" in newest
    assert all(text in bad for text in (lost.hex[:8], "Слот 3", "Ошибка провайдера", "Провайдер отклонил"))
    assert all(text in good for text in (ready.hex[:8], "Слот 2", "Готово"))
    assert [e["src"] for e in page.all("img")] == [f"/gallery/photos/{ready}/grid"], "a failure is never shown as one"
    assert page.one(id="jobs-total").text == "3 строки"


def test_a_running_job_tells_the_seconds_it_has_left(visitor: Visitor, wiring: Wiring) -> None:
    wiring.stores.queue.enqueue(new_job())
    [row] = rows(visitor.page("/jobs"))
    assert re.search(r"осталось 4\d с", row)


def test_filters_are_folded_until_one_is_chosen(visitor: Visitor) -> None:
    assert "open" not in visitor.page("/jobs").one("details", id="filters").attributes
    page = visitor.page("/jobs?slot=slot-003&reason=hang&from=2026-11-20T00:00:00Z")
    assert "open" in page.one("details", id="filters").attributes
    said = " ".join(page.one("summary", id="open-filters").text.split())
    assert said == "Фильтры Слот 3 · Провайдер не ответил вовремя"


def test_filters_stand_in_the_address_and_in_the_form(visitor: Visitor, wiring: Wiring) -> None:
    lost = failed(wiring, "hang")
    finished(wiring, PHOTO)
    page = visitor.page("/jobs?slot=slot-003&state=failed&reason=hang&source=ingest&id=" + lost.hex[:6])
    assert [lost.hex[:8] in row for row in rows(page)] == [True]
    assert page.fields("job-filters") == {
        "slot": "slot-003",
        "state": "failed",
        "reason": "hang",
        "source": "ingest",
        "booth": "",
        "day": "",
        "id": lost.hex[:6],
    }
    assert "seen=" in str(page.one(id="jobs")["hx-get"])


def test_a_day_is_one_of_the_house(visitor: Visitor, wiring: Wiring, ledger: Ledger) -> None:
    """In Moscow it begins at nine in the evening, UTC."""
    job = failed(wiring, "hang")
    ledger.ask("UPDATE job SET created_at = '2026-11-19 21:05+00' WHERE id = :id", id=job)
    assert len(rows(visitor.page("/jobs?day=2026-11-20"))) == 1
    assert rows(visitor.page("/jobs?day=2026-11-19")) == []


def test_a_period_of_another_pages_link_stays_until_it_is_taken_back(visitor: Visitor, wiring: Wiring) -> None:
    failed(wiring, "hang")
    page = visitor.page("/jobs?state=failed&from=2020-01-01T00:00:00%2B00:00&to=2020-02-01T00:00:00%2B00:00")
    assert rows(page) == []
    assert page.fields("job-filters")["from"] == "2020-01-01T00:00:00+00:00"
    [away] = [e for e in page.all("a") if e.text == "за всё время"]
    assert len(rows(visitor.page(str(away["href"])))) == 1


@pytest.mark.parametrize(("query", "field"), [("id=xyz", "filter-id"), ("day=soon", "filter-day")])
def test_what_cannot_be_looked_for_is_said_beside_its_field(visitor: Visitor, query: str, field: str) -> None:
    page = visitor.page(f"/jobs?{query}")
    assert page.one(id=field)["aria-invalid"] == "true"
    assert page.one(id=f"{field}-problem").text
    assert "Ничего не нашлось" in page.one(id="jobs").text


@pytest.mark.parametrize("query", ["state=nonsense", "source=x", "from=x", "before=x", "slot=%00", "booth=%ED%A0%80"])
def test_nonsense_in_the_address_is_no_error(visitor: Visitor, query: str) -> None:
    assert visitor.get(f"/jobs?{query}").status_code == 200


def test_older_ones_are_a_link_away(visitor: Visitor, wiring: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.web.pages.jobs.listing._PAGE_SIZE", 2)
    for _ in range(3):
        failed(wiring, "hang")
    first = visitor.page("/jobs?state=failed")
    assert len(rows(first)) == 2
    second = visitor.page(str(first.one("a", rel="next")["href"]))
    assert len(rows(second)) == 1
    assert "data-refresh" not in second.one(id="jobs").attributes, "only the first page changes by itself"
    assert not second.all("a", rel="next")


def test_refreshes_itself_without_disturbing_who_reads(visitor: Visitor, wiring: Wiring) -> None:
    failed(wiring, "hang")
    part = visitor.page("/jobs?state=failed").one(id="jobs")
    assert visitor.get(str(part["hx-get"]), htmx=True).status_code == 204
    failed(wiring, "hang")
    again = visitor.page(str(part["hx-get"]), htmx=True)
    assert (again.elements[0]["id"], len(rows(again))) == ("jobs", 2)
    links = [e for e in again.all("a") if e.get("tabindex") != "-1"]
    assert all(e.get("id") for e in links), "or the focus would be lost"


def test_costs_the_same_number_of_queries_whatever_happened(
    visitor: Visitor, wiring: Wiring, client: FlaskClient
) -> None:
    failed(wiring, "hang")
    with counted() as before:
        visitor.get("/jobs")
    for number in range(4):
        failed(wiring, "hang", f"slot-00{number + 1}")
        shoot(client, password="wrong")
    with counted() as after:
        visitor.get("/jobs")
    assert len(before) == len(after) <= 12


def test_refused_forms_are_in_the_log_too(visitor: Visitor, client: FlaskClient, ledger: Ledger) -> None:
    """What is refused before anybody looks at it, and what the service refuses: each once."""
    broken = {"data": b"no boundary", "content_type": "multipart/form-data; boundary=b"}
    client.post("/ingest/slot-005", **broken)
    client.post("/ingest/slot-006", data=b"x", content_type="image/jpeg")
    shoot(client, "slot-007", essay="x" * 600_000)
    shoot(client, "s" * 5000)
    kept = ledger.ask("SELECT slot_id, detail ->> 'reason' FROM processing_log WHERE event = 'refused' ORDER BY id")
    assert [tuple(row) for row in kept] == [
        ("slot-005", "invalid_request"),
        ("slot-006", "invalid_request"),
        ("slot-007", "payload_too_large"),
        ("s" * 100, "slot_not_found"),
    ]
    assert len(rows(visitor.page("/jobs?state=refused"))) == 4


def test_script_in_what_a_booth_sent_is_only_text(visitor: Visitor, client: FlaskClient) -> None:
    attack = "<script>alert(1)</script>"
    shoot(client, "%3Cscript%3E")
    shoot(client, **of_computer(attack, attack))
    page = visitor.page("/jobs")
    assert all(script.get("src") for script in page.all("script"))
    booth, address = rows(page)
    assert attack in booth
    assert "/ingest/<script>" in address
