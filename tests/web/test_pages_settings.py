"""The settings page: nothing is changed by accident, nobody's work is undone, and cleaning up tells what it did."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from app.wiring import Wiring
from tests import pictures
from tests.support import databases
from tests.support.installation import INGEST_PASSWORD
from tests.web.playing_the_worker import finished
from tests.web.statements import counted
from tests.web.visitor import Page, Visitor

PATH = "/settings"


@pytest.fixture
def fields(visitor: Visitor) -> dict[str, str]:
    return visitor.page(PATH).fields("settings-form")


def test_shows_the_values_and_never_a_password(visitor: Visitor) -> None:
    page = visitor.page(PATH)
    shown = page.fields("settings-form")
    assert (shown["sync_response_seconds"], shown["result_retention_hours"]) == ("48", "72")
    assert shown["time_zone"] == "Europe/Moscow"
    assert page.fields("ingest-password-form")["ingest_password"] == ""
    assert INGEST_PASSWORD not in page.html
    assert "$argon2" not in page.html


def test_an_untouched_form_changes_nothing(visitor: Visitor, wiring: Wiring, fields: dict[str, str]) -> None:
    before = wiring.services().settings.read()
    assert visitor.post(PATH, fields).location == PATH
    assert wiring.services().settings.read() == before


def test_each_value_remembers_who_changed_it(
    app: Flask, visitor: Visitor, wiring: Wiring, fields: dict[str, str]
) -> None:
    visitor.post(PATH, {**fields, "sync_response_seconds": "55"})
    igor = Visitor(app.test_client()).log_in("igor", "igor-secret-1")
    igor.post(PATH, {**igor.page(PATH).fields("settings-form"), "time_zone": "Asia/Omsk"})
    settings = wiring.services().settings.read()
    assert (settings["sync_response_seconds"].value, settings["sync_response_seconds"].updated_by) == (55, "serg")
    assert (settings["time_zone"].value, settings["time_zone"].updated_by) == ("Asia/Omsk", "igor")
    hints = [e.text for e in visitor.page(PATH).all("p") if "Изменил" in e.text]
    assert [hint.split(",")[0] for hint in hints] == ["Изменил serg", "Изменил igor"]


def test_how_long_photos_are_kept_counts_for_later_ones_only(
    visitor: Visitor, wiring: Wiring, fields: dict[str, str]
) -> None:
    """And the page says so beside the field."""
    gallery = wiring.services().gallery
    earlier = gallery.find(finished(wiring, pictures.jpeg()))
    page = visitor.page(PATH)
    assert "у готовых срок прежний" in page.one(id="result_retention_hours-hint").text
    visitor.post(PATH, {**fields, "result_retention_hours": "96"})
    later = gallery.find(finished(wiring, pictures.jpeg()))
    assert gallery.find(earlier.id).expires_at == earlier.expires_at
    assert later.expires_at - later.finalized_at == timedelta(hours=96)


class TestTwoWhoEditAtOnce:
    """`fields` is what serg's page shows while igor changes something."""

    @pytest.fixture(autouse=True)
    def igor_was_here(self, fields: dict[str, str], wiring: Wiring) -> None:
        wiring.services().settings.change({"sync_response_seconds": 55}, "igor")

    def test_an_edit_of_another_field_undoes_nothing(
        self, visitor: Visitor, wiring: Wiring, fields: dict[str, str]
    ) -> None:
        assert visitor.post(PATH, {**fields, "result_retention_hours": "96"}).status_code == 303
        settings = wiring.services().settings.read()
        assert (settings["sync_response_seconds"].value, settings["result_retention_hours"].value) == (55, 96)

    def test_an_edit_of_the_same_field_says_who_was_first_and_what_they_did(
        self, visitor: Visitor, wiring: Wiring, fields: dict[str, str]
    ) -> None:
        answer = visitor.post(PATH, {**fields, "sync_response_seconds": "50"}, htmx=True)
        page = Page(answer.text)
        assert answer.status_code == 409
        sentence = page.one(id="sync_response_seconds-problem").text
        assert sentence == "igor тем временем поставил здесь 55. Сохраните ещё раз, чтобы осталось ваше."
        assert page.one("input", id="sync_response_seconds")["value"] == "50"
        assert wiring.services().settings.read()["sync_response_seconds"].value == 55

    def test_saving_once_more_puts_ones_own_in_its_place(
        self, visitor: Visitor, wiring: Wiring, fields: dict[str, str]
    ) -> None:
        refused = Page(visitor.post(PATH, {**fields, "sync_response_seconds": "50"}).text)
        assert visitor.post(PATH, refused.fields("settings-form")).status_code == 303
        assert wiring.services().settings.read()["sync_response_seconds"].value == 50

    def test_two_of_one_mind_do_not_get_in_each_others_way(
        self, visitor: Visitor, wiring: Wiring, fields: dict[str, str]
    ) -> None:
        assert visitor.post(PATH, {**fields, "sync_response_seconds": "55"}).status_code == 303
        assert wiring.services().settings.read()["sync_response_seconds"].updated_by == "igor"


