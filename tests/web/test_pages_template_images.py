"""Template images in any field of a slot's form: uploaded, reused, kept, and removed for good."""

import io
from typing import Any

import pytest

from app.web.pages.image_fields import SHELF_MAX
from app.wiring import Wiring
from tests import pictures
from tests.web.visitor import Page, Visitor

PATH = "/slots/slot-001"
PLACES = ["settings.template", "fallbacks.0.settings.template", "output.overlay"]
STEP, FALLBACK, OVERLAY = PLACES

Fields = dict[str, str]


@pytest.fixture
def fields(visitor: Visitor) -> Fields:
    """The form with a step and a fallback that need an image each."""
    styled = {**visitor.page(PATH).fields("slot-form"), "operation": "style_transfer"}
    both = Page(visitor.post(f"{PATH}/fallbacks", styled).text).fields("slot-form")
    assert {STEP, FALLBACK, OVERLAY} <= set(both)
    return both


def image(path: str = STEP, data: bytes | None = None, name: str = "закат.png") -> dict[str, Any]:
    return {f"upload.{path}": (io.BytesIO(pictures.png() if data is None else data), name)}


def uploaded(visitor: Visitor, fields: Fields, path: str = STEP) -> str:
    """The id of a fresh image, as the form would send it."""
    answer = visitor.post(f"{PATH}/template-images/{path}", {**fields, **image(path)}, htmx=True)
    assert answer.status_code == 200, answer.text
    [image_id] = chosen(Page(answer.text), path)
    return str(image_id)


def chosen(page: Page, path: str = STEP) -> list[str | None]:
    radios = page.all("input", type="radio", name=path)
    return [e["value"] for e in radios if "checked" in e.attributes and e["value"]]


def delete(image_id: str, path: str = STEP) -> str:
    return f"{PATH}/template-images/{path}/{image_id}/delete"


class TestUploading:
    @pytest.mark.parametrize("path", PLACES)
    def test_chooses_the_image_in_its_field_alone(self, visitor: Visitor, fields: Fields, path: str) -> None:
        answer = visitor.post(f"{PATH}/template-images/{path}", {**fields, **image(path)}, htmx=True)
        page = Page(answer.text)
        assert [len(chosen(page, place)) for place in PLACES] == [place == path for place in PLACES]
        [src] = {e["src"] for e in page.all("img")}
        assert visitor.get(str(src)).mimetype == "image/webp"

    @pytest.mark.parametrize("path", PLACES)
    def test_offers_the_image_in_the_other_fields_too(self, visitor: Visitor, fields: Fields, path: str) -> None:
        answer = visitor.post(f"{PATH}/template-images/{path}", {**fields, **image(path)}, htmx=True)
        beside = {e["id"]: e.get("hx-swap-oob") for e in Page(answer.text).all("fieldset")}
        assert beside == {f"{place}-field": None if place == path else "true" for place in PLACES}

    @pytest.mark.parametrize("path", PLACES)
    def test_lasts_after_saving_and_reloading(
        self, visitor: Visitor, fields: Fields, wiring: Wiring, path: str
    ) -> None:
        needed = uploaded(visitor, fields)
        image_id = uploaded(visitor, fields, path)
        assert visitor.post(PATH, {**fields, STEP: needed, FALLBACK: needed, path: image_id}).status_code == 303
        assert chosen(visitor.page(PATH), path) == [image_id]
        [template] = [t for t in wiring.services().templates.all() if str(t.id) == image_id]
        assert template.used_by == ("slot-001",)

    def test_needs_no_scripts(self, visitor: Visitor, fields: Fields) -> None:
        images = image(STEP) | image(FALLBACK) | image(OVERLAY)
        assert visitor.post(PATH, {**fields, **images}).status_code == 303
        assert [len(chosen(visitor.page(PATH), path)) for path in PLACES] == [1, 1, 1]

    @pytest.mark.parametrize("action", ["fields", "fallbacks", "fallbacks/1/remove"])
    def test_without_scripts_no_other_button_loses_it(self, visitor: Visitor, fields: Fields, action: str) -> None:
        page = Page(visitor.post(f"{PATH}/{action}", {**fields, **image()}).text)
        assert len(chosen(page)) == 1

    def test_without_scripts_deleting_or_adding_an_image_loses_no_other(self, visitor: Visitor, fields: Fields) -> None:
        doomed = uploaded(visitor, fields)
        for action in (delete(doomed, FALLBACK), f"{PATH}/template-images/{OVERLAY}"):
            page = Page(visitor.post(action, {**fields, **image(STEP), **image(OVERLAY)}).text)
            assert [len(chosen(page, path)) for path in (STEP, OVERLAY)] == [1, 1], action

    @pytest.mark.parametrize("path", PLACES)
    def test_names_a_broken_image_beside_the_field(self, visitor: Visitor, fields: Fields, path: str) -> None:
        for htmx, action in ((True, f"{PATH}/template-images/{path}"), (False, PATH)):
            answer = visitor.post(action, {**fields, **image(path, b"no image", "x.png")}, htmx=htmx)
            assert answer.status_code == 422
            problem = Page(answer.text).one(id=f"{path}-problem")
            assert problem.text == "Подходят только JPEG, PNG, WebP и HEIC."

    def test_says_when_there_is_no_file_at_all(self, visitor: Visitor, fields: Fields) -> None:
        answer = visitor.post(f"{PATH}/template-images/{STEP}", fields, htmx=True)
        assert (answer.status_code, "Сначала выберите фото." in answer.text) == (422, True)

    @pytest.mark.parametrize(
        "path", ["nothing", "settings.nothing", "settings.strength", "fallbacks.1.settings.template", "output.format"]
    )
    def test_a_field_that_takes_no_image_is_not_found(self, visitor: Visitor, fields: Fields, path: str) -> None:
        for action in (f"{PATH}/template-images/{path}", delete(uploaded(visitor, fields), path)):
            assert visitor.post(action, {**fields, **image(path)}, htmx=True).status_code == 404


