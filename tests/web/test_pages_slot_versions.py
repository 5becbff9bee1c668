"""What a slot was, and what two people make of it at once: on pages, with scripts and without."""

import re
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask

from app.adapters.db.slots import PostgresSlotStore
from app.domain.slot import Slot, Step
from app.wiring import Wiring
from tests.web.visitor import Element, Page, Visitor

PATH = "/slots/slot-001"
Fields = dict[str, str]


@pytest.fixture
def fields(visitor: Visitor) -> Fields:
    """What the untouched form would send."""
    return visitor.page(PATH).fields("slot-form")


@pytest.fixture
def igor(app: Flask) -> Visitor:
    return Visitor(app.test_client()).log_in("igor", "igor-secret-1")


def stored(wiring: Wiring, slot_id: str = "slot-001") -> Slot:
    return wiring.services().slots.get(slot_id)


def words(element: Element) -> str:
    return " ".join(element.text.split())


class TestHistory:
    def test_tells_who_changed_what_in_the_words_of_the_form_and_restores(
        self, visitor: Visitor, wiring: Wiring, fields: Fields
    ) -> None:
        changes = {"name": "Свадьба", "settings.effect": "pencil", "output.qr_corner": "top_left"}
        visitor.post(PATH, {**fields, **changes})
        page = visitor.page(f"{PATH}/history")
        newest = words(page.one(id="version-2"))
        assert newest.startswith("Версия 2 serg, ")
        for line in ("Название Слот 1 → Свадьба", "Эффект Акварель → Карандаш", "нет → слева вверху"):
            assert line in newest
        assert not page.all(id="restore-2")
        restored = visitor.post(f"{PATH}/restore", {"version": "1", "current": "2"})
        assert (restored.status_code, restored.location) == (303, PATH)
        assert (stored(wiring).name, stored(wiring).version) == ("Слот 1", 3)
        assert visitor.page(PATH).one(id="slot-form")["data-announce"] == "Версия возвращена"

    def test_what_cannot_be_restored_is_named_by_its_label(self, visitor: Visitor, wiring: Wiring) -> None:
        gone = Step("local", "frame", {"template": str(UUID(int=1))})
        slot = replace(stored(wiring), step=gone, fallbacks=(Step("nobody", "nothing"),))
        assert PostgresSlotStore(wiring.database).save(slot, 1, "serg")
        assert PostgresSlotStore(wiring.database).save(replace(stored(wiring), step=Step("local", "frame")), 2, "serg")
        answer = visitor.post(f"{PATH}/restore", {"version": "2", "current": "3"})
        assert answer.status_code == 422
        assert [e.text for e in Page(answer.text).one(role="alert").inside if e.tag == "li"] == [
            "Рамка: Этого образца больше нет. Выберите другой.",
            "Запасной вариант 1, Провайдер: Такого варианта больше нет.",
        ]

    def test_somebody_elses_edit_in_between_is_not_overwritten(self, visitor: Visitor, fields: Fields) -> None:
        for name in ("Второй", "Третий"):
            fields = {**visitor.page(PATH).fields("slot-form"), "name": name}
            visitor.post(PATH, fields)
        answer = visitor.post(f"{PATH}/restore", {"version": "1", "current": "2"})
        assert answer.status_code == 409
        assert "изменил serg" in Page(answer.text).one(role="alert").text

    def test_is_read_in_pages(self, visitor: Visitor, wiring: Wiring) -> None:
        for version in range(1, 22):
            wiring.stores.slots.save(replace(stored(wiring), name=f"Слот {version}"), version, "igor")
        older = visitor.page(f"{PATH}/history").one(id="older")["href"]
        page = visitor.page(str(older))
        assert [e["id"] for e in page.all("li")] == ["version-2", "version-1"]
        assert "Слот 1 → " not in words(page.one(id="version-2"))
        nowhere = visitor.page(f"{PATH}/history?page=99")
        assert "Ничего такого здесь нет." in words(nowhere.one("main"))
        assert nowhere.one(id="newer")["href"] == f"{PATH}/history?page=2"


