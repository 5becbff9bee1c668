"""The providers' cards on the settings page: nothing secret is shown, blank keeps, removing is a button of its own."""

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet

from app.ports.providers import Connection
from app.wiring import Wiring
from tests.support.fakes.openai import KEY, FakeOpenAi
from tests.web.visitor import Element, Page, Visitor

PATH = "/settings/providers/openai"
PROXY = "http://user:pa55-w0rd@10.0.0.1:3128"


@pytest.fixture
def openai() -> Iterator[FakeOpenAi]:
    with FakeOpenAi() as fake:
        yield fake


def connection(wiring: Wiring) -> Connection:
    spec = wiring.catalogue.provider("openai")
    assert spec is not None
    return wiring.connections.get(spec)


def card(visitor: Visitor) -> Element:
    return visitor.page("/settings").one("details", id="provider-openai")


def said(card: Element) -> str:
    return " ".join(card.text.split())


def problems(page: Page) -> dict[str | None, str]:
    """What stands beside the fields, by id."""
    return {e["id"]: e.text for e in page.all("p", class_="problem") if e.get("id")}


class TestCard:
    def test_every_provider_over_a_network_has_one(self, visitor: Visitor, wiring: Wiring) -> None:
        cards = [e["id"] for e in visitor.page("/settings").all("details") if str(e["id"]).startswith("provider-")]
        assert cards == [f"provider-{p.id}" for p in wiring.catalogue.providers if p.is_remote]

    def test_says_what_a_picture_costs_once_for_each_model(self, visitor: Visitor, wiring: Wiring) -> None:
        spec = wiring.catalogue.provider("openai")
        assert spec is not None
        told = card(visitor)
        models = {m.label["ru"] for o in spec.operations for m in o.models}
        assert {e.text for e in told.inside if e.tag == "dt"} == models
        assert all("$, обычно " in e.text for e in told.inside if e.tag == "dd")

    def test_is_closed_until_somebody_wants_it(self, visitor: Visitor) -> None:
        assert "open" not in card(visitor).attributes
        opened = visitor.page("/settings?provider=openai")
        unfolded = [e["id"] for e in opened.all("details") if "open" in e.attributes]
        assert [name for name in unfolded if str(name).startswith("provider-")] == ["provider-openai"]

    def test_says_when_the_budgets_day_ends_by_the_clock_of_the_house(self, visitor: Visitor, wiring: Wiring) -> None:
        for zone, ends in (("Europe/Moscow", "03:00"), ("Asia/Kolkata", "05:30")):
            wiring.services().settings.change({"time_zone": zone}, "serg")
            assert f"до {ends} снимки идут на следующий шаг" in said(card(visitor))

    def test_shows_that_secrets_are_set_by_whom_and_never_what_they_are(self, visitor: Visitor) -> None:
        assert "Ключа нет" in said(card(visitor))
        visitor.post(PATH, {"api_key": KEY, "proxy": PROXY})
        page = visitor.page("/settings")
        told = page.one("details", id="provider-openai")
        assert said(told).count("Значение не показывается.") == 2
        assert said(told).count("Задал serg, ") == 2
        assert [e.get("value") for e in told.inside if e.get("type") == "password"] == [None, None]
        for secret in (KEY, PROXY, "pa55-w0rd"):
            assert secret not in page.html

    @pytest.mark.parametrize("environment", [{"OPENAI_API_KEY": KEY}])
    def test_admits_that_a_value_comes_from_the_environment(self, visitor: Visitor) -> None:
        page = visitor.page("/settings")
        assert "Задан в переменных окружения сервера" in said(page.one("details", id="provider-openai"))
        assert KEY not in page.html

    def test_says_when_a_value_cannot_be_decrypted(self, visitor: Visitor, wiring: Wiring) -> None:
        visitor.post(PATH, {"api_key": KEY})
        wiring.stores.secrets._fernet = Fernet(Fernet.generate_key())  # as if ENCRYPTION_KEYS had been lost
        assert "Сохранённое не расшифровать ключами этого сервера" in said(card(visitor))
        assert "Не расшифровать" in said(card(visitor))
        assert visitor.post(PATH, {"api_key": KEY}).status_code == 303
        assert connection(wiring).api_key == KEY


