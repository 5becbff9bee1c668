"""The gallery's pages as the server writes them: what is on them, and where they lead."""

import re
from dataclasses import replace
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.domain.job import Source
from app.wiring import Wiring
from tests.factories import new_job
from tests.support.booths import of_computer
from tests.web.gallery import JPEG, Finish, change, shown
from tests.web.playing_the_worker import succeed, take
from tests.web.visitor import Page, Visitor


def test_only_administrators_come_in(client: FlaskClient) -> None:
    for path in ("/gallery", "/gallery/arrivals"):
        assert client.get(path).location == f"/login?next={path}"


class TestPage:
    def test_shows_photos_newest_first_in_their_days(self, visitor: Visitor, finish: Finish) -> None:
        photos = [finish() for _ in range(3)]
        page = visitor.page("/gallery")
        assert shown(page) == photos[::-1]
        [day] = [section for section in page.all("section") if section.get("data-day")]
        assert day.text.strip().partition(",")[2].strip().startswith("сегодня")

    def test_says_what_an_empty_gallery_waits_for(self, visitor: Visitor) -> None:
        assert "Фото пока нет." in visitor.page("/gallery").text
        assert "Ничего не скрыто." in visitor.page("/gallery?state=hidden").text
        assert "ничего не удаляли" in visitor.page("/gallery?state=deleted").text
        assert "Ничего не нашлось." in visitor.page("/gallery?booth=nobody").text

    def test_names_the_slot_that_has_no_photos_and_leads_to_all(self, visitor: Visitor, finish: Finish) -> None:
        finish("slot-002")
        page = visitor.page("/gallery?slot=slot-009")
        card = page.one("div", data_empty=None)
        assert "В слоте «Слот 9» пока нет фото." in card.text
        assert page.one("a", id="show-all")["href"] == "/gallery"
        assert "slot-009" not in page.one("details", id="filters").text
        assert page.one("option", value="slot-009", selected=None).text == "Слот 9 · 0"

    @pytest.mark.parametrize(
        ("address", "before", "sentence"),
        [
            ("/gallery", "", "Это все фото, которые хранятся."),
            ("/gallery?state=hidden", "hide", "Это все скрытые фото."),
            ("/gallery?state=deleted", "delete", "Это все удалённые фото."),
            ("/gallery?slot=slot-001", "", "Больше ничего не нашлось."),
        ],
    )
    def test_ends_with_what_it_has_shown(
        self, visitor: Visitor, finish: Finish, address: str, before: str, sentence: str
    ) -> None:
        photo = finish()
        if before:
            change(visitor, before, photo)
        page = visitor.page(address)
        assert page.one("p", data_end=None).text.strip() == sentence
        assert "hidden" in page.one("div", data_empty=None).attributes, "for when the last one goes"

    def test_leads_to_each_photo_and_to_the_archive_with_its_filters(self, visitor: Visitor, finish: Finish) -> None:
        photo = finish("slot-002")
        page = visitor.page("/gallery?slot=slot-002")
        assert page.one("a", id=f"photo-{photo}")["href"] == f"/gallery/photos/{photo}?slot=slot-002"
        assert page.one("a", id="archive")["href"] == "/gallery/archive?slot=slot-002"

    def test_says_how_long_photos_stay_and_when_the_first_goes(self, visitor: Visitor, finish: Finish) -> None:
        finish()
        summary = visitor.page("/gallery").one("div", id="summary").text
        assert "72 ч" in summary
        assert "168 ч" in summary
        assert re.search(r"Всего \d КБ, первое исчезнет \d+ \w+\.?, \d\d:\d\d\.", summary)

    def test_goes_on_where_the_last_one_ended(
        self, visitor: Visitor, finish: Finish, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.web.pages.gallery.listing._PAGE_SIZE", 2)
        photos = [finish() for _ in range(5)][::-1]
        page, seen = visitor.page("/gallery"), []
        while older := page.all("a", id="older"):
            seen += shown(page)
            page = visitor.page(older[0]["href"])
        assert seen + shown(page) == photos
        assert page.one("a", id="newest")["href"] == "/gallery"
        assert page.all("div", id="watch") == [], "what is new is not shown among old ones"


class TestFilters:
    def test_are_offered_with_the_number_of_their_photos(self, visitor: Visitor, finish: Finish) -> None:
        for slot_id in ("slot-001", "slot-001", "slot-002"):
            finish(slot_id)
        page = visitor.page("/gallery?slot=slot-002")
        slots = page.one("select", id="filter-slot").inside
        assert [choice.text for choice in slots] == ["Все слоты", "Слот 1 · 2", "Слот 2 · 1"]
        assert page.one("option", value="slot-002", selected=None)
        assert page.one("select", id="filter-day").inside[1].text.endswith("сегодня · 1")

    def test_of_booths_are_offered_where_booths_say_their_names(self, visitor: Visitor, wiring: Wiring) -> None:
        assert visitor.page("/gallery").all("select", id="filter-booth") == []
        wiring.stores.queue.enqueue(replace(new_job(), booth_fields=of_computer("DESKTOP-1")))
        succeed(wiring, JPEG)(take(wiring))
        choices = visitor.page("/gallery").one("select", id="filter-booth").inside
        assert [choice.text for choice in choices] == ["Все будки", "DESKTOP-1 · Acer · 1"]

    def test_leave_test_runs_out_unless_asked(self, visitor: Visitor, wiring: Wiring) -> None:
        wiring.stores.queue.enqueue(job := replace(new_job(), source=Source.TEST))
        succeed(wiring, JPEG)(take(wiring))
        assert shown(visitor.page("/gallery")) == []
        assert shown(visitor.page("/gallery?tests=1")) == [job.id]

    @pytest.mark.parametrize(
        "query", ["day=yesterday", "event=x", f"event={UUID(int=7)}", "state=lost", "booth=%EF%BF%BD"]
    )
    def test_that_mean_nothing_find_nothing(self, visitor: Visitor, finish: Finish, query: str) -> None:
        finish()
        page = visitor.page(f"/gallery?{query}")
        assert shown(page) == []
        assert page.one("a", id="all-photos")

    def test_by_htmx_change_the_address(self, visitor: Visitor, finish: Finish) -> None:
        photo = finish("slot-002")
        answer = visitor.get("/gallery?slot=slot-002&day=&booth=", htmx=True)
        assert answer.headers["HX-Push-Url"] == "/gallery?slot=slot-002"
        assert shown(Page(answer.text)) == [photo]
        assert "<html" not in answer.text

    def test_of_a_slot_stay_in_its_name(self, visitor: Visitor) -> None:
        """A name that the database could not even be asked for."""
        assert shown(visitor.page("/gallery?slot=%00")) == []


def test_the_summary_is_left_alone_until_something_changes(visitor: Visitor, finish: Finish) -> None:
    photo = finish()
    address = visitor.page("/gallery").one("div", id="summary")["hx-get"]
    assert visitor.get(address, htmx=True).status_code == 204
    change(visitor, "hide", photo)
    assert visitor.page(address, htmx=True).one("a", id="tab-hidden").text.split() == ["Скрыто", "1"]
