"""The steps of a slot's form: another choice in one of them, fallbacks added and removed, and nothing typed is lost."""

from dataclasses import replace

import pytest

from app.adapters.db.slots import PostgresSlotStore
from app.domain.slot import Slot, Step
from app.services.slots import MAX_FALLBACKS
from app.wiring import Wiring
from tests.web.visitor import Page, Visitor

PATH = "/slots/slot-001"
GEMINI = {"provider": "gemini", "operation": "image_edit"}
FAST, FINE = "gemini-2.5-flash-image", "gemini-3.1-flash-image"

Fields = dict[str, str]


@pytest.fixture
def fields(visitor: Visitor) -> Fields:
    """What the untouched form would send."""
    return visitor.page(PATH).fields("slot-form")


def stored(wiring: Wiring) -> Slot:
    return wiring.services().slots.get("slot-001")


def sent(visitor: Visitor, action: str, fields: Fields) -> Fields:
    """What the form would send after one of its buttons was pressed in a browser without scripts."""
    answer = visitor.post(f"{PATH}/{action}", fields)
    assert answer.status_code == 200, answer.text
    return Page(answer.text).fields("slot-form")


def turned(visitor: Visitor, fields: Fields, path: str = "", **choice: str) -> Fields:
    """The form after another choice in the step at `path`."""
    return sent(visitor, "fields", {**fields, **{path + name: value for name, value in choice.items()}})


class TestAnotherChoice:
    def test_swaps_the_step_alone(self, visitor: Visitor, fields: Fields) -> None:
        page = Page(visitor.post(f"{PATH}/fields?step=0", {**fields, "operation": "frame"}, htmx=True).text)
        assert page.elements[0]["class"] == "step fields"
        assert page.all("input", name="settings.fit")
        assert not page.all(id="settings.strength")
        assert not page.all("form")

    def test_swaps_a_fallback_and_leaves_it_open(self, visitor: Visitor, fields: Fields) -> None:
        two = sent(visitor, "fallbacks", fields)
        changed = {**two, "fallbacks.0.operation": "frame"}
        page = Page(visitor.post(f"{PATH}/fields?step=1", changed, htmx=True).text)
        assert page.elements[0]["id"] == "fallback-1"
        assert "open" in page.elements[0].attributes
        assert page.all("input", name="fallbacks.0.settings.fit")
        assert "Рамка" in page.one("summary").text

    def test_keeps_what_was_typed_there_and_back(self, visitor: Visitor, fields: Fields) -> None:
        typed = {**fields, "settings.effect": "comic", "settings.strength": "33"}
        away = turned(visitor, typed, operation="frame")
        assert "settings.strength" not in away
        back = turned(visitor, turned(visitor, away, **GEMINI), provider="local", operation="image_edit")
        assert (back["settings.effect"], back["settings.strength"]) == ("comic", "33")

    def test_keeps_apart_what_two_operations_call_the_same(self, visitor: Visitor, fields: Fields) -> None:
        other = turned(visitor, {**fields, "settings.strength": "33"}, operation="style_transfer")
        back = turned(visitor, {**other, "settings.strength": "90"}, operation="image_edit")
        assert back["settings.strength"] == "33"
        assert turned(visitor, back, operation="style_transfer")["settings.strength"] == "90"

    def test_takes_over_what_somebody_chose_and_the_other_accepts(self, visitor: Visitor, fields: Fields) -> None:
        gemini = turned(visitor, fields, **GEMINI)
        typed = {**gemini, "settings.prompt": "Make them pirates", "settings.aspect_ratio": "2:3"}
        openai = turned(visitor, typed, provider="openai", operation="image_edit")
        assert openai["settings.prompt"] == "Make them pirates"

    def test_takes_over_no_default_and_nothing_out_of_range(self, visitor: Visitor, fields: Fields) -> None:
        gemini = turned(visitor, {**fields, "settings.strength": "95"}, **GEMINI)
        styled = turned(visitor, gemini, operation="style_transfer")
        assert styled["settings.prompt"] != gemini["settings.prompt"]
        turbotext = turned(visitor, {**fields, "settings.strength": "95"}, provider="turbotext")
        assert turbotext["settings.strength"] == "40"

    def test_saves_nothing(self, visitor: Visitor, wiring: Wiring, fields: Fields) -> None:
        turned(visitor, fields, operation="frame")
        assert stored(wiring).version == 1

    def test_shows_the_whole_page_without_scripts(self, visitor: Visitor, fields: Fields) -> None:
        page = Page(visitor.post(f"{PATH}/fields", {**fields, "name": "Не сохранено", "operation": "frame"}).text)
        assert page.one(id="name")["value"] == "Не сохранено"
        assert page.all("input", name="settings.fit")

    @pytest.mark.parametrize("language", ["ru", "en"])
    def test_every_field_of_the_catalogue_is_shown(
        self, visitor: Visitor, wiring: Wiring, fields: Fields, language: str
    ) -> None:
        visitor.post("/language", {"language": language})
        for provider in wiring.catalogue.providers:
            for operation in provider.operations:
                choice = {"provider": provider.id, "operation": operation.id}
                page = Page(visitor.post(f"{PATH}/fields", {**fields, **choice}, htmx=True).text)
                for field in operation.fields:
                    is_known = not field.models or operation.models[0].id in field.models
                    assert (field.label[language] in page.html) >= is_known, (choice, field.name)
                    assert bool(page.all(name=f"settings.{field.name}")) == is_known, (choice, field.name)

    def test_another_provider_starts_with_its_first_operation(
        self, visitor: Visitor, wiring: Wiring, fields: Fields
    ) -> None:
        first = wiring.catalogue.providers[1].operations[0].id
        assert turned(visitor, fields, provider="gemini", operation="frame")["operation"] == first

    def test_an_unknown_provider_is_named_as_wrong(self, visitor: Visitor, fields: Fields) -> None:
        answer = visitor.post(PATH, {**fields, "provider": "nobody"}, htmx=True)
        assert answer.status_code == 422
        assert Page(answer.text).one(id="provider-problem").text == "Выберите значение из списка."


