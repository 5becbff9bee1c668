"""What keeps slots from their pictures stands above every page, in plain words, until it is mended."""

import re
from datetime import datetime
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from app.domain.errors import DatabaseUnavailable, FaultKind, ProviderFault
from app.domain.limits import Ask
from app.domain.reactions import REACTIONS
from app.domain.vk.posts import PostStatus
from app.wiring import Wiring
from tests.support.ledger import Ledger
from tests.vk.publishing import new_community, new_post
from tests.web.statements import counted
from tests.web.visitor import Element, Page, Visitor

MODEL = "gemini-2.5-flash-image"
ALERTING = sorted(kind for kind, reaction in REACTIONS.items() if reaction.alerts)
GONE = '{"overlay": "00000000-0000-0000-0000-000000000001"}'
RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)


@pytest.fixture
def asks_gemini(ledger: Ledger) -> None:
    """Slots 3 to 7 do."""
    ledger.ask(
        "UPDATE slot SET provider = 'gemini', settings_json = CAST(:settings AS jsonb)"
        " WHERE id BETWEEN 'slot-003' AND 'slot-007'",
        settings=f'{{"model": "{MODEL}"}}',
    )


def note(wiring: Wiring, kind: FaultKind) -> None:
    fault = ProviderFault(kind, "Status 401: <b>API key</b> not valid.", permanent=True)
    wiring.stores.gate.note(Ask("gemini", MODEL, "slot-003", Decimal(0)), fault)


def within(outer: Element, tag: str) -> list[Element]:
    return [e for e in outer.inside if e.tag == tag]


def shown(page: Page) -> list[Element]:
    return within(page.one(id="alerts"), "li")


with_key = pytest.mark.parametrize("environment", [{"GEMINI_API_KEY": "test-key"}])


def test_a_new_installation_has_nothing_to_tell(visitor: Visitor) -> None:
    for path in ("/", "/settings", "/slots/slot-001"):
        assert visitor.page(path).one(id="alerts").text.strip() == ""


@pytest.mark.usefixtures("asks_gemini")
class TestWithoutKey:
    def test_every_page_says_what_is_missing_and_where_to_enter_it(self, visitor: Visitor) -> None:
        for path in ("/", "/settings", "/slots/slot-001"):
            page = visitor.page(path)
            [alert] = shown(page)
            assert "Gemini (Google). Ключ не задан. Введите его в настройках." in alert.text
            assert "Слот 3" in alert.text
            assert "и ещё 2" in alert.text
            [link] = [e for e in within(alert, "a") if (e["href"] or "").startswith("/settings")]
            assert link["href"] == "/settings?provider=gemini#provider-gemini"

    def test_it_is_read_out_but_interrupts_nobody(self, visitor: Visitor) -> None:
        [region] = visitor.page("/").all("div", role="status")
        assert within(region, "div")[0]["id"] == "alerts"

    def test_the_slots_say_so_in_their_rows(self, visitor: Visitor, ledger: Ledger) -> None:
        ledger.ask("UPDATE slot SET is_active = false WHERE id = 'slot-007'")
        page = visitor.page("/")
        rows = [e for e in page.all("li") if "slot" in (e.get("class") or "").split()]
        without = [within(row, "code")[0].text[-3:] for row in rows if "Ключа нет" in row.text]
        assert without == ["003", "004", "005", "006"]

    def test_strangers_are_told_nothing(self, client: FlaskClient) -> None:
        for path in ("/login", "/no-such-page"):
            assert "Gemini" not in client.get(path).text


@pytest.mark.usefixtures("asks_gemini")
class TestSeveral:
    def test_missing_keys_are_one_line(self, visitor: Visitor, ledger: Ledger) -> None:
        ledger.ask("UPDATE slot SET provider = 'openai' WHERE id = 'slot-009'")
        [alert] = shown(visitor.page("/"))
        assert "Gemini (Google), OpenAI" in alert.text
        assert "Ключи не заданы. Введите их в настройках." in alert.text
        assert "и ещё 3" in alert.text

    def test_the_worst_stands_open_and_the_rest_is_folded(self, visitor: Visitor, wiring: Wiring) -> None:
        for _ in range(3):
            wiring.stores.request_log.refused("slot-003", "invalid_password", {})
        page = visitor.page("/")
        folded = page.one("details", id="more-alerts")
        assert [alert["class"] for alert in shown(page)] == ["notice bad", "notice warning"]
        assert "и ещё 1" in page.one("summary", id="open-more-alerts").text
        assert [alert["class"] for alert in within(folded, "li")] == ["notice warning"]