def test_lifetimes_that_follow_from_the_window_stand_beside_it(visitor: Visitor) -> None:
    outputs = visitor.page(PATH).all("output")
    assert [(e["data-plus"], e.text) for e in outputs] == [("0", "48"), ("5", "53")]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("sync_response_seconds", "44", "Нужно число от 45 до 60."),
        ("sync_response_seconds", "", "Нужно число от 45 до 60."),
        ("result_retention_hours", "169.5", "Нужно число от 24 до 168."),
        ("time_zone", "Москва", "Выберите из списка, например Europe/Moscow."),
    ],
    ids=["too-short", "empty", "too-long", "unknown-zone"],
)
def test_problems_stand_beside_their_fields(
    visitor: Visitor, wiring: Wiring, fields: dict[str, str], name: str, value: str, sentence: str
) -> None:
    before = wiring.services().settings.read()
    for htmx in (True, False):
        answer = visitor.post(PATH, {**fields, name: value}, htmx=htmx)
        page = Page(answer.text)
        assert answer.status_code == 422
        assert page.one(id=f"{name}-problem").text == sentence
        assert [e["id"] for e in page.elements if "autofocus" in e.attributes] == [name]
    assert wiring.services().settings.read() == before


def test_nothing_is_saved_when_one_value_is_wrong(visitor: Visitor, wiring: Wiring, fields: dict[str, str]) -> None:
    visitor.post(PATH, {**fields, "sync_response_seconds": "50", "result_retention_hours": "1"})
    assert wiring.services().settings.read()["sync_response_seconds"].value == 48


