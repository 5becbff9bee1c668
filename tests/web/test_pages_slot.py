"""The slot's form: fields from the catalogue, errors beside them, and no change lost or overwritten."""

from dataclasses import replace

import pytest

from app.domain.job import Source
from app.domain.slot import Slot
from app.wiring import Wiring
from tests import pictures
from tests.factories import new_job
from tests.web.playing_the_worker import fail, finished, in_background, succeed, take
from tests.web.visitor import Page, Visitor

PATH = "/slots/slot-001"


@pytest.fixture
def fields(visitor: Visitor) -> dict[str, str]:
    """What the untouched form would send."""
    return visitor.page(PATH).fields("slot-form")


def stored(wiring: Wiring, slot_id: str = "slot-001") -> Slot:
    return wiring.services().slots.get(slot_id)


class TestSaving:
    def test_an_untouched_form_changes_nothing_but_the_version(
        self, visitor: Visitor, wiring: Wiring, fields: dict[str, str]
    ) -> None:
        before = stored(wiring)
        visitor.post(PATH, fields)
        after = stored(wiring)
        assert (after.name, after.step, after.output) == (before.name, before.step, before.output)
        assert after.fallbacks == before.fallbacks
        assert (after.version, after.updated_by) == (before.version + 1, "serg")

    def test_works_without_scripts_and_says_so_on_the_next_page(self, visitor: Visitor, fields: dict[str, str]) -> None:
        answer = visitor.post(PATH, {**fields, "name": "Свадьба"})
        assert (answer.status_code, answer.location) == (303, PATH)
        page = visitor.page(PATH)
        assert page.one("h1").text == "Свадьба"
        assert page.one(id="slot-form")["data-announce"] == "Сохранено"
        assert visitor.page(PATH).one(id="slot-form").get("data-announce") is None

    def test_brings_the_new_version_and_title_to_htmx(self, visitor: Visitor, fields: dict[str, str]) -> None:
        page = Page(visitor.post(PATH, {**fields, "name": "Свадьба"}, htmx=True).text)
        assert page.fields("slot-form")["version"] == str(int(fields["version"]) + 1)
        assert page.one(id="slot-title")["hx-swap-oob"] == "true"
        assert not page.all("html")

    def test_stores_what_was_typed(self, visitor: Visitor, wiring: Wiring, fields: dict[str, str]) -> None:
        changes = {
            "settings.effect": "pencil",
            "settings.strength": " 35 ",
            "output.format": "png",
            "output.quality": "70",
            "output.max_side": "2048",
        }
        visitor.post(PATH, {**fields, **changes})
        slot = stored(wiring)
        assert slot.step.settings == {"effect": "pencil", "strength": 35}
        assert (slot.output.format, slot.output.quality, slot.output.max_side) == ("png", 70, 2048)

    def test_pressing_enter_saves_and_deletes_nothing(self, visitor: Visitor) -> None:
        """The first button of a form is the one that Enter presses."""
        form = visitor.page(PATH).one("form", id="slot-form")
        first = next(e for e in form.inside if e.tag == "button")
        assert first.get("formaction") is None


BAD = {"name": "", "settings.strength": "много", "output.quality": "500", "output.max_side": "1"}


class TestProblems:
    @pytest.fixture
    def refused(self, visitor: Visitor, fields: dict[str, str]) -> Page:
        answer = visitor.post(PATH, {**fields, **BAD}, htmx=True)
        assert answer.status_code == 422
        return Page(answer.text)

    @pytest.mark.parametrize(
        ("path", "sentence"),
        [
            ("name", "Введите название."),
            ("settings.strength", "Нужно число от 0 до 100."),
            ("output.quality", "Нужно число от 1 до 100."),
            ("output.max_side", "Нужно число от 64 до 12000."),
        ],
    )
    def test_stand_beside_their_fields_in_words(self, refused: Page, path: str, sentence: str) -> None:
        control = refused.one(id=path)
        assert control["aria-invalid"] == "true"
        assert control["aria-describedby"].split()[0] == f"{path}-problem"
        assert refused.one(id=f"{path}-problem").text == sentence

    def test_give_the_focus_to_the_first(self, refused: Page) -> None:
        assert [e["id"] for e in refused.elements if "autofocus" in e.attributes] == ["name"]

    def test_keep_what_was_typed_and_save_nothing(self, refused: Page, wiring: Wiring) -> None:
        typed = refused.fields("slot-form")
        assert {name: typed[name] for name in BAD} == BAD
        assert stored(wiring).version == 1

    def test_come_as_a_whole_page_without_scripts(self, visitor: Visitor, fields: dict[str, str]) -> None:
        answer = visitor.post(PATH, {**fields, **BAD})
        assert answer.status_code == 422
        assert Page(answer.text).one("html")["lang"] == "ru"
        assert Page(answer.text).one(id="connection-heading")

    @pytest.mark.parametrize("version", ["", "first", "-1", "9" * 30])
    def test_a_form_without_a_version_is_refused(self, visitor: Visitor, fields: dict[str, str], version: str) -> None:
        assert visitor.post(PATH, {**fields, "version": version}).status_code == 400

    @pytest.mark.parametrize("text", ["1e3", "nan", "0x10", "9" * 5000, "٣", "5.5", "\x00", "\ud7ff"])
    def test_no_strange_number_gets_through(
        self, visitor: Visitor, wiring: Wiring, fields: dict[str, str], text: str
    ) -> None:
        answer = visitor.post(PATH, {**fields, "output.quality": text, "settings.strength": text})
        assert answer.status_code in (303, 422)
        assert 1 <= stored(wiring).output.quality <= 100

    @pytest.mark.parametrize("slot_id", ["slot-016", "nothing", "slot-001%00"])
    def test_a_slot_that_does_not_exist_is_not_found(self, visitor: Visitor, slot_id: str) -> None:
        assert visitor.get(f"/slots/{slot_id}").status_code == 404