class TestModels:
    @pytest.fixture
    def gemini(self, visitor: Visitor, fields: Fields) -> Fields:
        return turned(visitor, fields, **GEMINI)

    def page(self, visitor: Visitor, fields: Fields, **changes: str) -> Page:
        return Page(visitor.post(f"{PATH}/fields", {**fields, **changes}, htmx=True).text)

    def test_fields_that_the_model_does_not_know_come_and_go(self, visitor: Visitor, gemini: Fields) -> None:
        assert gemini["settings.model"] == FAST
        assert "settings.image_size" not in gemini
        fine = turned(visitor, gemini, **{"settings.model": FINE})
        fast = turned(visitor, {**fine, "settings.image_size": "2K"}, **{"settings.model": FAST})
        assert self.page(visitor, fast).one("input", name="settings.image_size")["type"] == "hidden"
        assert turned(visitor, fast, **{"settings.model": FINE})["settings.image_size"] == "2K"

    def test_what_the_model_does_not_know_is_saved_with_the_slot(
        self, visitor: Visitor, wiring: Wiring, gemini: Fields
    ) -> None:
        fine = turned(visitor, gemini, **{"settings.model": FINE})
        visitor.post(PATH, turned(visitor, {**fine, "settings.image_size": "2K"}, **{"settings.model": FAST}))
        assert stored(wiring).step.settings["image_size"] == "2K"
        again = turned(visitor, visitor.page(PATH).fields("slot-form"), **{"settings.model": FINE})
        assert again["settings.image_size"] == "2K"

    def test_something_wrong_in_a_hidden_field_is_shown(self, visitor: Visitor, gemini: Fields) -> None:
        answer = visitor.post(PATH, {**gemini, "settings.image_size": "9K"}, htmx=True)
        assert Page(answer.text).one(id="settings.image_size-problem").text == "Выберите значение из списка."

    @pytest.mark.parametrize(
        ("language", "sentence"),
        [
            ("ru", "0,067 $ за картинку при обычных настройках, обычно 14 с"),
            ("en", "$0.067 a picture at usual settings, usually 14 s"),
        ],
    )
    def test_the_price_and_the_time_of_the_choice_are_told(
        self, visitor: Visitor, gemini: Fields, language: str, sentence: str
    ) -> None:
        visitor.post("/language", {"language": language})
        assert sentence in self.page(visitor, gemini, **{"settings.model": FINE}).html
        assert sentence not in self.page(visitor, gemini).html

    def test_a_prompt_says_once_how_placeholders_work(self, visitor: Visitor, gemini: Fields) -> None:
        assert self.page(visitor, gemini).html.count("{qr1}") == 1


class TestKeys:
    def notices(self, visitor: Visitor, fields: Fields) -> list[str | None]:
        page = Page(visitor.post(f"{PATH}/fields", {**fields, **GEMINI}, htmx=True).text)
        return [e["href"] for e in page.all("a") if e["href"]]

    def test_a_provider_without_a_key_leads_to_the_settings(self, visitor: Visitor, fields: Fields) -> None:
        assert self.notices(visitor, fields) == ["/settings?provider=gemini#provider-gemini"]

    @pytest.mark.parametrize("environment", [{"GEMINI_API_KEY": "a-key-of-the-environment"}])
    def test_a_provider_with_one_does_not(self, visitor: Visitor, fields: Fields) -> None:
        assert self.notices(visitor, fields) == []


