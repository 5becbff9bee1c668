"""What a page of the gallery that is open learns of: photos that come, those that go, and those that come back."""

import time

import pytest

from tests.support.ledger import Ledger
from tests.web.gallery import Finish, change, shown
from tests.web.visitor import Visitor


class TestArrivals:
    def test_are_what_came_since_and_the_next_place_to_ask_from(self, visitor: Visitor, finish: Finish) -> None:
        known = finish()
        watch = visitor.page("/gallery").one("div", id="watch")["hx-get"]
        assert visitor.get(watch, htmx=True).status_code == 204
        new = [finish(), finish()]
        news = visitor.page(watch, htmx=True)
        assert shown(news) == [*new[::-1], known], "the newest of those that the page has comes again"
        assert news.one("div", id="watch")["data-announce"] == "2 новые фотографии"
        assert visitor.get(news.one("div", id="watch")["hx-get"], htmx=True).status_code == 204

    def test_name_what_was_taken_out_of_sight_once(self, visitor: Visitor, finish: Finish) -> None:
        photo = finish()
        watch = visitor.page("/gallery").one("div", id="watch")["hx-get"]
        change(visitor, "hide", photo)
        news = visitor.page(watch, htmx=True).one("div", id="watch")
        assert news["data-withdrawn"] == str(photo)
        assert visitor.get(news["hx-get"], htmx=True).status_code == 204

    def test_are_also_photos_that_appear_after_one_that_was_finished_later(
        self, visitor: Visitor, finish: Finish, ledger: Ledger
    ) -> None:
        seen = finish()
        watch = visitor.page("/gallery").one("div", id="watch")["hx-get"]
        late = finish()
        ledger.ask("UPDATE job SET finalized_at = finalized_at - interval '2 seconds' WHERE id = :id", id=late)
        news = visitor.page(watch, htmx=True)
        assert shown(news) == [seen, late]
        assert visitor.get(news.one("div", id="watch")["hx-get"], htmx=True).status_code == 204

    def test_a_page_that_knows_all_gets_a_new_address_now_and_then(
        self, visitor: Visitor, finish: Finish, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        finish()
        watch = visitor.page("/gallery").one("div", id="watch")["hx-get"]
        monkeypatch.setattr("app.web.arrivals.time.time", lambda now=time.time: now() + 61)
        renewed = visitor.page(watch, htmx=True).one("div", id="watch")
        assert "data-announce" not in renewed.attributes
        assert visitor.get(renewed["hx-get"], htmx=True).status_code == 204

    @pytest.mark.parametrize(("there", "back"), [("hide", "show"), ("delete", "restore")])
    def test_bring_back_what_was_taken_out_of_sight_by_mistake(
        self, visitor: Visitor, finish: Finish, ledger: Ledger, there: str, back: str
    ) -> None:
        photo, newest = finish(), finish()
        ledger.ask("UPDATE job SET finalized_at = finalized_at - interval '1 hour' WHERE id = :id", id=photo)
        change(visitor, there, photo)
        watch = visitor.page("/gallery").one("div", id="watch")["hx-get"]
        change(visitor, back, photo)
        news = visitor.page(watch, htmx=True)
        assert shown(news) == [newest, photo]
        assert "data-announce" not in news.one("div", id="watch").attributes, "it is not new"
        assert visitor.get(news.one("div", id="watch")["hx-get"], htmx=True).status_code == 204

    def test_when_more_was_withdrawn_than_can_be_told_the_page_loads_anew(
        self, visitor: Visitor, finish: Finish, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        photos = [finish(), finish()]
        watch = visitor.page("/gallery").one("div", id="watch")["hx-get"]
        change(visitor, "hide", *photos)
        monkeypatch.setattr("app.services.gallery.SELECTION_MAX", 1)
        answer = visitor.get(watch, htmx=True)
        assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")

    def test_are_only_those_that_the_filters_let_through(self, visitor: Visitor, finish: Finish) -> None:
        watch = visitor.page("/gallery?slot=slot-002").one("div", id="watch")["hx-get"]
        finish("slot-001")
        photo = finish("slot-002")
        assert shown(visitor.page(watch, htmx=True)) == [photo]

    def test_do_not_come_among_hidden_photos(self, visitor: Visitor) -> None:
        assert visitor.page("/gallery?state=hidden").all("div", id="watch") == []