def test_the_title_says_what_the_home_page_says_of_a_slot_without_a_key(
    visitor: Visitor, igor: Visitor, wiring: Wiring
) -> None:
    without_key = replace(stored(wiring), step=Step("gemini", "image_edit"))
    assert PostgresSlotStore(wiring.database).save(without_key, 1, "serg")
    titles = [visitor.page(PATH), Page(igor.post(f"{PATH}/resume", {}, htmx=True).text)]
    assert [page.one("span", class_="pill bad").text for page in titles] == ["Ключа нет"] * 2
    assert len(visitor.page("/").all("span", class_="pill bad")) == 1
    paused = Page(visitor.post(f"{PATH}/pause", {}, htmx=True).text)
    assert [e.text for e in paused.all("span", class_="pill")] == ["На паузе"]


class TestPausing:
    def test_happens_at_once_and_takes_nothing_from_an_open_form(
        self, visitor: Visitor, igor: Visitor, wiring: Wiring, fields: Fields
    ) -> None:
        title = Page(igor.post(f"{PATH}/pause", {}, htmx=True).text)
        assert (title.one(id="switch-slot").text, stored(wiring).is_active) == ("Снять с паузы", False)
        assert visitor.post(PATH, {**fields, "name": "Свадьба"}).status_code == 303
        assert (stored(wiring).name, stored(wiring).is_active) == ("Свадьба", False)
        assert igor.post(f"{PATH}/resume", {}).status_code == 303
        assert stored(wiring).is_active


class TestCopying:
    def test_fills_the_form_and_saves_nothing(self, visitor: Visitor, wiring: Wiring, fields: Fields) -> None:
        typed = {**fields, "name": "Набрано", "settings.strength": "12", "copy_from": "slot-002"}
        for htmx in (True, False):
            copied = Page(visitor.post(f"{PATH}/copy", typed, htmx=htmx).text)
            sent = copied.fields("slot-form")
            assert (sent["name"], sent["version"]) == ("Набрано", "1")
            assert sent["settings.effect"] == stored(wiring, "slot-002").step.settings["effect"]
            assert "data-dirty" in copied.one(id="slot-form").attributes
        assert stored(wiring).version == 1
        back = Page(visitor.post(f"{PATH}/copy/undo", sent, htmx=True).text).fields("slot-form")
        assert (back["settings.strength"], back["settings.effect"]) == ("12", fields["settings.effect"])
        assert not [name for name in back if name.startswith("mine.")]

    @pytest.mark.parametrize(("path", "status"), [("copy", 404), ("copy/undo", 400)])
    def test_of_nothing_is_refused(self, visitor: Visitor, fields: Fields, path: str, status: int) -> None:
        assert visitor.post(f"{PATH}/{path}", {**fields, "copy_from": "slot-016"}).status_code == status