class TestChoosing:
    def test_images_are_offered_to_other_slots(self, visitor: Visitor, fields: Fields) -> None:
        image_id = uploaded(visitor, fields)
        page = Page(visitor.post("/slots/slot-002/fields", fields, htmx=True).text)
        assert [e["value"] for e in page.all("input", type="radio", name=STEP)] == [image_id]

    def test_a_fallback_starts_with_the_image_of_the_primary(self, visitor: Visitor, fields: Fields) -> None:
        image_id = uploaded(visitor, fields)
        page = Page(visitor.post(f"{PATH}/fallbacks", {**fields, STEP: image_id}).text)
        assert chosen(page, "fallbacks.1.settings.template") == [image_id]

    @pytest.mark.parametrize("path", [STEP, FALLBACK])
    def test_a_needed_image_that_was_not_chosen_is_asked_for(self, visitor: Visitor, fields: Fields, path: str) -> None:
        answer = visitor.post(PATH, {**fields, path: ""}, htmx=True)
        assert Page(answer.text).one(id=f"{path}-problem").text == "Обязательное поле."


class TestManyImages:
    @pytest.fixture
    def images(self, visitor: Visitor, fields: Fields) -> list[str]:
        """The ids of more than a field shows, oldest first."""
        return [uploaded(visitor, fields) for _ in range(SHELF_MAX + 2)]

    def shelf(self, page: Page, path: str) -> list[str]:
        return [str(e["value"]) for e in page.all("input", type="radio", name=path) if e["value"]]

    def test_the_newest_are_offered_and_the_chosen_one(
        self, visitor: Visitor, fields: Fields, images: list[str]
    ) -> None:
        oldest, *_ = images
        page = Page(visitor.post(f"{PATH}/fields", {**fields, STEP: oldest}).text)
        newest = images[: -SHELF_MAX - 1 : -1]
        assert self.shelf(page, STEP) == [*newest, oldest]
        assert self.shelf(page, OVERLAY) == newest

    @pytest.mark.parametrize("path", PLACES)
    @pytest.mark.parametrize("htmx", [True, False])
    def test_all_are_shown_to_who_asks(
        self, visitor: Visitor, fields: Fields, images: list[str], path: str, htmx: bool
    ) -> None:
        page = Page(visitor.post(f"{PATH}/template-images/{path}/all", fields, htmx=htmx).text)
        assert self.shelf(page, path) == images[::-1]
        assert not page.all(id=f"{path}-all")

    def test_a_long_chain_is_still_a_light_page(self, visitor: Visitor, fields: Fields, images: list[str]) -> None:
        three = Page(visitor.post(f"{PATH}/fallbacks", {**fields, STEP: images[0]}).text).fields("slot-form")
        assert visitor.post(PATH, {**three, FALLBACK: images[0]}).status_code == 303
        page = visitor.page(PATH)
        assert len(self.shelf(page, "fallbacks.1.settings.template")) == SHELF_MAX + 1
        assert len(page.html.encode()) < 100_000  # with compressed scripts and styles the first load is below 150 KB


