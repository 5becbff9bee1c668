"""What a slot's form says of refusals, spending, the finished picture and what is kept: folded until it matters."""

import io
from typing import Any

import pytest

from app.domain.media import ASPECTS, CORNERS, OUTPUT_FORMATS, OVERLAY_PLACES, Output
from app.domain.slot import CONTENT_BLOCKED_CHOICES, Keeping, Policy, Slot
from app.wiring import Wiring
from tests import pictures
from tests.web.visitor import Page, Visitor

PATH = "/slots/slot-001"
POLICY = {
    "policy.content_blocked": "next",
    "policy.hedge": "on",
    "policy.price_cap_usd": "0,2",
    "policy.daily_budget_usd": " 10 ",
}

Fields = dict[str, str]


@pytest.fixture
def fields(visitor: Visitor) -> Fields:
    return visitor.page(PATH).fields("slot-form")


def stored(wiring: Wiring) -> Slot:
    return wiring.services().slots.get("slot-001")


def fold(page: Page, name: str) -> tuple[bool, str]:
    """Whether a part is unfolded, and the line that says what is set in it."""
    details = page.one("details", id=name)
    summary = next(e for e in details.inside if e.tag == "summary")
    return "open" in details.attributes, " ".join(summary.inside[1].text.split())


def values(page: Page, name: str) -> tuple[str | None, ...]:
    """What a control lets people choose."""
    chosen = [o["value"] for e in page.all("select", name=name) for o in e.inside if o.tag == "option"]
    return tuple(chosen or [e["value"] for e in page.all("input", type="radio", name=name)])


class TestChoices:
    @pytest.mark.parametrize(
        ("name", "known"),
        [
            ("policy.content_blocked", CONTENT_BLOCKED_CHOICES),
            ("output.format", OUTPUT_FORMATS),
            ("output.aspect", ASPECTS),
            ("output.overlay_place", OVERLAY_PLACES),
            ("output.qr_corner", ("", *CORNERS)),
        ],
    )
    def test_are_those_of_the_slots_rules(self, visitor: Visitor, name: str, known: tuple[str, ...]) -> None:
        assert values(visitor.page(PATH), name) == known


class TestPolicy:
    def test_is_folded_away_while_it_is_the_usual_one(self, visitor: Visitor) -> None:
        assert fold(visitor.page(PATH), "policy") == (False, "без ограничений")

    def test_is_saved_as_typed_and_told_in_one_line(self, visitor: Visitor, wiring: Wiring, fields: Fields) -> None:
        assert visitor.post(PATH, {**fields, **POLICY}).status_code == 303
        assert stored(wiring).policy == Policy("next", True, 0.2, 10.0)
        is_open, said = fold(visitor.page(PATH), "policy")
        assert is_open
        assert said == (
            "при отказе другой провайдер, второй запрос, если первый долгий, до 0,20 $ за снимок, до 10,00 $ в день"
        )

    def test_nothing_typed_is_no_limit(self, visitor: Visitor, wiring: Wiring, fields: Fields) -> None:
        visitor.post(PATH, {**fields, **POLICY})
        again = visitor.page(PATH).fields("slot-form")
        del again["policy.hedge"]
        visitor.post(PATH, {**again, "policy.price_cap_usd": "", "policy.daily_budget_usd": " "})
        assert stored(wiring).policy == Policy("next")

    @pytest.mark.parametrize("amount", ["0", "-1", "много", "1e3", "100001"])
    def test_a_limit_that_is_none_is_named_in_the_open_part(
        self, visitor: Visitor, fields: Fields, amount: str
    ) -> None:
        answer = visitor.post(PATH, {**fields, "policy.price_cap_usd": amount}, htmx=True)
        page = Page(answer.text)
        assert answer.status_code == 422
        assert page.one(id="policy.price_cap_usd-problem").text == "Нужно число от 0,001 до 100000."
        assert page.one(id="policy.price_cap_usd")["value"] == amount
        assert fold(page, "policy")[0]


class TestFinishing:
    def test_is_folded_away_while_nothing_is_added(self, visitor: Visitor) -> None:
        assert fold(visitor.page(PATH), "finishing") == (False, "ничего не добавляется")

    def test_is_saved_and_told_in_one_line(self, visitor: Visitor, wiring: Wiring, fields: Fields) -> None:
        image: dict[str, Any] = {"upload.output.overlay": (io.BytesIO(pictures.png()), "frame.png")}
        chosen = {"output.aspect": "crop", "output.overlay_place": "frame", "output.qr_corner": "bottom_right"}
        assert visitor.post(PATH, {**fields, **chosen, **image, "output.format": "original"}).status_code == 303
        output = stored(wiring).output
        [template] = wiring.services().templates.all()
        assert output == Output("original", 90, None, "crop", str(template.id), "frame", "bottom_right")
        assert template.used_by == ("slot-001",)
        assert fold(visitor.page(PATH), "finishing") == (True, "обрезка, рамка, QR-код справа внизу")

    def test_the_place_of_an_overlay_alone_adds_nothing(self, visitor: Visitor, fields: Fields) -> None:
        visitor.post(PATH, {**fields, "output.overlay_place": "top_left"})
        assert fold(visitor.page(PATH), "finishing") == (True, "ничего не добавляется")

    def test_an_overlay_that_is_gone_is_named_in_the_open_part(self, visitor: Visitor, fields: Fields) -> None:
        gone = "6f1c2b0e-95d2-4c44-8a07-3be1f0b9d7aa"
        page = Page(visitor.post(PATH, {**fields, "output.overlay": gone}, htmx=True).text)
        assert "Выберите другой" in page.one(id="output.overlay-problem").text
        assert fold(page, "finishing")[0]


class TestKeeping:
    def test_is_folded_away_while_nothing_but_results_is_kept(self, visitor: Visitor) -> None:
        assert fold(visitor.page(PATH), "keeping") == (False, "только готовые фото")

    def test_is_saved_and_told_in_one_line(self, visitor: Visitor, wiring: Wiring, fields: Fields) -> None:
        assert visitor.post(PATH, {**fields, "keeping.originals": "on", "keeping.copies": "on"}).status_code == 303
        assert stored(wiring).keeping == Keeping(originals=True, copies=True)
        assert fold(visitor.page(PATH), "keeping") == (True, "исходные снимки, копии в хранилище студии")

    def test_can_be_turned_off_again(self, visitor: Visitor, wiring: Wiring, fields: Fields) -> None:
        visitor.post(PATH, {**fields, "keeping.originals": "on"})
        again = visitor.page(PATH).fields("slot-form")
        del again["keeping.originals"]
        visitor.post(PATH, again)
        assert stored(wiring).keeping == Keeping()

    def test_comes_along_with_what_is_copied_from_another_slot(
        self, visitor: Visitor, wiring: Wiring, fields: Fields
    ) -> None:
        visitor.post(PATH, {**fields, "keeping.copies": "on"})
        copied = visitor.post("/slots/slot-002/copy", {**fields, "copy_from": "slot-001"}, htmx=True)
        assert fold(Page(copied.text), "keeping") == (True, "копии в хранилище студии")


class TestQrCode:
    def test_says_what_it_needs_where_there_is_no_public_address(self, visitor: Visitor) -> None:
        assert "PUBLIC_BASE_URL" in visitor.page(PATH).one(id="output.qr_corner-hint").text

    @pytest.mark.parametrize("environment", [{"PUBLIC_BASE_URL": "http://booths.example.org"}])
    def test_needs_nothing_where_there_is_one(self, visitor: Visitor) -> None:
        assert not visitor.page(PATH).all(id="output.qr_corner-hint")
