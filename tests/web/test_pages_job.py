"""One job's page: its picture or why there is none, where its time went, and what can still be done about it."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from flask import Flask

from app.domain.job import Attempt
from app.wiring import Wiring
from tests.factories import SETTINGS, new_job
from tests.support.booths import of_computer
from tests.support.ledger import Ledger
from tests.web.booth import PHOTO
from tests.web.playing_the_worker import fail, finished, take
from tests.web.visitor import Page, Visitor

KEY = "AIzaSyA-0123456789abcdefghijklmnopqrstu"
REFUSED = Attempt(
    *("gemini", "image_edit", 1, "flash", "no_image", f"No image; key={KEY}", 200, "4Xq2", Decimal("0.039"))
)


@pytest.fixture
def lost(wiring: Wiring) -> str:
    """The address of a job that its provider failed."""
    fields = {**of_computer("PC", "expo"), "q": "Анна"}
    wiring.stores.queue.enqueue(job := replace(new_job(), booth_fields=fields))
    claimed = take(wiring)
    wiring.stores.queue.log_attempts(claimed, [REFUSED])
    fail(wiring, code="provider_error", fault="no_image", message=f"No image; key={KEY}")(claimed)
    wiring.stores.queue.mark_answered([job.id])
    return f"/jobs/{job.id}"


@pytest.fixture
def running(wiring: Wiring) -> str:
    """The address of a job in a worker's hands; its shot is there."""
    wiring.stores.queue.enqueue(job := new_job())
    wiring.media.write(job.payload.path, PHOTO)
    take(wiring)
    return f"/jobs/{job.id}"


def passages(page: Page) -> list[str]:
    [timeline] = [e for e in page.all("ol") if e.get("class") == "timeline"]
    return [" ".join(e.text.split()) for e in timeline.inside if e.tag == "li"]


def test_a_picture_is_shown_with_what_it_took(visitor: Visitor, wiring: Wiring) -> None:
    job_id = finished(wiring, PHOTO)
    page = visitor.page(f"/jobs/{job_id}")
    assert f"/gallery/photos/{job_id}/large" in [e["src"] for e in page.all("img")]
    assert page.one("a", id="picture")["href"] == f"/gallery/photos/{job_id}"
    assert "Готово" in page.one(id="job-state").text
    assert str(job_id) in page.text


def test_a_hidden_picture_is_shown_here_and_called_so(visitor: Visitor, wiring: Wiring) -> None:
    job_id = finished(wiring, PHOTO)
    wiring.services().gallery.hide([job_id], "serg")
    page = visitor.page(f"/jobs/{job_id}")
    assert visitor.get(str(page.one("img")["src"])).status_code == 200
    assert "снято с показа" in page.one(id="job-state").text


def test_a_failure_is_never_shown_as_a_picture(visitor: Visitor, lost: str) -> None:
    page = visitor.page(lost)
    assert page.all("img") == []
    assert "Провайдер ответил без картинки" in page.one(id="job-now").text


def test_the_timeline_tells_each_call_with_the_providers_own_words(visitor: Visitor, lost: str) -> None:
    taken_in, queued, call, end, sent = passages(visitor.page(lost))
    assert taken_in.startswith("Приём снимка")
    assert queued.startswith("В очереди")
    assert all(text in call for text in ("Gemini", "flash", "HTTP 200", "4Xq2", "0,039 $", "No image"))
    assert "мс" in call
    assert end.startswith("Завершено")
    assert visitor.page(lost).text.count("Провайдер ответил без картинки") == 2, "the outcome, and the call it is of"
    assert sent.startswith("Отправка в будку")


def test_it_is_drawn_to_scale_without_inline_styles(visitor: Visitor, lost: str) -> None:
    page = visitor.page(lost)
    bars = [(float(str(e["x"])[:-1]), float(str(e["width"])[:-1])) for e in page.all("rect") if "%" in str(e.get("x"))]
    assert bars
    assert all(x >= 0 and x + width <= 100.02 for x, width in bars)
    assert not [e for e in page.elements if e.get("style")]


def test_a_running_job_tells_the_seconds_left_and_refreshes(visitor: Visitor, running: str) -> None:
    page = visitor.page(running)
    [seconds] = re.findall(r"^осталось (\d+) с$", page.one(id="seconds-left").text)
    assert 40 <= int(seconds) <= 48
    part = page.one(id="job-now")
    assert part["data-refresh"] == "1"
    again = visitor.page(str(part["hx-get"]), htmx=True)
    assert again.elements[0]["id"] == "job-now"


def test_what_can_be_done_stays_under_the_pointer_while_it_is_the_same(visitor: Visitor, running: str) -> None:
    part = visitor.page(running).one(id="job-actions")
    assert visitor.get(str(part["hx-get"]), htmx=True).status_code == 204
    visitor.post(f"{running}/cancel", {})
    assert "Отменить" not in visitor.get(str(part["hx-get"]), htmx=True).text


def test_a_form_is_the_same_whatever_its_token(app: Flask) -> None:
    form = '<form><input type="hidden" name="csrf_token" value="{}"><button>{}</button></form>'
    digest = app.jinja_env.filters["digest"]
    assert digest(form.format("one", "Cancel")) == digest(form.format("another", "Cancel"))
    assert digest(form.format("one", "Cancel")) != digest(form.format("one", "Run again"))


