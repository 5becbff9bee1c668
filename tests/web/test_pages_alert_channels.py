"""The settings' section on alerts: no secret is shown, nothing changes by accident, a test says what happened."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.domain.channels import Mishap
from app.web.pages.alert_channels import mishap_sentence
from app.wiring import Wiring
from tests.support.fakes import telegram
from tests.support.fakes.telegram import FakeTelegram
from tests.support.ledger import Ledger
from tests.web.visitor import Element, Page, Visitor

TELEGRAM, WEBHOOK = "/settings/alerts/telegram", "/settings/alerts/webhook"
BOT = {"token": telegram.TOKEN, "chat_id": telegram.CHAT_ID, "language": "ru"}
SHARED = "shared-secret-of-ours"


@pytest.fixture
def bots() -> Iterator[FakeTelegram]:
    with FakeTelegram() as fake:
        yield fake


@pytest.fixture
def environment(bots: FakeTelegram) -> dict[str, str]:
    return {"TELEGRAM_API_BASE_URL": bots.url}


def card(visitor: Visitor, channel: str = "telegram") -> Element:
    return visitor.page("/settings").one("details", id=f"alerts-{channel}")


def said(element: Element) -> str:
    return " ".join(element.text.split())


def problems(page: Page) -> dict[str, str]:
    return {str(e["id"]): e.text for e in page.elements if (e.get("id") or "").endswith("-problem")}


class TestCards:
    def test_a_new_installation_tells_nobody_and_says_so(self, visitor: Visitor) -> None:
        page = visitor.page("/settings")
        assert [e.text for e in page.all("h2") if e.get("id") == "alerts-heading"] == ["Предупреждения"]
        for channel in ("telegram", "webhook"):
            told = page.one("details", id=f"alerts-{channel}")
            assert "Не настроено" in said(told)
            assert "open" not in told.attributes

    def test_one_that_is_set_up_shows_by_whom_and_no_secret(self, visitor: Visitor) -> None:
        visitor.post(TELEGRAM, BOT)
        visitor.post(WEBHOOK, {"url": "https://hooks.example.org/a?b=c", "secret": SHARED})
        page = visitor.page("/settings?alerts=webhook")
        assert "Настроено" in said(page.one("details", id="alerts-telegram"))
        assert "Задал serg" in said(page.one("details", id="alerts-webhook"))
        assert "open" in page.one("details", id="alerts-webhook").attributes
        assert "https://hooks.example.org/a?b=c" in [field.get("value") for field in page.all("input", name="url")]
        assert page.one("input", name="chat_id")["value"] == telegram.CHAT_ID
        for secret in (telegram.TOKEN, SHARED):
            assert secret not in page.html


class TestSaving:
    def test_leads_back_to_the_open_card_without_scripts(self, visitor: Visitor, wiring: Wiring) -> None:
        answer = visitor.post(TELEGRAM, {**BOT, "language": "en"})
        assert (answer.status_code, answer.location) == (303, "/settings#alerts-telegram")
        told = card(visitor)
        assert "open" in told.attributes
        assert "Сохранено" in said(told)
        [values] = wiring.channels.ready().values()
        assert (values["token"], values["chat_id"], values.language) == (telegram.TOKEN, telegram.CHAT_ID, "en")

    def test_an_untouched_form_changes_nothing(self, visitor: Visitor, wiring: Wiring) -> None:
        visitor.post(TELEGRAM, BOT)
        before = wiring.channels.views()
        visitor.post(TELEGRAM, {**BOT, "token": ""})
        assert wiring.channels.views() == before

    def test_an_emptied_address_is_removed_and_nothing_is_sent_any_more(self, visitor: Visitor, wiring: Wiring) -> None:
        visitor.post(WEBHOOK, {"url": "https://hooks.example.org", "secret": SHARED})
        told = Page(visitor.post(WEBHOOK, {"url": " ", "secret": ""}, htmx=True).text)
        assert told.one("details")["data-announce"] == "Сохранено"
        assert wiring.channels.ready() == {}

    @pytest.mark.parametrize(
        ("path", "name", "sentence"),
        [
            (WEBHOOK, "url", "Нужен адрес вида https://hooks.example.org/photo, латиницей."),
            (WEBHOOK, "secret", "От 8 до 256 латинских букв, цифр и знаков, без пробелов."),
            (TELEGRAM, "chat_id", "Нужно число вида -1001234567890 или @имя канала."),
        ],
        ids=["url", "secret", "chat_id"],
    )
    def test_a_problem_stands_beside_its_field_and_nothing_is_saved(
        self, visitor: Visitor, wiring: Wiring, path: str, name: str, sentence: str
    ) -> None:
        for htmx in (True, False):
            answer = visitor.post(path, {name: "two words"}, htmx=htmx)
            page = Page(answer.text)
            assert answer.status_code == 422
            assert problems(page)[f"alerts-{path.rpartition('/')[2]}-{name}-problem"] == sentence
            assert [e["name"] for e in page.elements if "autofocus" in e.attributes] == [name]
        assert wiring.channels.ready() == {}

    def test_a_secret_that_came_with_a_refused_form_must_be_entered_again(self, visitor: Visitor) -> None:
        page = Page(visitor.post(TELEGRAM, {**BOT, "chat_id": "our chat"}, htmx=True).text)
        assert problems(page)["alerts-telegram-token-problem"] == "Введите ещё раз: это не сохранено."
        assert page.one("input", name="chat_id")["value"] == "our chat"
        assert telegram.TOKEN not in page.html

    def test_a_removed_token_stays_removed(self, visitor: Visitor, wiring: Wiring) -> None:
        visitor.post(TELEGRAM, BOT)
        page = Page(visitor.post(f"{TELEGRAM}/remove", {"remove": "token"}, htmx=True).text)
        assert page.one("details")["data-announce"] == "Удалено"
        assert [e["name"] for e in page.elements if "autofocus" in e.attributes] == ["token"]
        assert wiring.channels.ready() == {}
        for name in ("chat_id", "secret", ""):
            assert visitor.post(f"{TELEGRAM}/remove", {"remove": name}).status_code == 400

    def test_no_other_channel_can_be_set_up(self, visitor: Visitor) -> None:
        for path in ("pigeon", "pigeon/remove", "pigeon/test"):
            assert visitor.post(f"/settings/alerts/{path}", {}).status_code == 404


class TestTrying:
    def test_a_message_that_arrives(self, visitor: Visitor, bots: FakeTelegram) -> None:
        visitor.post(TELEGRAM, BOT)
        told = Page(visitor.post(f"{TELEGRAM}/test", {}, htmx=True).text).one(id="alerts-telegram-trial")
        assert "Сообщение принято за" in told.text
        assert telegram.as_read(bots.texts[0]).startswith("🔔 Проверка: сюда будут приходить предупреждения")

    def test_one_that_does_not_says_why_without_scripts_too(self, visitor: Visitor) -> None:
        visitor.post(TELEGRAM, {**BOT, "chat_id": "42"})
        page = Page(visitor.post(f"{TELEGRAM}/test", {}).text)
        assert "Другая сторона не приняла сообщение." in page.one(role="alert").text
        assert "chat not found" in page.one(role="alert").text
        assert len(page.all("h1")) == 1
        assert telegram.TOKEN not in page.html

    def test_that_a_refusal_looks_final_is_shown_until_it_is_set_up_differently(
        self, visitor: Visitor, wiring: Wiring, ledger: Ledger
    ) -> None:
        visitor.post(TELEGRAM, {**BOT, "chat_id": "42"})
        ledger.ask("UPDATE slot SET provider = 'gemini' WHERE id = 'slot-003'")
        wiring.notices.run()
        ledger.ask("UPDATE alert_notice SET raised_at = raised_at - interval '31 seconds'")
        wiring.notices.run()
        told = said(card(visitor))
        assert "Сбой" in told
        assert "Другая сторона не приняла сообщение. Попытки идут лишь раз в час, пока это не изменят" in told
        visitor.post(TELEGRAM, BOT)
        assert "Сбой" not in said(card(visitor))


@pytest.mark.parametrize("mishap", list(Mishap), ids=str)
def test_every_mishap_has_its_sentence(app: Flask, mishap: Mishap) -> None:
    with app.test_request_context():
        assert mishap_sentence(mishap).endswith(".")
