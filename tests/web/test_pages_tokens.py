"""Bearer tokens on the settings page: the secret is shown once and leaves no trace."""

import pytest

from app.wiring import Wiring
from tests.web.visitor import Page, Visitor

PATH = "/settings/tokens"
WANTED = {"name": "Ночная выгрузка", "scope": "read", "expires_in_days": "90"}


def listed(visitor: Visitor) -> list[str]:
    return [e.text for e in visitor.page("/settings").one(id="tokens").inside if e.tag == "strong"]


@pytest.mark.parametrize("htmx", [True, False])
def test_the_secret_is_shown_in_one_answer_only(visitor: Visitor, htmx: bool) -> None:
    answer = visitor.post(PATH, WANTED, htmx=htmx)
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    secret = Page(answer.text).one("code", id="token-secret").text
    assert Page(answer.text).one(id="copy-token")["data-copy"] == secret
    assert secret not in str(answer.headers)
    assert secret not in visitor.page("/settings").html
    assert visitor.client.get("/api/slots", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


def test_who_has_which_is_listed(visitor: Visitor, wiring: Wiring) -> None:
    visitor.post(PATH, WANTED)
    wiring.services().tokens.issue({"name": "Табло", "scope": "write", "expires_in_days": 1}, "igor")
    assert listed(visitor) == ["Табло", "Ночная выгрузка"]
    text = " ".join(visitor.page("/settings").one(id="tokens").text.split())
    assert "igor, выпущен" in text
    assert "ещё не использовался" in text
    assert "только чтение" in text


def test_without_any_the_form_is_open(visitor: Visitor) -> None:
    page = visitor.page("/settings")
    assert "open" in page.one("details", id="new-token").attributes
    assert page.fields("token-form")["scope"] == "read"


def test_a_token_is_revoked_with_a_button(visitor: Visitor, wiring: Wiring) -> None:
    _, token = wiring.services().tokens.issue({**WANTED, "expires_in_days": 1}, "igor")
    answer = visitor.post(f"{PATH}/{token.id}/revoke", {}, htmx=True)
    assert "Ночная выгрузка" not in answer.text
    assert visitor.post(f"{PATH}/{token.id}/revoke", {}).status_code == 404
    assert listed(visitor) == []


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("name", "  ", "Введите название."),
        ("expires_in_days", "367", "Нужно число от 1 до 366."),
        ("expires_in_days", "навсегда", "Нужно число от 1 до 366."),
        ("scope", "admin", "Выберите значение из списка."),
    ],
    ids=["no-name", "too-long", "for-ever", "unknown-scope"],
)
def test_problems_stand_beside_their_fields(visitor: Visitor, name: str, value: str, sentence: str) -> None:
    for htmx in (True, False):
        answer = visitor.post(PATH, {**WANTED, name: value}, htmx=htmx)
        page = Page(answer.text)
        assert answer.status_code == 422
        assert page.one(id=f"token-{name}-problem").text == sentence
        assert [e["id"] for e in page.elements if "autofocus" in e.attributes] == [f"token-{name}"]
    assert listed(visitor) == []


def test_very_many_do_not_make_a_long_page(visitor: Visitor, wiring: Wiring) -> None:
    for number in range(52):
        wiring.services().tokens.issue({**WANTED, "name": f"№ {number}", "expires_in_days": 1}, "igor")
    assert len(listed(visitor)) == 50
    assert "Ещё 2 более старых токена не показаны" in visitor.page("/settings").html


def test_what_programs_got_for_a_password_does_not_bury_the_others(visitor: Visitor, wiring: Wiring) -> None:
    visitor.post(PATH, WANTED)
    for _ in range(51):
        wiring.services().tokens.issue_for_login("serg")
    page = visitor.page("/settings")
    assert listed(visitor)[0] == "Ночная выгрузка"
    folded = page.one("details", id="program-logins")
    assert "Входы программ: 20" in folded.text, "the newest of serg's"
    assert "open" not in folded.attributes
    assert len([e for e in folded.inside if e.tag == "form"]) == 20


def test_programs_that_log_in_are_no_tokens_of_ones_own(visitor: Visitor, wiring: Wiring) -> None:
    assert not visitor.page("/settings").all("details", id="program-logins")
    wiring.services().tokens.issue_for_login("serg")
    assert "Токенов пока нет ни у одной программы." in visitor.page("/settings").one(id="tokens").text
