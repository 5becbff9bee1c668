"""The gallery's pages as the server writes them: what is on them, where they lead, and what they change."""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from app.domain.job import Source
from app.domain.photo import SELECTION_MAX
from app.wiring import Wiring
from tests import pictures
from tests.factories import new_job
from tests.support.booths import of_computer
from tests.support.ledger import Ledger
from tests.web.playing_the_worker import finished, succeed, take
from tests.web.visitor import Page, Visitor

JPEG = pictures.jpeg(64, 48)

Finish = Callable[..., UUID]


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client).log_in()


@pytest.fixture
def finish(wiring: Wiring) -> Finish:
    """Lets a booth's photo be finished."""

    def one(slot_id: str = "slot-001") -> UUID:
        return finished(wiring, JPEG, slot_id=slot_id)

    return one


def shown(page: Page) -> list[UUID]:
    return [UUID(tile["data-photo"]) for tile in page.all("li") if tile.get("data-photo")]


def change(visitor: Visitor, action: str, *ids: UUID, htmx: bool = True, **more: str) -> Page:
    fields = {"action": action, "ids": [str(photo_id) for photo_id in ids], **more}
    answer = visitor.post("/gallery/selection", fields, htmx=htmx)
    assert answer.status_code == 200, answer.text
    return Page(answer.text)


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
        change(visitor, "show", photo)
        assert visitor.page(news["hx-get"], htmx=True).one("div", id="watch")["data-withdrawn"] == ""

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

    def test_when_more_was_withdrawn_than_can_be_told_the_page_loads_anew(
        self, visitor: Visitor, finish: Finish, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.web.pages.gallery.listing.SELECTION_MAX", 1)
        photos = [finish(), finish()]
        watch = visitor.page("/gallery").one("div", id="watch")["hx-get"]
        change(visitor, "hide", *photos)
        answer = visitor.get(watch, htmx=True)
        assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")

    def test_are_only_those_that_the_filters_let_through(self, visitor: Visitor, finish: Finish) -> None:
        watch = visitor.page("/gallery?slot=slot-002").one("div", id="watch")["hx-get"]
        finish("slot-001")
        photo = finish("slot-002")
        assert shown(visitor.page(watch, htmx=True)) == [photo]

    def test_do_not_come_among_hidden_photos(self, visitor: Visitor) -> None:
        assert visitor.page("/gallery?state=hidden").all("div", id="watch") == []


class TestChanges:
    @pytest.mark.parametrize(
        ("action", "undo", "state"),
        [("hide", "show", "hidden"), ("delete", "restore", "deleted")],
    )
    def test_take_photos_from_guests_and_bring_them_back(
        self, visitor: Visitor, finish: Finish, action: str, undo: str, state: str
    ) -> None:
        photo = finish()
        done = change(visitor, action, photo, state="visible")
        assert done.one("div", data_effect="gone")["data-changed"] == str(photo)
        assert shown(visitor.page("/gallery")) == []
        assert visitor.get(f"/public/results/{photo}").status_code == 410
        hidden = visitor.page(f"/gallery?state={state}")
        assert shown(hidden) == [photo]
        picture = next(image["src"] for image in hidden.all("img") if image.get("class") == "picture")
        assert visitor.get(picture).mimetype == "image/webp", "administrators see it"
        assert done.one("button", id="undo")["value"] == undo
        assert change(visitor, undo, photo, state="visible").one("div", data_effect="back")
        assert shown(visitor.page("/gallery")) == [photo]

    @pytest.mark.parametrize(
        ("action", "state", "effect"),
        [
            ("show", "hidden", "gone"),
            ("delete", "hidden", "gone"),
            ("restore", "deleted", "gone"),
            ("hide", "hidden", "back"),
        ],
    )
    def test_take_from_a_page_what_does_not_belong_there_any_more(
        self, visitor: Visitor, finish: Finish, action: str, state: str, effect: str
    ) -> None:
        photo = finish()
        before = {"hidden": "hide", "deleted": "delete"}[state]
        if action != before:
            change(visitor, before, photo)
        assert change(visitor, action, photo, state=state).one("div", data_effect=effect)

    def test_mark_what_stays_longer(self, visitor: Visitor, finish: Finish) -> None:
        photo = finish()
        assert change(visitor, "keep", photo).one("div", data_effect="kept")
        [tile] = [tile for tile in visitor.page("/gallery").all("li") if tile.get("data-photo") == str(photo)]
        assert "kept" in (tile["class"] or "").split()
        assert change(visitor, "release", photo).one("div", data_effect="released")

    def test_say_when_nothing_has_changed(self, visitor: Visitor, finish: Finish) -> None:
        done = change(visitor, "restore", finish(), uuid4())
        assert "Ничего не изменилось" in done.text
        assert done.all("button", id="undo") == []

    def test_are_told_apart_on_phones_which_show_their_icons_alone(self, visitor: Visitor, finish: Finish) -> None:
        finish()
        bar = visitor.page("/gallery").one("div", id="bar")
        icons = [part["href"] for part in bar.inside if part.tag == "use"]
        assert len(icons) == len(set(icons))

    def test_of_one_kind_have_one_name(self, visitor: Visitor, finish: Finish) -> None:
        change(visitor, "hide", photo := finish())
        shows = visitor.page("/gallery?state=hidden").one("button", id="bar-show")
        assert visitor.page(f"/gallery/photos/{photo}").one("button", id="show").text == shows.text.strip()

    def test_say_when_nothing_was_selected(self, visitor: Visitor, finish: Finish) -> None:
        """Without scripts the bar is always there."""
        finish()
        assert "Вы ничего не выбрали." in change(visitor, "hide", htmx=False).text
        answer = visitor.post("/gallery/archive", {"back": "/gallery?slot=slot-001"})
        assert (answer.status_code, answer.location) == (303, "/gallery?slot=slot-001")
        assert "Вы ничего не выбрали." in visitor.page("/gallery").text

    def test_count_in_russian(self, visitor: Visitor, finish: Finish) -> None:
        assert "2 фотографии скрыты от гостей." in change(visitor, "hide", finish(), finish()).text

    def test_without_scripts_answer_with_a_page_that_leads_back(self, visitor: Visitor, finish: Finish) -> None:
        photo = finish()
        page = change(visitor, "delete", photo, htmx=False, back="/gallery?slot=slot-001")
        assert "Вернуть можно в течение 10 минут" in page.text
        assert page.one("a", class_="back")["href"] == "/gallery?slot=slot-001"

    def test_lead_nowhere_else(self, visitor: Visitor, finish: Finish) -> None:
        page = change(visitor, "hide", finish(), htmx=False, back="https://elsewhere.example/")
        assert page.one("a", class_="back")["href"] == "/"

    def test_are_written_down(self, visitor: Visitor, finish: Finish, wiring: Wiring) -> None:
        change(visitor, "hide", photo := finish())
        changes, _ = wiring.services().audit.search(page=1, page_size=10)
        assert (changes[0].action, changes[0].username, changes[0].subject) == ("photo.hidden", "serg", "slot-001")
        assert changes[0].detail["ids"] == [str(photo)]

    def test_of_too_many_are_refused_in_words(self, visitor: Visitor) -> None:
        fields = {"action": "hide", "ids": [str(uuid4()) for _ in range(SELECTION_MAX + 1)]}
        data = {**fields, "csrf_token": visitor.token}
        answer = visitor.client.post("/gallery/selection", data=data, headers={"HX-Request": "true"})
        assert answer.status_code == 422
        assert "Не больше 1000 фото за раз." in answer.text

    @pytest.mark.parametrize("fields", [{"action": "burn"}, {}, {"action": "hide", "ids": "all"}])
    def test_of_another_kind_are_refused(self, visitor: Visitor, fields: dict[str, str]) -> None:
        assert visitor.post("/gallery/selection", fields).status_code == 400

    def test_need_the_token_of_the_page(self, visitor: Visitor, finish: Finish) -> None:
        photo = finish()
        visitor.token = "forged"
        assert visitor.post("/gallery/selection", {"action": "delete", "ids": str(photo)}).status_code == 400
        assert shown(visitor.page("/gallery")) == [photo]


def test_the_summary_is_left_alone_until_something_changes(visitor: Visitor, finish: Finish) -> None:
    photo = finish()
    address = visitor.page("/gallery").one("div", id="summary")["hx-get"]
    assert visitor.get(address, htmx=True).status_code == 204
    change(visitor, "hide", photo)
    assert visitor.page(address, htmx=True).one("a", id="tab-hidden").text.split() == ["Скрыто", "1"]
