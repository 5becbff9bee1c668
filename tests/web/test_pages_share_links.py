"""The administrators' links for guests: two clicks to make one, codes and a card to print, and an end."""

import io
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import pytest
from PIL import Image

from app.domain.events import Event
from app.domain.share_link import Audience, ShareLink
from app.wiring import Wiring
from tests.support.ledger import Ledger
from tests.web.visitor import Page, Visitor

PATH = "/gallery/links"
PASSWORD = "роза-2026"
NOWHERE = f"{PATH}/{UUID(int=0)}"


@pytest.fixture
def event(wiring: Wiring) -> Event:
    now = datetime.now(UTC)
    wanted = {"name": "Свадьба", "starts_at": now, "ends_at": now + timedelta(hours=6)}
    return wiring.services().events.create(wanted, "serg")


@pytest.fixture
def link(wiring: Wiring) -> ShareLink:
    return made(wiring)


def made(wiring: Wiring, **changes: object) -> ShareLink:
    return wiring.services().share_links.create({"slot_id": "slot-003", "expires_in_days": 7, **changes}, "serg")


def stored(wiring: Wiring) -> ShareLink:
    [link] = wiring.services().share_links.page(1, 10)[0]
    return link


def problems(html: str) -> dict[str, str]:
    return {str(e["id"]).removesuffix("-problem"): e.text for e in Page(html).all("p", class_="problem")}