@pytest.mark.parametrize("environment", [{"TURBOTEXT_API_KEY": "test-key"}])
class TestWithoutAddress:
    @pytest.fixture(autouse=True)
    def _asks_turbotext(self, ledger: Ledger) -> None:
        ledger.ask("UPDATE slot SET provider = 'turbotext', operation = 'image_edit' WHERE id = 'slot-003'")

    def test_who_would_fetch_images_is_named(self, visitor: Visitor) -> None:
        [alert] = shown(visitor.page("/"))
        assert "Turbotext. Снимки и образцы он скачивает с этого сервера" in alert.text
        assert [link.text for link in within(alert, "a")] == ["Слот 3"], "the settings have no field for it"
        assert "PUBLIC_BASE_URL" in alert.text
        assert "Слот 3" in alert.text

    def test_that_codes_are_not_printed_is_said_apart(self, visitor: Visitor, ledger: Ledger) -> None:
        ledger.ask("UPDATE slot SET output = output || '{\"qr_corner\": \"top_left\"}' WHERE id = 'slot-004'")
        visitor.post("/language", {"language": "en"})
        turbotext, codes = shown(visitor.page("/"))
        assert "It fetches images from this server" in turbotext.text
        assert "so QR codes are not printed" in codes.text


def test_a_deleted_image_is_told_with_the_way_to_its_slot(visitor: Visitor, ledger: Ledger) -> None:
    ledger.ask("UPDATE slot SET output = output || CAST(:overlay AS jsonb) WHERE id = 'slot-003'", overlay=GONE)
    [alert] = shown(visitor.page("/"))
    assert "Удалён образец, который нужен слоту. Выберите в нём другой." in alert.text
    assert [(link["href"], link.text) for link in within(alert, "a")] == [("/slots/slot-003", "Слот 3")]


def test_a_wrong_password_is_a_warning_with_the_way_to_the_right_one(visitor: Visitor, wiring: Wiring) -> None:
    for _ in range(3):
        wiring.stores.request_log.refused("slot-003", "invalid_password", {})
    [alert] = shown(visitor.page("/"))
    assert "Будка раз за разом присылает неверный пароль" in alert.text
    assert alert["class"] == "notice warning"
    assert [link["href"] for link in within(alert, "a")] == ["/slots/slot-003", "/settings#ingest_password"]


def test_a_post_that_needs_a_person_is_told_with_its_community_and_the_way_there(
    visitor: Visitor, wiring: Wiring
) -> None:
    community = wiring.stores.communities.add(new_community())
    wiring.stores.system_posts.add(new_post(community))
    [post] = wiring.stores.system_posts.take_due(1, 60)
    wiring.stores.system_posts.end(post, PostStatus.ERROR, {"code": "captcha"})
    [alert] = shown(visitor.page("/"))
    assert "только после подтверждения человеком" in alert.text
    assert community.name in alert.text
    [link] = within(alert, "a")
    assert (link["href"], link.text) == ("/communities", "Сообщества")


