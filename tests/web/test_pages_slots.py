"""The home page: fifteen slots in one response, kept up to date without disturbing who reads."""

import pytest
from flask.testing import FlaskClient

from app.wiring import Wiring
from tests import pictures
from tests.web.playing_the_worker import finished
from tests.web.statements import counted
from tests.web.visitor import Page, Visitor


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client).log_in()


def test_shows_every_slot_with_its_link_and_what_it_does(visitor: Visitor) -> None:
    page = visitor.page("/")
    rows = [e for e in page.all("li") if "slot" in (e.get("class") or "").split()]
    assert len(rows) == 15
    assert "Слот 3" in rows[2].text
    assert "Встроенная обработка · Эффект" in rows[2].text
    assert "http://localhost/ingest/slot-003" in rows[2].text
    assert "Работает" in rows[2].text
    assert "фото ещё не было" in rows[2].text


def test_copies_the_very_link_that_it_shows(visitor: Visitor) -> None:
    listed = visitor.page("/").one(id="slots").inside
    links = [e["data-copy"] for e in listed if e.get("data-copy")]
    assert links == [f"http://localhost/ingest/slot-{n:03d}" for n in range(1, 16)]
    assert [e.text for e in listed if e.tag == "code"] == links


@pytest.mark.parametrize("environment", [{"PUBLIC_BASE_URL": "http://booths.example.org:8000"}])
def test_links_follow_the_public_address(visitor: Visitor) -> None:
    assert "http://booths.example.org:8000/ingest/slot-001" in visitor.get("/").text


def test_shows_the_last_photo_of_a_booth_with_its_time(visitor: Visitor, wiring: Wiring) -> None:
    job_id = finished(wiring, pictures.jpeg(), slot_id="slot-002")
    page = visitor.page("/")
    [thumbnail] = [e for e in page.all("img") if e.get("width") == "64"]
    assert thumbnail["src"] == f"/public/results/{job_id}/grid"
    [moment] = page.all("time", data_moment="relative")
    assert moment["datetime"] == wiring.services().jobs.get(job_id).finalized_at.isoformat()
    assert visitor.get(thumbnail["src"]).mimetype == "image/webp"


def test_costs_the_same_number_of_queries_whatever_happened(visitor: Visitor, wiring: Wiring) -> None:
    with counted() as before:
        visitor.get("/")
    for number in range(1, 6):
        finished(wiring, pictures.jpeg(64, 48), slot_id=f"slot-{number:03d}")
    with counted() as after:
        visitor.get("/")
    assert len(before) == len(after)
    assert len(after) <= 12


def test_a_refresh_without_news_leaves_the_page_alone(visitor: Visitor) -> None:
    part = visitor.page("/").one(id="slots")
    again = visitor.get(part["hx-get"], htmx=True)
    assert (again.status_code, again.text) == (204, "")


def test_a_refresh_with_news_brings_the_list_alone(visitor: Visitor, wiring: Wiring) -> None:
    part = visitor.page("/").one(id="slots")
    finished(wiring, pictures.jpeg(64, 48))
    answer = visitor.get(part["hx-get"], htmx=True)
    page = Page(answer.text)
    assert answer.status_code == 200
    assert page.elements[0]["id"] == "slots"
    assert not page.all("html")
    assert page.one(id="slots")["hx-get"] != part["hx-get"]


def test_what_can_have_the_focus_has_an_id_to_keep_it(visitor: Visitor) -> None:
    part = visitor.page("/").one(id="slots")
    focusable = [e for e in part.inside if e.tag in ("a", "button") and e.get("tabindex") != "-1"]
    assert len(focusable) == 30
    assert all(e.get("id") for e in focusable)


def test_an_answer_depends_on_who_asks(visitor: Visitor) -> None:
    assert "HX-Request" in visitor.get("/").headers["Vary"]


def test_script_in_a_name_is_only_text(visitor: Visitor) -> None:
    name = '"><script>alert(1)</script>'
    visitor.get("/slots/slot-001")
    fields = visitor.page("/slots/slot-001").fields("slot-form")
    assert visitor.post("/slots/slot-001", {**fields, "name": name}).status_code == 303
    page = visitor.page("/")
    assert page.one(id="open-slot-001").text == name
    assert len(page.all("script")) == 3


def test_a_paused_slot_says_so(visitor: Visitor) -> None:
    fields = visitor.page("/slots/slot-004").fields("slot-form")
    del fields["is_active"]
    visitor.post("/slots/slot-004", fields)
    rows = [e for e in visitor.page("/").all("li") if "paused" in (e.get("class") or "")]
    assert ["Слот 4" in row.text and "На паузе" in row.text for row in rows] == [True]