class TestMaking:
    @pytest.mark.parametrize("query", ["slot=slot-003", "slot=slot-003&event={event}"])
    def test_the_form_is_open_and_filled_in_so_that_its_button_is_enough(
        self, visitor: Visitor, wiring: Wiring, event: Event, query: str
    ) -> None:
        page = visitor.page(f"{PATH}?{query.format(event=event.id)}")
        assert "open" in page.one("details", id="new-link").attributes
        answer = visitor.post(PATH, page.fields("link-form"))
        link = stored(wiring)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{PATH}/{link.id}")
        assert (link.slot_id, link.event) == ((None, event) if "event" in query else ("slot-003", None))
        assert (link.audience, link.has_password, link.expires_at - link.created_at) == (
            Audience.ALL, False, timedelta(days=7)
        )  # fmt: skip
        shown = visitor.page(answer.headers["Location"])
        assert "Ссылка готова" in shown.one("p", class_="notice good").text
        assert "http://localhost/s/" in str(shown.one("button", id="copy-link")["data-copy"])

    def test_the_gallery_and_an_event_lead_to_it(self, visitor: Visitor, event: Event) -> None:
        for page in ("/gallery/events", f"/gallery/events/{event.id}", f"/gallery?event={event.id}"):
            assert f'href="{PATH}?event={event.id}#new-link"' in visitor.page(page).html
        assert f'href="{PATH}?slot=slot-003#new-link"' in visitor.page("/gallery?slot=slot-003").html

    def test_from_the_gallery_it_leads_to_what_is_going_on_now(
        self, visitor: Visitor, wiring: Wiring, link: ShareLink, event: Event
    ) -> None:
        over = {"starts_at": event.starts_at - timedelta(hours=3), "ends_at": event.starts_at - timedelta(hours=2)}
        wiring.services().events.create({"name": "Утром", **over}, "serg")
        way = str(visitor.page("/gallery").one("a", id="share")["href"])
        page = visitor.page(way)
        assert "open" in page.one("details", id="new-link").attributes
        assert visitor.post(PATH, page.fields("link-form")).status_code == 303
        assert event in [link.event for link in wiring.services().share_links.page(1, 10)[0]]

    def test_when_nothing_is_going_on_the_form_is_open_and_asks(self, visitor: Visitor, link: ShareLink) -> None:
        page = visitor.page(f"{PATH}?new=1")
        assert "open" in page.one("details", id="new-link").attributes
        assert page.fields("link-form")["scope"] == ""

    def test_how_long_photos_are_kept_is_said_on_form_page_and_card(
        self, visitor: Visitor, wiring: Wiring, link: ShareLink
    ) -> None:
        wiring.services().settings.change({"result_retention_hours": 96}, "serg")
        assert "хранится 4 дня" in visitor.page(PATH).one("form", id="link-form").text
        page = visitor.page(f"{PATH}/{link.id}")
        assert "хранится 4 дня" in page.one("form", id="end-form").text
        assert "хранится 4 дня" in page.one("article").text

    def test_who_looks_at_the_list_meets_no_form(self, visitor: Visitor, link: ShareLink, event: Event) -> None:
        assert "open" not in visitor.page(PATH).one("details", id="new-link").attributes

    def test_everything_can_be_chosen(self, visitor: Visitor, wiring: Wiring) -> None:
        fields = visitor.page(f"{PATH}?slot=slot-003").fields("link-form")
        wanted = {"name": "Гостям", "audience": "own", "allows_archive": "on", "expires_in_days": "366"}
        visitor.post(PATH, {**fields, **wanted, "password": PASSWORD})
        link = stored(wiring)
        assert (link.name, link.audience, link.allows_archive, link.has_password) == (
            "Гостям", Audience.OWN, True, True
        )  # fmt: skip
        assert link.expires_at - link.created_at == timedelta(days=366)

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("scope", "", "Выберите, куда ведёт ссылка."),
            ("scope", "slot:slot-999", "Выберите"),
            ("scope", "event:00000000-0000-0000-0000-000000000000", "Выберите"),
            ("expires_in_days", "0", "от 1 до 366"),
            ("expires_in_days", "долго", "от 1 до 366"),
            ("audience", "some", "Выберите"),
            ("name", "x" * 81, "80"),
            ("password", "roses", "Слишком короткий: нужно не меньше 6 знаков."),
        ],
    )
    def test_what_cannot_be_is_said_beside_its_field(
        self, visitor: Visitor, field: str, value: str, sentence: str
    ) -> None:
        fields = visitor.page(f"{PATH}?slot=slot-003").fields("link-form")
        answer = visitor.post(PATH, {**fields, field: value})
        assert answer.status_code == 422
        found = problems(answer.text)
        assert list(found) == [field]
        assert sentence.lower() in found[field].lower()
        assert "open" in Page(answer.text).one("details", id="new-link").attributes

    def test_a_password_is_not_repeated_when_something_else_is_wrong(self, visitor: Visitor) -> None:
        fields = visitor.page(PATH).fields("link-form")
        answer = visitor.post(PATH, {**fields, "password": PASSWORD})
        assert answer.status_code == 422
        assert PASSWORD not in answer.text
        assert problems(answer.text)["password"] == "Введите пароль ещё раз: страница его не хранит."
        assert [e["id"] for e in Page(answer.text).elements if "autofocus" in e.attributes] == ["scope"]

    def test_an_event_that_there_is_not_has_no_form(self, visitor: Visitor) -> None:
        assert visitor.get(f"{PATH}?event={UUID(int=0)}").status_code == 404
        assert visitor.page(f"{PATH}?event=x&slot=slot-999").fields("link-form")["scope"] == "slot:slot-999"


class TestList:
    def test_says_what_is_open_and_until_when(self, visitor: Visitor, wiring: Wiring, event: Event) -> None:
        made(wiring, slot_id=None, event_id=str(event.id), password=PASSWORD)
        closed = made(wiring, name="Закрытая")
        wiring.services().share_links.revoke(closed.id, "igor")
        page = visitor.page(PATH)
        titles = [" ".join(e.text.split()) for e in page.one("ul", class_="sharing").inside if e.tag == "h2"]
        assert titles == ["Свадьба пароль", "Закрытая закрыта"]
        assert "ещё не открывали" in page.text
        assert len([e for e in page.all("button") if e.get("data-copy")]) == 1

    def test_one_that_was_opened_says_when(self, visitor: Visitor, link: ShareLink, ledger: Ledger) -> None:
        ledger.ask("UPDATE share_link SET last_opened_at = now()")
        assert "последний раз открыта" in visitor.page(PATH).text

    def test_expired_ones_say_so(self, visitor: Visitor, link: ShareLink, ledger: Ledger) -> None:
        ledger.ask("UPDATE share_link SET expires_at = now()")
        assert "истекла" in visitor.page(PATH).text