class TestSaving:
    def test_an_untouched_form_changes_nothing(self, visitor: Visitor, wiring: Wiring) -> None:
        form = next(e for e in card(visitor).inside if e.tag == "form")
        before = wiring.connections.view("openai")
        fields = {e["name"]: e.get("value") or "" for e in form.inside if e.tag == "input"}
        assert set(fields) == {"csrf_token", "api_key", "proxy", "base_url", "daily_budget_usd"}
        assert visitor.post(PATH, fields).status_code == 303
        assert wiring.connections.view("openai") == before

    def test_leads_back_to_the_open_card_without_scripts(self, visitor: Visitor, wiring: Wiring) -> None:
        answer = visitor.post(PATH, {"api_key": KEY, "daily_budget_usd": "12,50"})
        assert (answer.status_code, answer.location) == (303, "/settings#provider-openai")
        told = card(visitor)
        assert "open" in told.attributes
        assert "Сохранено" in said(told)
        assert connection(wiring).api_key == KEY
        assert connection(wiring).daily_budget_usd == 12.5
        assert "Сохранено" not in visitor.page("/settings").html

    def test_answers_with_the_card_for_htmx(self, visitor: Visitor) -> None:
        answer = visitor.post(PATH, {"base_url": "https://own.example/v1"}, htmx=True)
        told = Page(answer.text).one("details", id="provider-openai")
        assert "open" in told.attributes
        assert told["data-announce"] == "Сохранено"
        assert [e["value"] for e in told.inside if e.get("name") == "base_url"] == ["https://own.example/v1"]

    def test_an_emptied_address_is_the_usual_one_and_an_emptied_budget_no_limit(
        self, visitor: Visitor, wiring: Wiring
    ) -> None:
        visitor.post(PATH, {"base_url": "https://own.example", "daily_budget_usd": "3"})
        visitor.post(PATH, {"base_url": " ", "daily_budget_usd": ""})
        assert (connection(wiring).base_url, connection(wiring).daily_budget_usd) == ("https://api.openai.com", None)

    @pytest.mark.parametrize(
        ("name", "value", "sentence"),
        [
            ("api_key", "two words", "Латинские буквы, цифры и знаки без пробелов, не больше 2048 знаков."),
            ("proxy", "10.0.0.1", "Нужен прокси вида http://user:password@10.0.0.1:3128."),
            (
                "base_url",
                "x",
                "Нужен адрес вида https://example.org/v1, без имени пользователя и вопросительного знака.",
            ),
            ("daily_budget_usd", "двадцать", "Нужно число от 0 до 100000."),
        ],
    )
    def test_a_problem_stands_beside_its_field_and_nothing_is_saved(
        self, visitor: Visitor, wiring: Wiring, name: str, value: str, sentence: str
    ) -> None:
        before = wiring.connections.view("openai")
        typed = {"api_key": "sk-typed-0123456789", "base_url": "https://typed.example", name: value}
        for htmx in (True, False):
            answer = visitor.post(PATH, typed, htmx=htmx)
            page = Page(answer.text)
            assert answer.status_code == 422
            assert page.one(id=f"openai-{name}-problem").text == sentence
            assert [e["id"] for e in page.elements if "autofocus" in e.attributes] == [f"openai-{name}"]
            assert page.one("input", name="base_url")["value"] == typed["base_url"]
            assert "sk-typed-0123456789" not in page.html
        assert wiring.connections.view("openai") == before

    def test_secrets_that_came_with_a_refused_form_must_be_entered_again(self, visitor: Visitor) -> None:
        page = Page(visitor.post(PATH, {"api_key": KEY, "proxy": " ", "daily_budget_usd": "x"}, htmx=True).text)
        assert problems(page) == {
            "openai-api_key-problem": "Введите ещё раз: это не сохранено.",
            "openai-daily_budget_usd-problem": "Нужно число от 0 до 100000.",
        }
        assert [e["id"] for e in page.elements if "autofocus" in e.attributes] == ["openai-daily_budget_usd"]
        assert KEY not in page.html


