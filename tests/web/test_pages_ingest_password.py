"""Changing the booths' password on the settings page, while booths are at work."""

import io

import pytest

from app.wiring import Wiring
from tests import pictures
from tests.support import databases
from tests.support.installation import INGEST_PASSWORD
from tests.web.visitor import Element, Page, Visitor

PATH = "/settings/ingest-password"
NEW = "новый пароль"


@pytest.fixture
def fields(visitor: Visitor) -> dict[str, str]:
    return visitor.page("/settings").fields("ingest-password-form")


def card(visitor: Visitor) -> Element:
    return visitor.page("/settings").one("section", id="ingest-password")


def booth_may_enter(visitor: Visitor, password: str) -> bool:
    """Whether a shot is taken; nobody works on it here, so that its window of half a second ends in 504."""
    shot = {"password": password, "fileToUpload": (io.BytesIO(pictures.jpeg(64, 48)), "IMG_0003.JPG")}
    status = visitor.client.post("/ingest/slot-003", data=shot).status_code
    assert status in (401, 504)
    return status == 504


def test_blank_leaves_it_as_it_is(visitor: Visitor, wiring: Wiring, fields: dict[str, str]) -> None:
    before = wiring.services().settings.read()
    assert visitor.post(PATH, fields).location == "/settings#ingest-password"
    assert wiring.services().settings.read() == before


def test_a_new_one_counts_at_once_and_the_old_one_for_a_day(visitor: Visitor, fields: dict[str, str]) -> None:
    answer = visitor.post(PATH, {**fields, "ingest_password": NEW}, htmx=True)
    assert NEW not in answer.text
    assert "Старый пароль пока принимается: осталось 23 ч" in Page(answer.text).one(id="ingest-password").text
    assert "С тех пор ни одна будка его не присылала." in answer.text
    assert booth_may_enter(visitor, NEW)
    assert booth_may_enter(visitor, INGEST_PASSWORD)
    assert "slot-003 (127.0.0.1)" in card(visitor).text


def test_the_old_one_can_be_ended_at_once(visitor: Visitor, fields: dict[str, str]) -> None:
    visitor.post(PATH, {**fields, "ingest_password": NEW, "ingest_password_grace_hours": "168"})
    assert "6 дн" in card(visitor).text or "167 ч" in card(visitor).text
    ended = visitor.post(f"{PATH}/end", {}, htmx=True)
    assert "Старый пароль пока принимается" not in ended.text
    assert not booth_may_enter(visitor, INGEST_PASSWORD)
    assert booth_may_enter(visitor, NEW)


def test_without_grace_the_old_one_is_gone(visitor: Visitor, fields: dict[str, str]) -> None:
    visitor.post(PATH, {**fields, "ingest_password": NEW, "ingest_password_grace_hours": "0"})
    assert "Старый пароль" not in card(visitor).text.replace("Старый пароль вместе с ним", "")
    assert not booth_may_enter(visitor, INGEST_PASSWORD)


def test_removing_it_takes_a_button_of_its_own(visitor: Visitor) -> None:
    removed = visitor.post(f"{PATH}/remove", {}, htmx=True)
    assert "Удалил serg" in removed.text
    assert "Будки ничего не могут прислать." in removed.text
    assert not booth_may_enter(visitor, INGEST_PASSWORD)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("ingest_password", "abc", "Слишком короткий: нужно не меньше 4 знаков."),
        ("ingest_password_grace_hours", "9999", "Нужно число от 0 до 168."),
    ],
)
def test_problems_stand_beside_their_fields(
    visitor: Visitor, fields: dict[str, str], name: str, value: str, sentence: str
) -> None:
    for htmx in (True, False):
        answer = visitor.post(PATH, {**fields, "ingest_password": NEW, name: value}, htmx=htmx)
        assert answer.status_code == 422
        assert Page(answer.text).one(id=f"{name}-problem").text == sentence
        assert NEW not in answer.text
    assert booth_may_enter(visitor, INGEST_PASSWORD)


def test_who_comes_second_does_not_replace_a_password_they_never_saw(
    visitor: Visitor, wiring: Wiring, fields: dict[str, str]
) -> None:
    wiring.services().settings.change({"ingest_password": "igor-was-here"}, "igor")
    answer = visitor.post(PATH, {**fields, "ingest_password": NEW}, htmx=True)
    assert answer.status_code == 409
    assert "igor тем временем сменил пароль." in Page(answer.text).one(id="ingest_password-problem").text
    assert not booth_may_enter(visitor, NEW)
    again = Page(answer.text).fields("ingest-password-form")
    assert visitor.post(PATH, {**again, "ingest_password": NEW}).status_code == 303
    assert booth_may_enter(visitor, NEW)


def test_what_was_set_before_anybody_came_says_so(visitor: Visitor, wiring: Wiring) -> None:
    assert "Задано при первом запуске" in card(visitor).text
    databases.execute(wiring.settings.database_url, "DELETE FROM app_settings")
    assert "Не задан: будки пока ничего не могут прислать." in card(visitor).text