class TestCodes:
    def test_the_code_is_an_image_for_screens_and_for_print(self, visitor: Visitor, link: ShareLink) -> None:
        svg = visitor.get(f"{PATH}/{link.id}/code.svg")
        assert (svg.mimetype, svg.headers["Content-Disposition"][:6]) == ("image/svg+xml", "inline")
        png = visitor.get(f"{PATH}/{link.id}/code.png?download=1")
        assert re.fullmatch(r'attachment; filename="photos-[0-9a-f]{8}\.png"', png.headers["Content-Disposition"])
        with Image.open(io.BytesIO(png.data)) as image:
            assert image.size[0] >= 900
            assert image.info["dpi"] == pytest.approx((300, 300), abs=1)

    def test_it_leads_guests_to_the_gallery(self, visitor: Visitor, link: ShareLink) -> None:
        address = visitor.page(f"{PATH}/{link.id}").one("button", id="copy-link")["data-copy"]
        pixels = np.frombuffer(visitor.get(f"{PATH}/{link.id}/code.png").data, np.uint8)
        assert cv2.QRCodeDetector().detectAndDecode(cv2.imdecode(pixels, cv2.IMREAD_GRAYSCALE))[0] == address

    def test_it_is_kept_by_no_cache(self, visitor: Visitor, link: ShareLink) -> None:
        assert visitor.get(f"{PATH}/{link.id}/code.svg").headers["Cache-Control"] == "no-store"

    def test_a_closed_link_has_none(self, visitor: Visitor, wiring: Wiring, link: ShareLink) -> None:
        wiring.services().share_links.revoke(link.id, "serg")
        assert visitor.get(f"{PATH}/{link.id}/code.svg").status_code == 404
        page = visitor.page(f"{PATH}/{link.id}")
        assert page.all("img") == []
        assert "/s/" not in page.html
        said = " ".join(page.one("p", class_="notice").text.split())
        assert re.match(r"Ссылку закрыл serg \d+ \w+\.?( \d{4} г\.)?, \d\d:\d\d\. Сделать новую", said)

    @pytest.mark.parametrize(("paper", "class_"), [("a4", "a4"), ("a6", "a6"), ("", "a6"), ("a0", "a6")])
    def test_the_card_is_for_a_paper(self, visitor: Visitor, link: ShareLink, paper: str, class_: str) -> None:
        page = visitor.page(f"{PATH}/{link.id}?paper={paper}")
        card = page.one("article", class_=f"print-card {class_}")
        assert "Слот 3" in card.text
        assert "Ваши фото — здесь" in card.text

    def test_the_card_tells_guests_what_they_need(self, visitor: Visitor, wiring: Wiring) -> None:
        link = made(wiring, password=PASSWORD, audience="own", name="Наш день")
        card = visitor.page(f"{PATH}/{link.id}").one("article").text
        for words in ("Наш день", "Пароль спросите", "Сначала откройте код"):
            assert words in card

    def test_where_each_sees_their_own_there_is_no_wall(self, visitor: Visitor, wiring: Wiring) -> None:
        alls, own = made(wiring), made(wiring, audience="own")
        assert len(visitor.page(f"{PATH}/{alls.id}").all("button", id="copy-wall")) == 1
        assert visitor.page(f"{PATH}/{own.id}").all("button", id="copy-wall") == []

    def test_under_another_secret_key_it_is_said_what_to_do(
        self, visitor: Visitor, link: ShareLink, ledger: Ledger
    ) -> None:
        ledger.ask("UPDATE share_link SET digest = 'of a token that another key derived'")
        page = visitor.page(f"{PATH}/{link.id}")
        assert "SECRET_KEY" in page.text
        assert page.all("article") == []
        assert visitor.get(f"{PATH}/{link.id}/code.svg").status_code == 404
        page.one("button", id="revoke")