class TestFallbacks:
    def test_the_first_is_the_built_in_effect_of_the_same_operation(self, visitor: Visitor, fields: Fields) -> None:
        gemini = turned(visitor, fields, provider="gemini", operation="style_transfer")
        two = sent(visitor, "fallbacks", gemini)
        assert (two["fallbacks.0.provider"], two["fallbacks.0.operation"]) == ("local", "style_transfer")
        other = sent(visitor, "fallbacks", turned(visitor, fields, provider="gemini", operation="generation"))
        assert (other["fallbacks.0.provider"], other["fallbacks.0.operation"]) == ("local", "image_edit")

    def test_adding_answers_the_chain_with_the_new_one_open_and_in_focus(
        self, visitor: Visitor, fields: Fields
    ) -> None:
        page = Page(visitor.post(f"{PATH}/fallbacks", fields, htmx=True).text)
        assert page.elements[0]["id"] == "chain"
        assert "open" in page.one("details").attributes
        assert [e["id"] for e in page.elements if "autofocus" in e.attributes] == ["fallbacks.0.provider"]

    def test_are_saved_in_their_order_and_there_after_a_reload(
        self, visitor: Visitor, wiring: Wiring, fields: Fields
    ) -> None:
        three = sent(visitor, "fallbacks", sent(visitor, "fallbacks", fields))
        typed = {"fallbacks.0.settings.effect": "oil", "fallbacks.1.settings.effect": "comic"}
        assert visitor.post(PATH, {**three, **typed}).status_code == 303
        assert [step.settings["effect"] for step in stored(wiring).fallbacks] == ["oil", "comic"]
        again = visitor.page(PATH)
        assert [again.fields("slot-form")[path] for path in typed] == ["oil", "comic"]
        assert not [e for e in again.all("details") if "open" in e.attributes]

    def test_there_are_three_at_the_most(self, visitor: Visitor, fields: Fields) -> None:
        for _ in range(MAX_FALLBACKS):
            fields = sent(visitor, "fallbacks", fields)
        page = Page(visitor.post(f"{PATH}/fallbacks", fields, htmx=True).text)
        assert len(page.all("details")) == MAX_FALLBACKS
        assert not page.all(id="add-fallback")

    def test_removing_one_keeps_what_was_typed_in_the_others(self, visitor: Visitor, fields: Fields) -> None:
        for _ in range(3):
            fields = sent(visitor, "fallbacks", fields)
        typed = {f"fallbacks.{n}.settings.strength": str(n) for n in range(3)} | {"settings.strength": "77"}
        left = sent(visitor, "fallbacks/2/remove", {**fields, **typed, "name": "Не сохранено"})
        assert [left[f"fallbacks.{n}.settings.strength"] for n in (0, 1)] == ["0", "2"]
        assert "fallbacks.2.provider" not in left
        assert (left["settings.strength"], left["name"]) == ("77", "Не сохранено")

    def test_removing_gives_the_focus_to_the_button_that_adds(self, visitor: Visitor, fields: Fields) -> None:
        two = sent(visitor, "fallbacks", fields)
        page = Page(visitor.post(f"{PATH}/fallbacks/1/remove", two, htmx=True).text)
        assert [e["id"] for e in page.elements if "autofocus" in e.attributes] == ["add-fallback"]
        assert not page.all("details")

    @pytest.mark.parametrize("place", [0, 7])
    def test_the_primary_and_what_is_not_there_cannot_be_removed(
        self, visitor: Visitor, fields: Fields, place: int
    ) -> None:
        assert sent(visitor, f"fallbacks/{place}/remove", fields)["provider"] == "local"

    def test_a_removed_one_is_gone_after_saving(self, visitor: Visitor, wiring: Wiring, fields: Fields) -> None:
        visitor.post(PATH, sent(visitor, "fallbacks", fields))
        two = visitor.page(PATH).fields("slot-form")
        visitor.post(PATH, sent(visitor, "fallbacks/1/remove", two))
        assert stored(wiring).fallbacks == ()

    def test_a_problem_stands_beside_its_field_in_an_open_fallback(self, visitor: Visitor, fields: Fields) -> None:
        visitor.post(PATH, sent(visitor, "fallbacks", fields))
        two = visitor.page(PATH).fields("slot-form")
        page = Page(visitor.post(PATH, {**two, "fallbacks.0.settings.strength": "400"}, htmx=True).text)
        assert page.one(id="fallbacks.0.settings.strength-problem").text == "Нужно число от 0 до 100."
        assert [e["id"] for e in page.elements if "autofocus" in e.attributes] == ["fallbacks.0.settings.strength"]
        assert "open" in page.one("details", id="fallback-1").attributes

    def test_each_has_the_same_fields_as_the_primary(self, visitor: Visitor, fields: Fields) -> None:
        two = sent(visitor, "fallbacks", turned(visitor, fields, **GEMINI))
        both = turned(visitor, two, "fallbacks.0.", **GEMINI)
        prefix = "fallbacks.0.settings."
        assert {n.removeprefix(prefix) for n in both if n.startswith(prefix)} == {
            n.removeprefix("settings.") for n in both if n.startswith("settings.")
        }

    def test_one_that_the_catalogue_does_not_know_any_more_is_still_shown(
        self, visitor: Visitor, wiring: Wiring, fields: Fields
    ) -> None:
        slot = replace(stored(wiring), fallbacks=(Step("nobody", "nothing", {"prompt": "x"}),))
        assert PostgresSlotStore(wiring.database).save(slot, slot.version, "serg")
        assert visitor.page(PATH).fields("slot-form")["fallbacks.0.provider"] == "nobody"