@with_key
@pytest.mark.usefixtures("asks_gemini")
class TestFaults:
    def test_what_is_wrong_since_when_and_in_the_providers_words(self, visitor: Visitor, wiring: Wiring) -> None:
        note(wiring, FaultKind.KEY_REFUSED)
        [alert] = shown(visitor.page("/"))
        assert "Gemini (Google). Провайдер не принимает ключ. Проверьте ключ в настройках." in alert.text
        assert "Status 401: <b>API key</b> not valid." in alert.text, "as text, not as markup"
        [since] = within(alert, "time")
        assert since["datetime"] == wiring.stores.gate.alerts()[0].since.isoformat()

    def test_a_pause_says_how_long_it_lasts(self, visitor: Visitor, wiring: Wiring, ledger: Ledger) -> None:
        note(wiring, FaultKind.QUOTA_EXHAUSTED)
        ledger.ask("UPDATE provider_state SET open_until = now() + interval '1 hour'")
        [alert] = shown(visitor.page("/"))
        since, until = (datetime.fromisoformat(e["datetime"] or "") for e in within(alert, "time"))
        assert 3590 < (until - since).total_seconds() < 3610
        assert "пауза до" in alert.text

    def test_one_model_is_told_from_the_whole_provider(self, visitor: Visitor, wiring: Wiring) -> None:
        note(wiring, FaultKind.MODEL_GONE)
        assert f"Gemini (Google) · {MODEL}. " in shown(visitor.page("/"))[0].text

    @pytest.mark.parametrize("kind", ALERTING)
    def test_every_kind_has_its_own_sentence_in_both_languages(
        self, visitor: Visitor, wiring: Wiring, kind: FaultKind
    ) -> None:
        note(wiring, kind)
        [russian] = shown(visitor.page("/"))
        visitor.post("/language", {"language": "en"})
        [english] = shown(visitor.page("/"))
        assert RUSSIAN.search(russian.text)
        assert "The provider failed." not in english.text
        assert not RUSSIAN.search(re.sub(r"Слот \d+", "", english.text))

    def test_a_refresh_without_news_leaves_the_page_alone(self, visitor: Visitor, wiring: Wiring) -> None:
        note(wiring, FaultKind.KEY_REFUSED)
        part = visitor.page("/").one(id="alerts")
        assert part["data-refresh"] == "10"
        assert visitor.get(part["hx-get"] or "", htmx=True).status_code == 204
        wiring.stores.gate.reopen("gemini")
        news = visitor.page(part["hx-get"] or "", htmx=True)
        assert (news.elements[0]["id"], shown(news), news.all("html")) == ("alerts", [], [])

    def test_links_keep_the_focus_and_pages_their_unique_ids(self, visitor: Visitor, wiring: Wiring) -> None:
        note(wiring, FaultKind.KEY_REFUSED)
        note(wiring, FaultKind.MODEL_GONE)
        page = visitor.page("/")
        ids = [e["id"] for e in page.elements if e.get("id")]
        assert len(shown(page)) == 2
        assert len(ids) == len(set(ids))
        assert all(e.get("id") for alert in shown(page) for e in within(alert, "a"))


@with_key
def test_the_number_of_queries_does_not_grow_with_slots_or_troubles(
    visitor: Visitor, wiring: Wiring, ledger: Ledger
) -> None:
    ledger.ask("UPDATE slot SET provider = 'gemini' WHERE id = 'slot-001'")
    with counted() as one:
        visitor.get("/")
    ledger.ask("UPDATE slot SET provider = 'gemini'")
    for kind in (FaultKind.KEY_REFUSED, FaultKind.MODEL_GONE):
        note(wiring, kind)
    with counted() as all_of_them:
        visitor.get("/")
    assert len(one) == len(all_of_them) <= 13


def _refuse(*_arguments: object) -> None:
    raise DatabaseUnavailable("gone")


def test_the_number_of_queries_does_not_grow_with_providers(visitor: Visitor, ledger: Ledger) -> None:
    ledger.ask("UPDATE slot SET provider = 'gemini' WHERE id = 'slot-001'")
    with counted() as one:
        assert len(shown(visitor.page("/"))) == 1
    for number, provider in enumerate(("openai", "turbotext", "replicate"), start=2):
        ledger.ask("UPDATE slot SET provider = :provider WHERE id = :slot", provider=provider, slot=f"slot-00{number}")
    with counted() as four:
        assert len(shown(visitor.page("/"))) == 2
    assert len(one) == len(four)


class TestOutage:
    @pytest.fixture
    def outage(self, wiring: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of what the alerts need and nothing else does."""

        monkeypatch.setattr(wiring.stores.gate, "alerts", _refuse)

    @pytest.mark.usefixtures("outage")
    def test_a_page_goes_without_them(self, visitor: Visitor) -> None:
        assert visitor.page("/settings").one(id="alerts").text.strip() == ""

    @pytest.mark.usefixtures("outage")
    def test_what_is_shown_already_stays_and_nothing_is_announced(self, visitor: Visitor) -> None:
        assert visitor.get("/alerts", htmx=True).status_code == 204

    def test_not_even_that_nobody_knows_who_asks(
        self, visitor: Visitor, wiring: Wiring, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(wiring.access, "session_epoch", _refuse)
        assert visitor.get("/alerts", htmx=True).status_code == 204
        assert visitor.get("/").status_code == 503


def test_only_administrators_may_ask(client: FlaskClient) -> None:
    assert client.get("/alerts").location == "/login?next=/alerts"