class TestEnding:
    def test_a_link_is_prolonged(self, visitor: Visitor, wiring: Wiring, link: ShareLink) -> None:
        visitor.page(f"{PATH}/{link.id}")
        answer = visitor.post(f"{PATH}/{link.id}/end", {"expires_in_days": "30"})
        assert answer.status_code == 303
        assert stored(wiring).expires_at - link.expires_at > timedelta(days=22)
        said = visitor.page(answer.headers["Location"]).one("p", class_="notice good").text
        assert "Теперь ссылка действует до" in said
        assert "короче" not in said

    def test_each_choice_says_the_day_and_the_chosen_one_shortens_nothing(
        self, visitor: Visitor, link: ShareLink, ledger: Ledger
    ) -> None:
        ledger.ask("UPDATE share_link SET expires_at = now() + interval '20 days'")
        page = visitor.page(f"{PATH}/{link.id}")
        assert page.fields("end-form")["expires_in_days"] == "30"
        week = datetime.now(ZoneInfo("Europe/Moscow")) + timedelta(days=7)
        chips = [e.text for e in page.all("label", class_="chip")]
        assert any(chip.startswith(f"7 дней ({week.day} ") for chip in chips)
        assert "Более ранний день сократит срок" in page.text

    def test_a_link_that_became_shorter_says_so(self, visitor: Visitor, wiring: Wiring, link: ShareLink) -> None:
        visitor.page(f"{PATH}/{link.id}")
        answer = visitor.post(f"{PATH}/{link.id}/end", {"expires_in_days": "1"})
        assert stored(wiring).expires_at < link.expires_at
        assert "срок стал короче" in visitor.page(answer.headers["Location"]).one("p", class_="notice good").text

    def test_not_for_ever(self, visitor: Visitor, link: ShareLink) -> None:
        visitor.page(f"{PATH}/{link.id}")
        answer = visitor.post(f"{PATH}/{link.id}/end", {"expires_in_days": "9999"})
        assert answer.status_code == 422
        assert list(problems(answer.text)) == ["expires_in_days"]

    def test_a_link_is_closed_for_good(self, visitor: Visitor, wiring: Wiring, link: ShareLink) -> None:
        visitor.page(f"{PATH}/{link.id}")
        assert visitor.post(f"{PATH}/{link.id}/revocation", {}).status_code == 303
        assert not stored(wiring).is_open
        page = visitor.page(f"{PATH}/{link.id}")
        assert "увидит, что галерея закрыта" in page.one("p", class_="notice good").text
        assert page.all("button", id="revoke") == page.all("button", id="prolong") == []
        page.one("a", href=f"{PATH}?slot=slot-003#new-link")
        assert visitor.post(f"{PATH}/{link.id}/revocation", {}).status_code == 410

    def test_what_there_is_not_has_no_page(self, visitor: Visitor) -> None:
        visitor.get(PATH)
        answers = [visitor.get(NOWHERE), visitor.get(f"{NOWHERE}/code.svg")]
        answers += [visitor.post(f"{NOWHERE}/end", {"expires_in_days": "3"}), visitor.post(f"{NOWHERE}/revocation", {})]
        assert {answer.status_code for answer in answers} == {404}


def test_names_are_no_markup(visitor: Visitor, wiring: Wiring) -> None:
    nasty = "<script>alert(1)</script>"
    link = made(wiring, name=nasty)
    for path in (PATH, f"{PATH}/{link.id}", "/changes"):
        assert nasty not in visitor.page(path).html
