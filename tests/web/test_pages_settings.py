"""The settings page: nothing secret is shown, nothing is changed by accident, and cleaning up tells what it did."""

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.wiring import Wiring
from tests import pictures
from tests.support import databases
from tests.support.installation import INGEST_PASSWORD
from tests.web.playing_the_worker import finished
from tests.web.visitor import Page, Visitor

PATH = "/settings"


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client).log_in()


@pytest.fixture
def fields(visitor: Visitor) -> dict[str, str]:
    return visitor.page(PATH).fields("settings-form")


def booth_may_enter(visitor: Visitor, password: str) -> bool:
    """Whether a shot is taken; nobody works on it here, so that its window of half a second ends in 504."""
    shot = {"password": password, "fileToUpload": (io.BytesIO(pictures.jpeg(64, 48)), "IMG_0003.JPG")}
    status = visitor.client.post("/ingest/slot-001", data=shot).status_code
    assert status in (401, 504)
    return status == 504


def test_shows_the_values_and_never_the_password(visitor: Visitor) -> None:
    page = visitor.page(PATH)
    shown = page.fields("settings-form")
    assert (shown["sync_response_seconds"], shown["result_retention_hours"]) == ("48", "72")
    assert shown["ingest_password"] == ""
    assert INGEST_PASSWORD not in page.html
    assert "$argon2" not in page.html
    assert "Задан и нигде не показывается." in page.html


def test_an_untouched_form_changes_nothing(visitor: Visitor, wiring: Wiring, fields: dict[str, str]) -> None:
    before = wiring.services().settings.read()
    assert visitor.post(PATH, fields).location == PATH
    assert wiring.services().settings.read() == before
    assert booth_may_enter(visitor, INGEST_PASSWORD)


def test_each_value_remembers_who_changed_it(
    app: Flask, visitor: Visitor, wiring: Wiring, fields: dict[str, str]
) -> None:
    visitor.post(PATH, {**fields, "sync_response_seconds": "55"})
    igor = Visitor(app.test_client()).log_in("igor", "igor-secret-1")
    page = igor.page(PATH)
    igor.post(PATH, {**page.fields("settings-form"), "result_retention_hours": "96"})
    settings = wiring.services().settings.read()
    assert (settings["sync_response_seconds"].value, settings["sync_response_seconds"].updated_by) == (55, "serg")
    assert (settings["result_retention_hours"].value, settings["result_retention_hours"].updated_by) == (96, "igor")
    hints = [e.text for e in visitor.page(PATH).all("p") if "Изменил" in e.text]
    assert [hint.split(",")[0] for hint in hints] == ["Изменил serg", "Изменил igor"]


def test_a_new_password_counts_at_once(visitor: Visitor, fields: dict[str, str]) -> None:
    answer = visitor.post(PATH, {**fields, "ingest_password": "новый пароль"}, htmx=True)
    assert "новый пароль" not in answer.text
    assert booth_may_enter(visitor, "новый пароль")
    assert not booth_may_enter(visitor, INGEST_PASSWORD)


def test_lifetimes_that_follow_from_the_window_stand_beside_it(visitor: Visitor) -> None:
    outputs = visitor.page(PATH).all("output")
    assert [(e["data-plus"], e.text) for e in outputs] == [("0", "48"), ("5", "53")]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("sync_response_seconds", "44", "Нужно число от 45 до 60."),
        ("sync_response_seconds", "", "Нужно число от 45 до 60."),
        ("sync_response_seconds", "48.5", "Нужно число от 45 до 60."),
        ("result_retention_hours", "169", "Нужно число от 24 до 168."),
        ("ingest_password", "abc", "От 4 до 128 обычных знаков."),
    ],
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


def test_nothing_is_saved_when_one_value_is_wrong(
    visitor: Visitor, wiring: Wiring, fields: dict[str, str]
) -> None:
    visitor.post(PATH, {**fields, "sync_response_seconds": "50", "result_retention_hours": "1"})
    assert wiring.services().settings.read()["sync_response_seconds"].value == 48


@pytest.mark.parametrize("environment", [{"SYNC_RESPONSE_SECONDS": "3"}])
def test_an_override_by_the_environment_is_admitted(visitor: Visitor) -> None:
    assert "SYNC_RESPONSE_SECONDS: 3.0 с" in visitor.page(PATH).html


class TestCleaningUp:
    def test_polls_until_it_can_say_what_was_deleted(self, visitor: Visitor, wiring: Wiring) -> None:
        finished(wiring, pictures.jpeg())
        databases.execute(wiring.settings.database_url, "UPDATE job SET result_expires_at = now()")
        waiting = Page(visitor.post(f"{PATH}/purges", {}, htmx=True).text).one(id="purge")
        assert waiting["hx-trigger"] == "every 1s"
        assert "Ждём процесс очистки" in waiting.text
        assert wiring.retention.run_requested()
        done = visitor.page(waiting["hx-get"], htmx=True).one(id="purge")
        assert "hx-get" not in done.attributes
        assert "КБ" in done.text
        assert next(e.text for e in done.inside if e.tag == "dd") == "1"

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
