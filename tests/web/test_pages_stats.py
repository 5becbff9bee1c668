"""The page of statistics: what it asks the counters, what it leads to, and what it costs."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from app.domain.job import Attempt, Failure, FailureReason, Source
from app.wiring import Wiring
from tests import pictures
from tests.factories import new_job
from tests.support.booths import of_computer
from tests.web.playing_the_worker import finished, take
from tests.web.statements import counted
from tests.web.visitor import Element, Page, Visitor

TABLES = ("photos", "failures", "durations", "costs", "slots", "providers", "booths")
COST = Decimal("0.1")
CALLED = Attempt("gemini", "image_edit", 900, model="gemini-3-pro-image", fault="content_blocked", cost_usd=COST)


@pytest.fixture
def busy(wiring: Wiring) -> Wiring:
    """An evening: one good photo in the first slot, one blocked in the second, a test run, and a wrong password."""
    finished(wiring, pictures.jpeg(64, 48))
    failed(wiring, "slot-002", booth="=BOOTH")
    failed(wiring, "slot-001", source=Source.TEST)
    wiring.stores.request_log.refused("slot-003", "invalid_password", {"client": "10.0.0.1"})
    return wiring


def failed(wiring: Wiring, slot_id: str, *, booth: str = "", source: Source = Source.INGEST) -> None:
    fields = of_computer(booth, "7") if booth else {}
    wiring.stores.queue.enqueue(replace(new_job(slot_id=slot_id), source=source, booth_fields=fields))
    failure = Failure(FailureReason.PROVIDER_ERROR, {"code": "provider_error", "fault": "content_blocked"})
    wiring.stores.queue.finalize_failure(take(wiring), failure, [CALLED])


def sentence(page: Page) -> str:
    return page.one("p", class_="sentence").text


def figures(page: Page) -> list[str]:
    return [e.text for e in page.all("dd", class_="value")]


def cuts(pattern: Element) -> Iterator[str]:
    return (f"{e.tag} {e.attributes}" for e in pattern.inside if e.get("class") == "cut")


def file(visitor: Visitor, address: str) -> list[list[str]]:
    answer = visitor.get(address)
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";"))


class TestThePage:
    def test_first_says_whether_all_is_well(self, visitor: Visitor, busy: Wiring) -> None:
        page = visitor.page("/stats")
        assert sentence(page).startswith("Есть неполадки: 50\xa0% удачно, за последние 24 часа")
        assert figures(page)[:2] == ["2", "50\xa0%"]
        assert "1 неудача, 1 отказ" in [e.text for e in page.all("dd")]

    def test_counts_what_its_address_asks_for(self, visitor: Visitor, busy: Wiring) -> None:
        asked = ("", "?slot=slot-002", "?slot=slot-009", "?provider=gemini", "?tests=1")
        found = [figures(visitor.page(f"/stats{query}"))[:1] for query in asked]
        assert found == [["2"], ["1"], [], ["нет"], ["3"]]

    def test_a_booth_leaves_out_what_is_not_known_of_it(self, visitor: Visitor, busy: Wiring) -> None:
        page = visitor.page("/stats?booth=%3DBOOTH+%C2%B7+7")
        assert figures(page)[0] == "1"
        assert "Расходы" not in page.text
        assert page.one(id="no-booth")["href"] == "/stats?period=24h"

    def test_without_photos_says_so_and_shows_no_zeros(self, visitor: Visitor) -> None:
        page = visitor.page("/stats")
        assert sentence(page) == "Снимков за последние 24 часа не было."
        assert "0 %" not in page.text.replace("\xa0", " ")
        assert not page.all(role="img")
        assert page.one(id="further-back")["href"] == "/stats?period=30d"

    def test_a_mistyped_address_is_the_usual_one(self, visitor: Visitor) -> None:
        page = visitor.page("/stats?period=99y&booth=%00&slot=&tests=yes")
        assert page.one(id="period-24h").get("aria-current") == "true"

    def test_a_slot_that_never_was_has_no_page(self, visitor: Visitor) -> None:
        assert visitor.get("/stats?slot=slot-099").status_code == 404

    def test_needs_a_login(self, client: FlaskClient) -> None:
        assert client.get("/stats?period=7d").headers["Location"] == "/login?next=/stats?period%3D7d"

    def test_script_in_the_name_of_a_booth_is_only_text(self, visitor: Visitor, wiring: Wiring) -> None:
        name = "<script>alert(1)</script>"
        failed(wiring, "slot-001", booth=name)
        page = visitor.page("/stats")
        assert page.one(id="booths-1").text == f"{name} · 7"
        assert len(page.all("script")) == 2


class TestItsLinks:
    def test_keep_every_other_choice(self, visitor: Visitor, busy: Wiring) -> None:
        page = visitor.page("/stats?period=7d&slot=slot-002&provider=local&tests=1")
        week = {"period": ["7d"], "slot": ["slot-002"], "provider": ["local"], "tests": ["1"]}
        assert parse_qs(urlsplit(page.one(id="period-30d")["href"]).query) == {**week, "period": ["30d"]}
        assert parse_qs(urlsplit(page.one(id="file-photos")["href"]).query) == week
        assert page.fields("stats-form") == {name: value for name, [value] in week.items()}

    def test_of_a_row_leave_that_alone(self, visitor: Visitor, busy: Wiring) -> None:
        page = visitor.page("/stats?period=7d")
        assert page.one(id="slots-2")["href"] == "/stats?period=7d&slot=slot-002"
        assert page.one(id="providers-1")["href"] == "/stats?period=7d&provider=gemini"
        assert page.one(id="booths-2")["href"].endswith("&booth=%3DBOOTH+%C2%B7+7")

    def test_of_a_failure_lead_to_the_log(self, visitor: Visitor, busy: Wiring) -> None:
        link = urlsplit(visitor.page("/stats?slot=slot-002").one(id="failures-1")["href"])
        assert link.path == "/jobs"
        assert parse_qs(link.query).items() >= {"reason": ["content_blocked"], "slot": ["slot-002"]}.items()
        assert visitor.get(link.geturl()).status_code == 200

    def test_work_with_htmx_by_drawing_what_changes(self, visitor: Visitor, busy: Wiring) -> None:
        link = visitor.page("/stats").one(id="period-7d")
        answer = visitor.get(link["href"], htmx=True)
        page = Page(answer.text)
        assert answer.headers["HX-Push-Url"] == link["href"]
        assert (page.elements[0]["id"], page.elements[0]["id"]) == (link["hx-target"].lstrip("#"), "stats")
        assert page.one(id="stats")["data-announce"].startswith("Есть неполадки: 50\xa0% удачно, за последние 7 дней")

    def test_going_back_brings_the_whole_page(self, visitor: Visitor) -> None:
        answer = visitor.get("/stats", htmx=True, **{"HX-History-Restore-Request": "true"})
        assert Page(answer.text).one("h1").text == "Статистика"


class TestItsRefresh:
    def test_leaves_alone_what_has_not_changed(self, visitor: Visitor, busy: Wiring) -> None:
        part = visitor.page("/stats?period=7d").one(id="figures")
        assert "period=7d&seen=" in part["hx-get"]
        answer = visitor.get(part["hx-get"], htmx=True, **{"HX-Target": "figures"})
        assert (answer.status_code, answer.text) == (204, "")

    def test_brings_the_figures_without_the_choices(self, visitor: Visitor, busy: Wiring) -> None:
        part = visitor.page("/stats").one(id="figures")
        finished(busy, pictures.jpeg(64, 48))
        page = visitor.page(part["hx-get"], htmx=True, **{"HX-Target": "figures"})
        assert page.elements[0]["id"] == "figures"
        assert figures(page)[0] == "3"
        assert not page.all("form")

    def test_finds_everything_that_can_have_the_focus_again(self, visitor: Visitor, busy: Wiring) -> None:
        part = visitor.page("/stats?slot=slot-002").one(id="figures")
        focusable = [e for e in part.inside if e.tag in ("a", "button", "summary", "select") or e.get("tabindex")]
        assert len(focusable) > 15
        assert all(e.get("id") for e in focusable)
        assert all(e.get("id") for e in part.inside if e.tag == "details")


class TestCharts:
    def test_are_told_in_words_and_as_tables(self, visitor: Visitor, busy: Wiring) -> None:
        page = visitor.page("/stats")
        charts = {e["id"]: e["aria-label"] for e in page.all("svg", role="img")}
        assert list(charts) == ["chart-photos", "chart-failures", "chart-durations", "chart-costs"]
        assert all(len(words) > 20 for words in charts.values())
        assert [caption.text for caption in page.all("caption")][:4] == [
            *("Снимки по времени", "Сбои по причинам", "Сколько ждали картинку", "Расходы по дням и провайдерам"),
        ]

    def test_have_the_window_marked(self, visitor: Visitor, busy: Wiring) -> None:
        assert "окно 500\xa0мс" in visitor.page("/stats").one(id="chart-durations").text

    def test_differ_in_pattern_as_well_as_in_colour(self, visitor: Visitor, busy: Wiring) -> None:
        page = visitor.page("/stats")
        used = {e["fill"].removeprefix("url(#").rstrip(")") for e in page.all("rect") if e.get("fill")}
        patterns = {e["id"]: (e.get("patterntransform"), *cuts(e)) for e in page.all("pattern")}
        assert used <= set(patterns)
        assert len(set(patterns.values())) >= 6

    def test_every_column_and_row_of_a_table_is_named(self, visitor: Visitor, busy: Wiring) -> None:
        assert {e.get("scope") for e in visitor.page("/stats").all("th")} == {"col", "row"}


class TestFiles:
    def test_each_table_is_a_file(self, visitor: Visitor, busy: Wiring) -> None:
        page = visitor.page("/stats")
        for name in TABLES:
            link = page.one(id=f"file-{name}")["href"]
            answer = visitor.get(link)
            assert answer.mimetype == "text/csv"
            assert answer.headers["Content-Disposition"] == f'attachment; filename="photochanger-{name}-24h.csv"'
            heading, *rows = file(visitor, link)
            assert rows, name
            assert {len(row) for row in rows} == {len(heading)}, name

    def test_holds_numbers_as_numbers_and_no_formulas(self, visitor: Visitor, busy: Wiring) -> None:
        heading, *rows = file(visitor, "/stats/booths.csv")
        assert heading == ["Будка", "Снимки", "Удачно, %", "95 из 100 за, с", "Не удалось"]
        assert rows[1] == ["'=BOOTH · 7", "1", "0,0", "", "1"]

    def test_has_the_same_filters_as_the_page(self, visitor: Visitor, busy: Wiring) -> None:
        assert [row[0] for row in file(visitor, "/stats/slots.csv?slot=slot-002")[1:]] == ["Слот 2"]
        assert "slot-002" in visitor.get("/stats/slots.csv?slot=slot-002").headers["Content-Disposition"]

    def test_is_in_the_readers_language(self, visitor: Visitor, busy: Wiring) -> None:
        english = visitor.get("/stats/providers.csv", **{"Accept-Language": "en"}).data.decode("utf-8-sig")
        assert english.splitlines() == [
            'Provider and model,Calls,"Successful, %","95 of 100 within, s",Failed,"Cost, USD"',
            "Gemini (Google) · gemini-3-pro-image,1,0.0,0.975,1,0.100000",
        ]

    def test_there_is_none_of_what_is_not_told(self, visitor: Visitor) -> None:
        for name in ("nothing", "costs"):
            assert visitor.get(f"/stats/{name}.csv?booth=somebody").status_code == 404


class TestReset:
    def test_a_slot_is_counted_anew(self, visitor: Visitor, busy: Wiring) -> None:
        page = visitor.page("/stats?slot=slot-002&period=7d")
        answer = visitor.post(page.one(id="reset-form")["action"], page.fields("reset-form"))
        assert (answer.status_code, answer.headers["Location"]) == (303, "/stats?period=7d&slot=slot-002")
        page = visitor.page(answer.headers["Location"])
        assert "Статистика этого слота начата заново." in page.text
        assert sentence(page) == "Снимков за последние 7 дней не было."
        assert "Считается с" in page.text
        assert figures(visitor.page("/stats"))[0] == "2"

    def test_is_asked_for_twice(self, visitor: Visitor, busy: Wiring) -> None:
        confirmation = visitor.page("/stats?slot=slot-002").one("details", id="reset")
        assert confirmation.get("open") is None
        assert [e.text for e in confirmation.inside if e.tag == "button"] == ["Да, обнулить"]

    def test_is_only_offered_for_one_slot(self, visitor: Visitor, busy: Wiring) -> None:
        assert not visitor.page("/stats").all(id="reset")

    def test_needs_the_token_of_the_page(self, visitor: Visitor, busy: Wiring) -> None:
        visitor.token = "forged"
        assert visitor.post("/stats/reset", {"slot": "slot-002"}).status_code == 400
        assert figures(visitor.page("/stats?slot=slot-002"))[0] == "1"


def test_costs_the_same_number_of_queries_whatever_happened(visitor: Visitor, wiring: Wiring) -> None:
    visitor.get("/stats?period=30d")  # what is over is read the first time only
    with counted() as before:
        visitor.get("/stats?period=30d")
    finished(wiring, pictures.jpeg(64, 48))
    for number in range(1, 6):
        failed(wiring, f"slot-{number:03d}", booth=f"booth {number}")
    with counted() as after:
        visitor.get("/stats?period=30d")
    assert len(before) == len(after)
    assert len(after) <= 12
