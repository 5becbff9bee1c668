"""Template images: uploaded in the form, reused, kept, and removed for good."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.wiring import Wiring
from tests import pictures
from tests.web.visitor import Page, Visitor

PATH = "/slots/slot-001"
UPLOAD = f"{PATH}/template-images/template"


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client).log_in()


@pytest.fixture
def fields(visitor: Visitor) -> dict[str, str]:
    """The form with an operation that needs an image."""
    return {**visitor.page(PATH).fields("slot-form"), "operation": "style_transfer"}


def image(data: bytes | None = None, name: str = "закат.png") -> dict[str, Any]:
    return {"upload.template": (io.BytesIO(pictures.png() if data is None else data), name)}


def uploaded(visitor: Visitor, fields: dict[str, str]) -> str:
    """The id of a fresh image, as the form would send it."""
    page = Page(visitor.post(UPLOAD, {**fields, **image()}, htmx=True).text)
    [chosen] = [e for e in page.all("input", type="radio") if "checked" in e.attributes]
    return str(chosen["value"])


def chosen(page: Page) -> list[str | None]:
    radios = page.all("input", type="radio", name="settings.template")
    return [e["value"] for e in radios if "checked" in e.attributes]


def test_an_upload_is_chosen_and_answers_the_field_alone(visitor: Visitor, fields: dict[str, str]) -> None:
    page = Page(visitor.post(UPLOAD, {**fields, **image()}, htmx=True).text)
    assert page.elements[0]["id"] == "settings.template-field"
    assert len(chosen(page)) == 1
    [picture] = page.all("img")
    assert picture["alt"] == "закат.png"
    assert visitor.get(picture["src"]).mimetype == "image/webp"


def test_a_saved_image_is_there_after_a_reload(visitor: Visitor, fields: dict[str, str], wiring: Wiring) -> None:
    image_id = uploaded(visitor, fields)
    visitor.post(PATH, {**fields, "settings.template": image_id})
    assert chosen(visitor.page(PATH)) == [image_id]
    assert wiring.services().slots.get("slot-001").step.settings["template"] == image_id


def test_an_image_comes_with_the_form_itself_without_scripts(visitor: Visitor, fields: dict[str, str]) -> None:
    assert visitor.post(PATH, {**fields, **image()}).status_code == 303
    assert len(chosen(visitor.page(PATH))) == 1


def test_a_broken_image_is_named_beside_the_field(visitor: Visitor, fields: dict[str, str]) -> None:
    for htmx, path in ((True, UPLOAD), (False, PATH)):
        answer = visitor.post(path, {**fields, **image(b"no image", "x.png")}, htmx=htmx)
        assert answer.status_code == 422
        problem = Page(answer.text).one(id="settings.template-problem")
        assert problem.text == "Подходят только JPEG, PNG, WebP и HEIC."


def test_no_file_at_all_is_said_too(visitor: Visitor, fields: dict[str, str]) -> None:
    answer = visitor.post(UPLOAD, fields, htmx=True)
    assert (answer.status_code, "Сначала выберите фото." in answer.text) == (422, True)


def test_images_are_offered_to_other_slots(visitor: Visitor, fields: dict[str, str]) -> None:
    image_id = uploaded(visitor, fields)
    answer = visitor.post("/slots/slot-002/fields", fields, htmx=True)
    radios = Page(answer.text).all("input", type="radio", name="settings.template")
    assert [e["value"] for e in radios] == [image_id]


def test_a_needed_image_that_was_not_chosen_is_asked_for(visitor: Visitor, fields: dict[str, str]) -> None:
    answer = visitor.post(PATH, {**fields, "settings.template": ""}, htmx=True)
    assert Page(answer.text).one(id="settings.template-problem").text == "Обязательное поле."


def test_a_removed_image_stays_removed(visitor: Visitor, fields: dict[str, str]) -> None:
    image_id = uploaded(visitor, fields)
    answer = visitor.post(f"{UPLOAD}/{image_id}/delete", {**fields, "settings.template": image_id}, htmx=True)
    assert answer.status_code == 200
    assert chosen(Page(answer.text)) == []
    again = visitor.post(f"{PATH}/fields", fields, htmx=True)
    assert not Page(again.text).all("img")
    assert visitor.get(f"/template-images/{image_id}").status_code == 404


def test_removing_works_without_scripts(visitor: Visitor, fields: dict[str, str]) -> None:
    image_id = uploaded(visitor, fields)
    answer = visitor.post(f"{UPLOAD}/{image_id}/delete", fields)
    assert (answer.status_code, answer.location) == (303, PATH)
    assert visitor.get(f"/template-images/{image_id}").status_code == 404


def test_an_image_in_use_is_not_removed(visitor: Visitor, fields: dict[str, str]) -> None:
    image_id = uploaded(visitor, fields)
    visitor.post(PATH, {**fields, "settings.template": image_id})
    assert not [e for e in visitor.page(PATH).all("button") if "delete" in (e.get("formaction") or "")]
    answer = visitor.post(f"{UPLOAD}/{image_id}/delete", fields, htmx=True)
    assert answer.status_code == 422
    assert "используют слоты" in Page(answer.text).one(id="settings.template-problem").text
    assert visitor.get(f"/template-images/{image_id}").status_code == 200


def test_browsers_keep_previews_and_nobody_else_does(visitor: Visitor, fields: dict[str, str]) -> None:
    preview = visitor.get(f"/template-images/{uploaded(visitor, fields)}")
    assert preview.headers["Cache-Control"] == "private, max-age=604800, immutable"


def test_strangers_see_no_template(visitor: Visitor, fields: dict[str, str], client: FlaskClient) -> None:
    image_id = uploaded(visitor, fields)
    visitor.post("/logout", {})
    assert visitor.get(f"/template-images/{image_id}").status_code == 302


def test_a_field_that_the_operation_does_not_have_is_not_found(visitor: Visitor, fields: dict[str, str]) -> None:
    answer = visitor.post(f"{PATH}/template-images/nothing", {**fields, **image()}, htmx=True)
    assert answer.status_code == 404