class TestConflict:
    @pytest.fixture
    def conflict(self, app, visitor: Visitor, fields: dict[str, str]) -> Page:
        igor = Visitor(app.test_client()).log_in("igor", "igor-secret-1")
        igor.post(PATH, {**igor.page(PATH).fields("slot-form"), "name": "Юбилей"})
        answer = visitor.post(PATH, {**fields, "name": "Свадьба"}, htmx=True)
        assert answer.status_code == 409
        return Page(answer.text)

    def test_says_who_changed_it_and_when(self, conflict: Page, wiring: Wiring) -> None:
        [notice] = conflict.all(role="alert")
        assert "igor" in notice.text
        assert conflict.all("time")[0]["datetime"] == stored(wiring).updated_at.isoformat()

    def test_keeps_both_versions(self, conflict: Page, wiring: Wiring) -> None:
        assert conflict.one(id="name")["value"] == "Свадьба"
        assert stored(wiring).name == "Юбилей"

    def test_saving_again_is_refused_again(self, conflict: Page, visitor: Visitor) -> None:
        assert visitor.post(PATH, conflict.fields("slot-form")).status_code == 409

    def test_mine_can_be_saved_on_purpose(self, conflict: Page, visitor: Visitor, wiring: Wiring) -> None:
        newer = conflict.one(id="overwrite")["value"]
        answer = visitor.post(PATH, {**conflict.fields("slot-form"), "overwrite": newer})
        assert answer.status_code == 303
        assert (stored(wiring).name, stored(wiring).version) == ("Свадьба", 3)


class TestConnection:
    def test_card_has_the_words_of_the_booth_program(self, visitor: Visitor) -> None:
        page = visitor.page(PATH)
        assert "Output Settings > Postprocess photos > Web based (HTTP POST)" in " ".join(e.text for e in page.all("b"))
        assert page.one(id="copy-link")["data-copy"] == "http://localhost/ingest/slot-001"

    @pytest.mark.parametrize("environment", [{"SYNC_RESPONSE_SECONDS": "48"}])
    def test_the_booth_must_wait_five_seconds_longer_than_the_window(self, visitor: Visitor) -> None:
        assert any(e.text == "53 с или больше" for e in visitor.page(PATH).all("dd"))


class TestRecentResults:
    def test_are_tiles_that_lead_to_their_photos(self, visitor: Visitor, wiring: Wiring) -> None:
        job_id = finished(wiring, pictures.jpeg())
        page = visitor.page(PATH)
        tile = page.one("a", id=f"photo-{job_id}")
        assert visitor.page(str(tile["href"])).one(id="download")
        assert [e["src"] for e in tile.inside if e.tag == "img"] == [f"/public/results/{job_id}/grid"]
        assert "осталось 71 ч" in page.html

    def test_tell_test_runs_from_guests_photos(self, visitor: Visitor, wiring: Wiring) -> None:
        finished(wiring, pictures.jpeg())
        assert visitor.page(PATH).all(class_="kind") == []
        wiring.stores.queue.enqueue(replace(new_job(), source=Source.TEST))
        succeed(wiring, pictures.jpeg())(take(wiring))
        assert visitor.page(PATH).one(class_="kind").text == "проба"

    def test_hide_what_was_hidden(self, visitor: Visitor, wiring: Wiring) -> None:
        job_id = finished(wiring, pictures.jpeg())
        wiring.services().gallery.hide([job_id], "serg")
        assert visitor.page(PATH).all(id=f"photo-{job_id}") == []

    def test_lead_to_the_slots_gallery(self, visitor: Visitor) -> None:
        assert visitor.page(PATH).one("a", id="to-gallery")["href"] == "/gallery?slot=slot-001"

    def test_never_show_failures_or_other_slots(self, visitor: Visitor, wiring: Wiring) -> None:
        ending = in_background(wiring, fail(wiring, fault="hang"))
        wiring.stores.queue.enqueue(new_job())
        assert ending.result(10)
        finished(wiring, pictures.jpeg(), slot_id="slot-002")
        page = visitor.page(PATH)
        assert not page.one(id="results").inside[0].inside
        assert "Результатов пока нет" in page.one(id="results").text

    def test_arrive_by_themselves(self, visitor: Visitor, wiring: Wiring) -> None:
        part = visitor.page(PATH).one(id="results")
        assert visitor.get(part["hx-get"], htmx=True).status_code == 204
        job_id = finished(wiring, pictures.jpeg())
        assert str(job_id) in visitor.get(part["hx-get"], htmx=True).text