class TestTheClock:
    @pytest.mark.parametrize(
        ("zone", "text", "title"),
        [
            ("Europe/Moscow", "20 нояб. 2025, 19:05", "20 ноября 2025, 19:05:07"),
            ("Asia/Vladivostok", "21 нояб. 2025, 02:05", "21 ноября 2025, 02:05:07"),
        ],
    )
    def test_times_are_those_of_the_house(
        self, visitor: Visitor, wiring: Wiring, zone: str, text: str, title: str
    ) -> None:
        wiring.services().settings.change({"time_zone": zone, "result_retention_hours": 96}, "serg")
        databases.execute(wiring.settings.database_url, "UPDATE app_settings SET updated_at = '2025-11-20 16:05:07Z'")
        assert (text, title) in {(e.text, e["title"]) for e in visitor.page(PATH).all("time")}

    def test_a_time_of_this_year_goes_without_the_year(self, visitor: Visitor, wiring: Wiring) -> None:
        wiring.services().settings.change({"result_retention_hours": 96}, "serg")
        changed = wiring.services().settings.read()["result_retention_hours"].updated_at
        assert changed is not None
        [shown] = visitor.page(PATH).all("time", datetime=changed.isoformat())
        assert not re.search(r"\d{4}", shown.text)
        assert re.search(r"\d{4}", shown["title"] or "")

    def test_the_zone_is_asked_for_once_however_many_times_are_shown(self, visitor: Visitor, wiring: Wiring) -> None:
        def questions() -> int:
            with counted() as statements:
                visitor.page(PATH)
            return len(statements)

        visitor.page(PATH)
        few = questions()
        wiring.services().settings.change({"sync_response_seconds": 55, "result_retention_hours": 96}, "serg")
        assert questions() == few

    def test_a_zone_can_be_picked_from_a_list(self, visitor: Visitor) -> None:
        page = visitor.page(PATH)
        assert page.one("input", id="time_zone")["list"] == page.one("datalist")["id"]
        offered = [option.text for option in page.one("datalist").inside]
        assert {"Europe/Moscow", "Asia/Yekaterinburg", "UTC"} <= set(offered)
        assert all(re.fullmatch(r"[\w/+-]+", zone or "") for zone in offered)


@pytest.mark.parametrize("environment", [{"SYNC_RESPONSE_SECONDS": "3"}])
def test_an_override_by_the_environment_is_admitted(visitor: Visitor) -> None:
    assert "SYNC_RESPONSE_SECONDS: 3.0 с" in visitor.page(PATH).html


class TestCleaningUp:
    def test_polls_until_it_can_say_what_was_deleted(self, visitor: Visitor, wiring: Wiring) -> None:
        finished(wiring, pictures.jpeg())
        databases.execute(wiring.settings.database_url, "UPDATE job SET result_expires_at = now()")
        waiting = Page(visitor.post(f"{PATH}/purges", {}, htmx=True).text).one(id="purge")
        assert (waiting["hx-trigger"], waiting["data-refresh"]) == ("refresh", "1")
        assert "Ждём процесс очистки" in waiting.text
        assert wiring.retention.run_requested()
        done = visitor.page(waiting["hx-get"], htmx=True).one(id="purge")
        assert not {"hx-get", "data-refresh"} & done.attributes.keys()
        assert "КБ" in done.text
        assert next(e.text for e in done.inside if e.tag == "dd") == "1"
        assert "не удалось" not in done.text

    def test_says_what_could_not_be_deleted(self, visitor: Visitor, wiring: Wiring) -> None:
        waiting = Page(visitor.post(f"{PATH}/purges", {}, htmx=True).text).one(id="purge")
        assert wiring.retention.run_requested()
        resisting = "UPDATE purge_run SET counts = jsonb_set(counts, ARRAY['undeleted'], '2')"
        databases.execute(wiring.settings.database_url, resisting)
        done = visitor.page(waiting["hx-get"], htmx=True).one(id="purge")
        assert "2 файла не удалось удалить" in done.text

    def test_works_without_scripts(self, visitor: Visitor, wiring: Wiring) -> None:
        answer = visitor.post(f"{PATH}/purges", {})
        assert answer.status_code == 303
        assert "Ждём процесс очистки" in visitor.page(answer.location).one(id="purge").text
        assert wiring.retention.run_requested()
        assert "Удалено 0 файлов" in visitor.page(answer.location).one(id="purge").text

    @pytest.mark.parametrize("purge_id", ["99999", "9" * 30, "x", ""])
    def test_a_purge_that_never_was_is_no_error(self, visitor: Visitor, purge_id: str) -> None:
        assert visitor.get(f"{PATH}?purge={purge_id}").status_code == 200

    @pytest.mark.parametrize("purge_id", ["99999", "9" * 30])
    def test_its_fragment_is_not_found(self, visitor: Visitor, purge_id: str) -> None:
        assert visitor.get(f"{PATH}/purges/{purge_id}").status_code == 404