class TestConflict:
    @pytest.fixture
    def found(self, visitor: Visitor, igor: Visitor, fields: Fields) -> Page:
        """Igor has changed name, strength and quality; serg sends another name and another format."""
        theirs = {"name": "Юбилей", "settings.strength": "35", "output.quality": "80"}
        igor.post(PATH, {**igor.page(PATH).fields("slot-form"), **theirs})
        answer = visitor.post(PATH, {**fields, "name": "Свадьба", "output.format": "png"}, htmx=True)
        assert answer.status_code == 409
        return Page(answer.text)

    def test_only_one_button_saves_and_it_is_not_under_the_finger(self, found: Page, visitor: Visitor) -> None:
        assert "autofocus" in found.one(id="conflict").attributes
        assert "autofocus" not in found.one(id="overwrite").attributes
        assert not found.all(id="save")
        assert visitor.post(PATH, found.fields("slot-form"), htmx=True).status_code == 409

    def pressed(self, page: Page) -> dict[str, str]:
        """What each part holds now, by the label."""
        return {
            group.inside[0].text: words(next(e for e in group.inside if e.get("aria-pressed") == "true"))
            for group in page.all("fieldset", class_="dispute")
        }

    def test_shows_both_values_of_what_they_changed(self, found: Page) -> None:
        [notice] = found.all(role="alert")
        assert re.search(r"igor, .+: Название, Сила, Качество", words(notice))
        assert self.pressed(found) == {
            "Название": "У вас Свадьба",
            "Сила": "igor 35",
            "Качество, 1–100": "igor 80",
        }
        sent = found.fields("slot-form")
        assert (sent["name"], sent["settings.strength"], sent["output.format"]) == ("Свадьба", "35", "png")

    @pytest.mark.parametrize("htmx", [True, False])
    def test_theirs_is_taken_field_by_field_and_back(
        self, found: Page, visitor: Visitor, wiring: Wiring, htmx: bool
    ) -> None:
        taken = Page(visitor.post(f"{PATH}/take/theirs/name", found.fields("slot-form"), htmx=htmx).text)
        assert taken.fields("slot-form")["name"] == "Юбилей"
        mine = f"{PATH}/take/mine/settings.strength"
        back = Page(visitor.post(mine, taken.fields("slot-form"), htmx=htmx).text)
        assert self.pressed(back)["Сила"] == "У вас 80"
        assert back.one(id="take-mine-settings.strength").get("autofocus") is None or not htmx
        overwritten = {**back.fields("slot-form"), "overwrite": back.one(id="overwrite")["value"]}
        assert visitor.post(PATH, overwritten).status_code == 303
        slot = stored(wiring)
        assert (slot.name, slot.step.settings["strength"]) == ("Юбилей", 80)
        assert (slot.output.quality, slot.output.format, slot.version) == (80, "png", 3)

    def test_a_third_edit_is_another_conflict(self, found: Page, visitor: Visitor, igor: Visitor) -> None:
        igor.post(PATH, {**igor.page(PATH).fields("slot-form"), "name": "Третий"})
        stale = {**found.fields("slot-form"), "overwrite": str(found.one(id="overwrite")["value"])}
        answer = visitor.post(PATH, stale, htmx=True)
        assert answer.status_code == 409
        assert self.pressed(Page(answer.text)) == {"Название": "У вас Свадьба"}

    @pytest.mark.parametrize("path", ["take/theirs/provider", "take/nobodys/name", "take/theirs/policy.nothing"])
    def test_what_was_not_offered_cannot_be_taken(self, found: Page, visitor: Visitor, path: str) -> None:
        assert visitor.post(f"{PATH}/{path}", found.fields("slot-form"), htmx=True).status_code == 404


class TestConnectionCard:
    def test_the_link_is_an_image_of_its_own_to_see_save_and_print(self, visitor: Visitor) -> None:
        page = visitor.page(PATH)
        assert page.one("img", alt="QR-код ссылки")["src"] == f"{PATH}/link.svg"
        image = visitor.get(f"{PATH}/link.svg")
        assert (image.mimetype, b"style" in image.data, b"<script" in image.data) == ("image/svg+xml", False, False)
        saved = visitor.get(str(page.one(id="download-code")["href"])).headers["Content-Disposition"]
        assert saved == 'attachment; filename="slot-001-link.svg"'
        card = visitor.page(str(page.one(id="print-card")["href"]))
        assert card.one(id="copy-link")["data-copy"] == "http://localhost/ingest/slot-001"
        assert any("Web based (HTTP POST)" in e.text for e in card.all("b"))

    def test_of_a_slot_that_is_none(self, visitor: Visitor) -> None:
        for page in ("link.svg", "card", "history"):
            assert visitor.get(f"/slots/slot-016/{page}").status_code == 404