def test_its_details_and_the_text_to_copy_grow_until_it_has_ended(visitor: Visitor, running: str) -> None:
    part = visitor.page(running).one(id="job-facts")
    assert visitor.get(str(part["hx-get"]), htmx=True).status_code == 204
    visitor.post(f"{running}/cancel", {})
    ended = visitor.page(str(part["hx-get"]), htmx=True)
    assert "State:     cancelled" in (ended.one(id="copy-support")["data-copy"] or "")
    assert ended.one(id="job-facts").get("data-refresh") is None


def test_cancelling_asks_first_without_scripts_too(visitor: Visitor, running: str) -> None:
    asking = visitor.page(running).one("details", id="cancelling")
    assert "open" not in asking.attributes
    assert [e.text for e in asking.inside if e.tag == "button"] == ["Да, отменить"]


def test_without_a_key_it_says_where_to_enter_it(visitor: Visitor, wiring: Wiring, ledger: Ledger) -> None:
    ledger.ask("UPDATE slot SET provider = 'gemini' WHERE id = 'slot-001'")
    settings = {**SETTINGS, "steps": [{"provider": "gemini", "operation": "image_edit", "settings": {}}]}
    wiring.stores.queue.enqueue(job := replace(new_job(), settings=settings))
    claimed, message = take(wiring), "There is no API key for Gemini."
    called = replace(REFUSED, fault="not_configured", message=message, http_status=None)
    wiring.stores.queue.log_attempts(claimed, [called])
    fail(wiring, code="provider_error", fault="not_configured", message=message)(claimed)
    page = visitor.page(f"/jobs/{job.id}")
    assert "Ключ не задан." in page.one(id="job-now").text
    assert page.one("a", id="enter-key")["href"] == "/settings?provider=gemini#provider-gemini"
    assert page.one(id="job-now").text.count(message) == 1


def test_a_running_job_is_cancelled(visitor: Visitor, running: str) -> None:
    visitor.get(running)
    answer = visitor.post(f"{running}/cancel", {})
    assert (answer.status_code, answer.headers["Location"]) == (303, running)
    assert "Отменено" in visitor.page(running).one(id="job-state").text


def test_one_that_has_ended_says_so_politely(visitor: Visitor, lost: str) -> None:
    visitor.get(lost)
    answer = visitor.post(f"{lost}/cancel", {})
    assert answer.status_code == 409
    assert "уже завершилось" in Page(answer.text).one(role="alert").text


def test_a_shot_runs_again_as_a_job_of_its_own(visitor: Visitor, running: str) -> None:
    page = visitor.page(running)
    assert "Это бесплатно" in page.one(id="job-actions").text
    answer = visitor.post(f"{running}/rerun", {})
    assert answer.status_code == 303
    assert answer.headers["Location"] != running
    assert "повтор" in visitor.page(answer.headers["Location"]).one(id="job-state").text


def test_a_slot_that_costs_something_says_how_much(visitor: Visitor, running: str, ledger: Ledger) -> None:
    ledger.ask("UPDATE slot SET provider = 'gemini', settings_json = '{}' WHERE id = 'slot-001'")
    assert "$" in visitor.page(running).one(id="job-actions").text


def test_without_the_shot_it_cannot_run_again(visitor: Visitor, running: str, wiring: Wiring) -> None:
    visitor.get(running)
    wiring.media.delete([f"payloads/{running.removeprefix('/jobs/')}.jpg"])
    answer = visitor.post(f"{running}/rerun", {})
    assert answer.status_code == 410
    assert "удалён" in Page(answer.text).one(role="alert").text


def test_a_forgotten_shot_offers_nothing(visitor: Visitor, lost: str, ledger: Ledger) -> None:
    ledger.ask("UPDATE job SET payload_path = NULL")
    assert "Запустить заново нельзя" in visitor.page(lost).one(id="job-actions").text


def test_the_support_text_holds_what_helps_and_no_secret(visitor: Visitor, lost: str) -> None:
    answer = visitor.get(f"{lost}/support.txt")
    assert answer.mimetype == "text/plain"
    told = ("PhotoChanger", lost.removeprefix("/jobs/"), "no_image", "4Xq2", "HTTP 200", "took 1 ms", "PC · expo")
    assert [text for text in told if text not in answer.text] == []
    assert KEY not in answer.text
    assert "Анна" not in answer.text, "guests' words are nobody's business"


def test_what_is_copied_is_the_same_text(visitor: Visitor, lost: str) -> None:
    copied = visitor.page(lost).one(id="copy-support")["data-copy"]
    assert copied == visitor.get(f"{lost}/support.txt").text


def test_what_the_booth_told_is_shown(visitor: Visitor, lost: str) -> None:
    assert "Анна" in visitor.page(lost).one(id="booth-fields").text


def test_a_job_that_is_none(visitor: Visitor) -> None:
    for path in ("", "/support.txt"):
        assert visitor.get(f"/jobs/00000000-0000-4000-8000-000000000000{path}").status_code == 404
    for action in ("cancel", "rerun"):
        assert visitor.post(f"/jobs/00000000-0000-4000-8000-000000000000/{action}", {}).status_code == 404