class TestRemoving:
    @pytest.mark.parametrize("environment", [{"OPENAI_API_KEY": "sk-of-the-environment"}])
    def test_a_removed_key_stays_removed(self, visitor: Visitor, wiring: Wiring) -> None:
        assert visitor.post(f"{PATH}/remove", {"remove": "api_key"}).status_code == 200
        assert connection(wiring).api_key is None
        assert "Удалил serg" in said(card(visitor))

    @pytest.mark.parametrize("htmx", [True, False])
    def test_what_was_typed_beside_it_stays_and_is_not_saved(
        self, visitor: Visitor, wiring: Wiring, htmx: bool
    ) -> None:
        visitor.post(PATH, {"proxy": PROXY})
        typed = {"remove": "proxy", "base_url": "https://typed.example", "api_key": "sk-typed-0123456789"}
        page = Page(visitor.post(f"{PATH}/remove", typed, htmx=htmx).text)
        assert page.one("input", name="base_url")["value"] == "https://typed.example"
        assert problems(page) == {"openai-api_key-problem": "Введите ещё раз: это не сохранено."}
        assert "sk-typed-0123456789" not in page.html
        found = connection(wiring)
        assert (found.proxy, found.api_key, found.base_url) == (None, None, "https://api.openai.com")

    @pytest.mark.parametrize(("typed", "is_dirty"), [({}, False), ({"base_url": "https://typed.example"}, True)])
    def test_it_says_removed_and_whether_something_is_left_to_save(
        self, visitor: Visitor, typed: dict[str, str], is_dirty: bool
    ) -> None:
        visitor.post(PATH, {"api_key": KEY}, htmx=True)
        page = Page(visitor.post(f"{PATH}/remove", {"remove": "api_key", **typed}, htmx=True).text)
        assert page.one("details")["data-announce"] == "Удалено"
        assert "Сохранено" not in page.html
        assert ("data-dirty" in page.all("form")[0].attributes) == is_dirty

    def test_the_emptied_field_takes_the_focus(self, visitor: Visitor) -> None:
        visitor.post(PATH, {"api_key": KEY})
        page = Page(visitor.post(f"{PATH}/remove", {"remove": "api_key"}, htmx=True).text)
        assert [e["id"] for e in page.elements if "autofocus" in e.attributes] == ["openai-api_key"]

    def test_there_is_no_button_where_nothing_is_set(self, visitor: Visitor) -> None:
        assert not [e for e in card(visitor).inside if e.get("name") == "remove"]

    def test_pressing_enter_saves_and_does_not_remove(self, visitor: Visitor) -> None:
        visitor.post(PATH, {"api_key": KEY})
        buttons = [e for e in card(visitor).inside if e.tag == "button" and e.get("type") != "button"]
        assert "formaction" not in buttons[0].attributes

    @pytest.mark.parametrize("name", ["base_url", "", "x"])
    def test_nothing_else_is_removed(self, visitor: Visitor, name: str) -> None:
        assert visitor.post(f"{PATH}/remove", {"remove": name}).status_code == 400


class TestChecking:
    def test_says_that_it_works(self, visitor: Visitor, openai: FakeOpenAi) -> None:
        visitor.post(PATH, {"api_key": KEY, "base_url": openai.url})
        told = Page(visitor.post(f"{PATH}/check", {}, htmx=True).text).one(id="check-openai")
        assert "Всё работает: провайдер ответил за" in told.text

    def test_says_what_is_wrong_without_scripts_too(self, visitor: Visitor, openai: FakeOpenAi) -> None:
        visitor.post(PATH, {"api_key": "sk-wrong-0123456789", "base_url": openai.url})
        answer = visitor.post(f"{PATH}/check", {})
        page = Page(answer.text)
        assert answer.status_code == 200
        assert "Провайдер не принимает ключ." in page.one(role="alert").text
        assert len(page.all("h1")) == 1
        assert "sk-wrong-0123456789" not in page.html

    def test_a_provider_that_never_was_is_not_found(self, visitor: Visitor) -> None:
        for path in ("nobody", "local", "nobody/check", "nobody/remove"):
            assert visitor.post(f"/settings/providers/{path}", {"remove": "proxy"}).status_code == 404
