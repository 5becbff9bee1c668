"""The home page: fifteen slots in one response, kept up to date without disturbing who reads."""

from urllib.parse import quote

import pytest
from sqlalchemy import text

from app.wiring import Wiring
from tests import pictures
from tests.factories import new_job
from tests.web.playing_the_worker import fail, finished, take
from tests.web.statements import counted
from tests.web.visitor import Element, Page, Visitor


def test_shows_every_slot_with_its_link_and_what_it_does(visitor: Visitor) -> None:
    page = visitor.page("/")
    rows = [e for e in page.all("li") if "slot" in (e.get("class") or "").split()]
    assert len(rows) == 15
    assert "Слот 3" in rows[2].text
    assert "Встроенная обработка · Эффект" in rows[2].text
    assert "http://localhost/ingest/slot-003" in rows[2].text
    assert "Работает" in rows[2].text
    assert "снимков ещё не было" in rows[2].text


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
    visitor.post("/slots/slot-004/pause", {})
    rows = [e for e in visitor.page("/").all("li") if "paused" in (e.get("class") or "")]
    assert ["Слот 4" in row.text and "На паузе" in row.text for row in rows] == [True]


class TestWhatASlotHasBeenDoing:
    def test_today_and_the_last_photos_are_told_in_words_too(self, visitor: Visitor, wiring: Wiring) -> None:
        for _ in range(2):
            finished(wiring, pictures.jpeg(64, 48), slot_id="slot-002")
        wiring.stores.queue.enqueue(new_job(slot_id="slot-002"))
        fail(wiring)(take(wiring))
        row = row_of(visitor.page("/"), "slot-002").text
        assert "3 снимка сегодня · 66,6 % удачно" in " ".join(row.split()).replace("\xa0", " ")
        assert "Последние снимки (3): удачно 2, с ошибкой 1" in row

    def test_a_failure_in_the_bar_leads_to_its_job(self, visitor: Visitor, wiring: Wiring) -> None:
        wiring.stores.queue.enqueue(job := new_job(slot_id="slot-002"))
        fail(wiring)(take(wiring))
        row = row_of(visitor.page("/"), "slot-002")
        [link] = [e for e in row.inside if e.tag == "a" and (e["href"] or "").startswith("/jobs/")]
        assert (link["href"], link["tabindex"]) == (f"/jobs/{job.id}", "-1")
        assert any(e.get("aria-hidden") == "true" and link in e.inside for e in row.inside)

    def test_without_photos_there_is_no_share_and_no_bar(self, visitor: Visitor) -> None:
        page = visitor.page("/")
        assert "%" not in page.one(id="slots").text
        rows = [e for e in page.all("li") if e.get("class") == "slot"]
        assert all(any(e.get("class") == "life" for e in row.inside) for row in rows), "the columns stay in line"
        assert rows[0].text.count("снимков ещё не было") == 1
        assert not [e for e in page.elements if e.get("class") == "heartbeat"]

    def test_nothing_but_cancelled_photos_has_no_share_either(self, visitor: Visitor, wiring: Wiring) -> None:
        wiring.stores.queue.enqueue(job := new_job(slot_id="slot-002"))
        wiring.stores.queue.cancel(job.id)
        row = row_of(visitor.page("/"), "slot-002").text
        assert "1 снимок сегодня" in row
        assert "%" not in row

    def test_failures_are_never_shown_as_the_last_photo(self, visitor: Visitor, wiring: Wiring) -> None:
        wiring.stores.queue.enqueue(new_job(slot_id="slot-002"))
        fail(wiring)(take(wiring))
        row = row_of(visitor.page("/"), "slot-002")
        assert "готовых ещё не было" in row.text, "some did come today"
        assert "снимков ещё не было" not in row.text
        assert not [e for e in row.inside if e.tag == "img"]

    def test_when_a_photo_last_came_out_is_known_after_it_was_deleted(self, visitor: Visitor, wiring: Wiring) -> None:
        job_id = finished(wiring, pictures.jpeg(64, 48), slot_id="slot-002")
        finalized_at = wiring.services().jobs.get(job_id).finalized_at
        with wiring.database.transaction() as session:
            session.execute(text("UPDATE job SET result_file_path = NULL, result_expires_at = now()"))
        row = row_of(visitor.page("/"), "slot-002")
        assert [e["datetime"] for e in row.inside if e.tag == "time"] == [finalized_at.isoformat()]
        assert not [e for e in row.inside if e.tag == "img"]


class TestSearch:
    def names(self, visitor: Visitor, wanted: str, *, htmx: bool = False) -> list[str]:
        page = visitor.page(f"/?q={quote(wanted)}", htmx=htmx)
        return [e.text for e in page.all("a", class_="title")]

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            pytest.param("слот 1", 7, id="name"),
            pytest.param("SLOT-003", 1, id="id"),
            pytest.param("встроенная", 15, id="provider"),
            pytest.param("15 эффект", 1, id="words of both"),
            pytest.param("  ", 15, id="nothing"),
            pytest.param("нет такого", 0, id="what nobody has"),
            pytest.param('"><script>', 0, id="no markup"),
        ],
    )
    @pytest.mark.parametrize("htmx", [True, False], ids=["fragment", "without scripts"])
    def test_finds_by_name_id_and_provider(self, visitor: Visitor, wanted: str, found: int, htmx: bool) -> None:
        assert len(self.names(visitor, wanted, htmx=htmx)) == found

    def test_what_is_wanted_stays_in_the_field_and_in_every_refresh(self, visitor: Visitor) -> None:
        page = visitor.page("/?q=slot-003")
        part = page.one(id="slots")
        assert page.one("input", id="search")["value"] == "slot-003"
        assert visitor.get(part["hx-get"], htmx=True).status_code == 204
        assert "slot-004" not in visitor.get(part["hx-get"] + "x", htmx=True).text

    @pytest.mark.parametrize(
        ("wanted", "said"), [("slot-003", "Найден 1 слот"), ("слот 1", "Найдено 7 слотов"), ("x", "Найдено 0 слотов")]
    )
    def test_how_many_were_found_is_said_aloud(self, visitor: Visitor, wanted: str, said: str) -> None:
        page = visitor.page(f"/?q={quote(wanted)}", htmx=True)
        [line] = [e for e in page.elements if e.get("data-announce")]
        assert line["data-announce"] == said


def row_of(page: Page, slot_id: str) -> Element:
    rows = [e for e in page.all("li") if any(inner.get("id") == f"open-{slot_id}" for inner in e.inside)]
    assert len(rows) == 1
    return rows[0]
