"""The first-run guide: it ticks itself, says what went wrong, and ends with the first shot of a real booth."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.wiring import Wiring
from tests import pictures
from tests.factories import new_job
from tests.support.booths import of_computer
from tests.web.booth import shoot
from tests.web.playing_the_worker import succeed, take
from tests.web.statements import counted
from tests.web.visitor import Page, Visitor

BOOTH = of_computer("DESKTOP-K968T3F")
STEPS = ["address", "slot", "keys", "test", "booth", "shot"]


def ticked(page: Page) -> list[str]:
    """The steps that are done, by their names."""
    done = [e for e in page.all("li") if e.get("class") == "ticked"]
    return [(e["id"] or "").removeprefix("guide-") for li in done for e in li.inside if e.tag == "details"]


def current(page: Page) -> str:
    [step] = [e for e in page.all("li") if e.get("aria-current") == "step"]
    [details] = [e for e in step.inside if e.tag == "details"]
    assert "open" in details.attributes
    return (details["id"] or "").removeprefix("guide-")


def serve_a_booth(wiring: Wiring) -> None:
    wiring.stores.queue.enqueue(replace(new_job(), booth_fields=BOOTH))
    succeed(wiring, pictures.jpeg(64, 48))(take(wiring))


def test_a_new_installation_is_led_step_by_step(visitor: Visitor) -> None:
    page = visitor.page("/")
    assert [(e["id"] or "") for e in page.all("details")] == [f"guide-{step}" for step in STEPS]
    assert ticked(page) == ["keys"]
    assert current(page) == "address"
    assert "http://localhost" in page.one(id="guide-address").text


@pytest.mark.parametrize("environment", [{"PUBLIC_BASE_URL": "http://192.168.1.5:8000"}])
def test_an_address_of_the_network_is_one_that_booths_reach(visitor: Visitor) -> None:
    page = visitor.page("/")
    assert ticked(page) == ["address", "keys"]
    assert current(page) == "slot"
    assert "http://192.168.1.5:8000/ingest/slot-001" in page.one(id="guide-booth").text


def test_the_words_of_the_booth_programs_menu_are_exact(visitor: Visitor) -> None:
    booth = visitor.page("/").one(id="guide-booth")
    assert "Output Settings > Postprocess photos > Web based (HTTP POST)" in booth.text
    assert any(e.get("data-copy") == "http://localhost/ingest/slot-001" for e in booth.inside)
    assert any((e.get("href") or "").startswith("/settings") for e in booth.inside)


def test_a_provider_without_a_key_unticks_the_keys(visitor: Visitor, wiring: Wiring) -> None:
    slot = wiring.stores.slots.get("slot-001")
    assert slot is not None
    asks_gemini = replace(slot, step=replace(slot.step, provider="gemini", settings={}))
    wiring.stores.slots.save(asks_gemini, slot.version, "serg")
    assert ticked(visitor.page("/")) == ["slot"]


def test_a_photo_that_came_out_ticks_the_try(visitor: Visitor, wiring: Wiring) -> None:
    wiring.stores.queue.enqueue(new_job())
    succeed(wiring, pictures.jpeg(64, 48))(take(wiring))
    assert ticked(visitor.page("/")) == ["slot", "keys", "test"]


def test_a_booth_that_was_refused_is_told_with_what_it_sent(client: FlaskClient, visitor: Visitor) -> None:
    shoot(client, "slot-007", password="wrong").close()
    page = visitor.page("/guide", htmx=True)
    assert ticked(page) == ["address", "keys", "booth"]
    [notice] = [e for e in page.elements if e.get("class") == "notice bad"]
    assert "Будке отказано: пароля нет" in notice.text
    assert page.one(id="guide-requests")["href"] == "/slots/slot-007/requests"


def test_a_booth_with_a_mistyped_link_is_noticed_too(client: FlaskClient, visitor: Visitor) -> None:
    shoot(client, "slot-77").close()
    assert visitor.page("/guide", htmx=True).one(id="guide-requests")["href"] == "/slots/slot-001/requests"


def test_it_looks_for_news_without_disturbing_who_reads(visitor: Visitor, wiring: Wiring) -> None:
    part = visitor.page("/").one(id="guide")
    assert visitor.get(part["hx-get"], htmx=True).status_code == 204
    serve_a_booth(wiring)
    assert ticked(visitor.page(part["hx-get"], htmx=True)) == STEPS


def test_the_first_shot_of_a_booth_ends_it_for_everybody(app: Flask, visitor: Visitor, wiring: Wiring) -> None:
    assert visitor.page("/").all(id="guide")
    serve_a_booth(wiring)
    assert not visitor.page("/").all(id="guide")
    igor = Visitor(app.test_client()).log_in("igor", "igor-secret-1")
    assert not igor.page("/").all(id="guide")


def test_it_costs_one_question_and_none_once_it_is_over(visitor: Visitor, wiring: Wiring) -> None:
    with counted() as at_first:
        visitor.get("/")
    serve_a_booth(wiring)
    visitor.get("/")
    with counted() as afterwards:
        visitor.get("/")
    assert sum("booth_request" in statement for statement in at_first) == 1
    assert not [statement for statement in afterwards if "booth_request" in statement]


def test_it_can_be_hidden_for_everybody_and_called_back(app: Flask, visitor: Visitor) -> None:
    page = visitor.page("/")
    assert page.one(id="guide-hide")["form"] == page.one("form", action="/guide")["id"]
    assert visitor.post("/guide", {"hidden": "yes"}).location == "/"
    assert not visitor.page("/").all(id="guide")
    igor = Visitor(app.test_client()).log_in("igor", "igor-secret-1")
    assert not igor.page("/").all(id="guide")
    [link] = igor.page("/").all("a", href="/guide")
    assert igor.page(str(link["href"])).all(id="guide-show")
    igor.post("/guide", {})
    assert visitor.page("/").all(id="guide")


def test_as_a_page_it_stays_for_who_wants_to_read_it_again(visitor: Visitor, wiring: Wiring) -> None:
    serve_a_booth(wiring)
    page = visitor.page("/guide")
    assert ticked(page) == STEPS
    assert page.one("h1").text == "Первые шаги"
    assert not page.all(id="guide-hide")