class TestRemoving:
    def test_takes_the_image_out_of_every_field(self, visitor: Visitor, fields: Fields) -> None:
        image_id = uploaded(visitor, fields)
        answer = visitor.post(delete(image_id), {**fields, **dict.fromkeys(PLACES, image_id)}, htmx=True)
        page = Page(answer.text)
        assert answer.status_code == 200
        assert not page.all("img")
        assert [chosen(page, path) for path in PLACES] == [[], [], []]
        assert visitor.get(f"/template-images/{image_id}").status_code == 404

    def test_without_scripts_keeps_what_was_typed(self, visitor: Visitor, fields: Fields) -> None:
        image_id = uploaded(visitor, fields)
        answer = visitor.post(delete(image_id, FALLBACK), {**fields, "name": "Не сохранено"})
        page = Page(answer.text)
        assert page.one(id="name")["value"] == "Не сохранено"
        assert "open" in page.one("details", id="fallback-1").attributes
        assert visitor.get(f"/template-images/{image_id}").status_code == 404

    @pytest.mark.parametrize("path", PLACES)
    def test_is_refused_while_a_slot_uses_the_image(self, visitor: Visitor, fields: Fields, path: str) -> None:
        image_id = uploaded(visitor, fields)
        assert visitor.post(PATH, {**fields, STEP: image_id, FALLBACK: image_id}).status_code == 303
        assert not [e for e in visitor.page(PATH).all("button") if "delete" in (e.get("formaction") or "")]
        answer = visitor.post(delete(image_id, path), fields, htmx=True)
        assert answer.status_code == 422
        problem = Page(answer.text).one(id=f"{path}-problem").text
        assert "используют слоты:" in problem
        assert fields["name"] in problem
        assert visitor.get(f"/template-images/{image_id}").status_code == 200


def test_browsers_keep_previews_and_nobody_else_does(visitor: Visitor, fields: Fields) -> None:
    preview = visitor.get(f"/template-images/{uploaded(visitor, fields)}")
    assert preview.headers["Cache-Control"] == "private, max-age=604800, immutable"


def test_strangers_see_no_template(visitor: Visitor, fields: Fields) -> None:
    image_id = uploaded(visitor, fields)
    visitor.post("/logout", {})
    assert visitor.get(f"/template-images/{image_id}").status_code == 302


class TestRenaming:
    def named(self, visitor: Visitor, fields: Fields, name: str, *, htmx: bool = True) -> tuple[int, Page]:
        sent = {**fields, f"rename.{STEP}": name}
        answer = visitor.post(f"{PATH}/template-images/{STEP}/rename", sent, htmx=htmx)
        return answer.status_code, Page(answer.text)

    @pytest.mark.parametrize("htmx", [True, False])
    def test_the_chosen_image_has_another_name_in_every_field(
        self, visitor: Visitor, fields: Fields, htmx: bool
    ) -> None:
        fields = {**fields, STEP: uploaded(visitor, fields), "name": "Набрано"}
        status, page = self.named(visitor, fields, "Зимняя рамка", htmx=htmx)
        assert status == 200
        assert [e.text for e in page.all("span", class_="caption")] == ["Зимняя рамка"] * 3
        assert chosen(page) == [fields[STEP]]
        if not htmx:
            assert page.fields("slot-form")["name"] == "Набрано"

    def test_what_is_no_name_is_a_problem_of_the_field(self, visitor: Visitor, fields: Fields) -> None:
        status, page = self.named(visitor, {**fields, STEP: uploaded(visitor, fields)}, "  ")
        assert (status, page.one(id=f"{STEP}-problem").text) == (422, "Введите название.")

    def test_without_a_chosen_image_it_says_so(self, visitor: Visitor, fields: Fields) -> None:
        status, page = self.named(visitor, {**fields, STEP: ""}, "Зима")
        assert (status, page.one(id=f"{STEP}-problem").text) == (
            422,
            "Сначала выберите образец, который нужно переименовать.",
        )
