"""The settings' section on copies, and what slots say of them: no secret is shown, nothing changes by accident."""

from pathlib import Path

import pytest
from flask import Flask

from app.domain.copies import StorageFault
from app.web.pages.studio_copies import storage_fault_sentence
from app.wiring import Wiring
from tests.support.copying import finish_photo
from tests.support.ledger import Ledger
from tests.web.visitor import Element, Page, Visitor

PATH = "/settings/copies"
SECRET = "a-secret-that-nobody-sees"
BUCKET = {"url": "s3://studio/photos", "access_key_id": "KEYID", "secret_access_key": SECRET}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "studio").mkdir()
    return tmp_path / "studio"


def card(visitor: Visitor) -> Element:
    return visitor.page("/settings").one("details", id="studio")


def said(element: Element) -> str:
    return " ".join(element.text.split())


def problems(page: Page) -> dict[str, str]:
    return {str(e["id"]): e.text for e in page.elements if (e.get("id") or "").endswith("-problem")}


class TestCard:
    def test_a_new_installation_copies_nothing_and_says_so(self, visitor: Visitor) -> None:
        told = card(visitor)
        assert "Не настроено" in said(told)
        assert "open" not in told.attributes

    def test_one_that_is_set_up_shows_by_whom_and_no_secret(self, visitor: Visitor) -> None:
        visitor.post(PATH, BUCKET)
        page = visitor.page("/settings?copies=1")
        told = page.one("details", id="studio")
        assert "Ещё не проверено" in said(told)
        assert "Задал serg" in said(told)
        assert "open" in told.attributes
        assert (page.one(id="studio-url")["value"], page.one(id="studio-access_key_id")["value"]) == (
            "s3://studio/photos",
            "KEYID",
        )
        assert SECRET not in page.html

    def test_saving_leads_back_to_it_without_scripts(self, visitor: Visitor) -> None:
        answer = visitor.post(PATH, BUCKET)
        assert (answer.status_code, answer.location) == (303, "/settings#copies")
        assert "Сохранено" in said(card(visitor))

    def test_an_untouched_form_changes_nothing(self, visitor: Visitor, wiring: Wiring) -> None:
        visitor.post(PATH, BUCKET)
        before = wiring.copy_destination.view()
        visitor.post(PATH, {**BUCKET, "secret_access_key": ""})
        assert wiring.copy_destination.view() == before

    def test_an_emptied_address_ends_copying(self, visitor: Visitor, wiring: Wiring, folder: Path) -> None:
        visitor.post(PATH, {"url": str(folder), "access_key_id": "", "secret_access_key": ""})
        assert wiring.copy_destination.current() is not None
        visitor.post(PATH, {"url": " ", "access_key_id": "", "secret_access_key": ""}, htmx=True)
        assert wiring.copy_destination.current() is None

    def test_a_removed_secret_stays_removed(self, visitor: Visitor, wiring: Wiring) -> None:
        visitor.post(PATH, BUCKET)
        page = Page(visitor.post(f"{PATH}/remove", {"remove": "secret_access_key"}, htmx=True).text)
        assert page.one("details")["data-announce"] == "Удалено"
        assert wiring.copy_destination.current() is None
        for name in ("url", ""):
            assert visitor.post(f"{PATH}/remove", {"remove": name}).status_code == 400


class TestProblems:
    @pytest.mark.parametrize(
        ("typed", "name", "sentence"),
        [
            ({"url": "photos"}, "url", "Нужна папка вида /mnt/studio/photos или бакет вида s3://studio/photos."),
            ({"access_key_id": "два слова"}, "access_key_id", "До 256 латинских букв, цифр и знаков, без пробелов."),
        ],
        ids=["url", "key"],
    )
    def test_stand_beside_their_fields_and_nothing_is_saved(
        self, visitor: Visitor, wiring: Wiring, typed: dict[str, str], name: str, sentence: str
    ) -> None:
        for htmx in (True, False):
            answer = visitor.post(PATH, {"url": "", "access_key_id": "", **typed}, htmx=htmx)
            page = Page(answer.text)
            assert answer.status_code == 422
            assert problems(page) == {f"studio-{name}-problem": sentence}
            assert [e["name"] for e in page.elements if "autofocus" in e.attributes] == [name]
        assert wiring.copy_destination.current() is None

    def test_our_own_folders_are_refused_in_words(self, visitor: Visitor, wiring: Wiring) -> None:
        own = f"{wiring.settings.media_root}/results"
        page = Page(visitor.post(PATH, {"url": own}, htmx=True).text)
        assert problems(page)["studio-url-problem"].startswith("Там хранит свои файлы сам PhotoChanger")

    def test_a_secret_that_came_with_a_refused_form_must_be_entered_again(self, visitor: Visitor) -> None:
        page = Page(visitor.post(PATH, {**BUCKET, "url": "photos"}, htmx=True).text)
        assert problems(page)["studio-secret_access_key-problem"] == "Введите ещё раз: это не сохранено."
        assert page.one(id="studio-url")["value"] == "photos"
        assert SECRET not in page.html


class TestTrying:
    def test_a_storage_that_works(self, visitor: Visitor, folder: Path) -> None:
        visitor.post(PATH, {"url": str(folder)})
        told = Page(visitor.post(f"{PATH}/test", {}, htmx=True).text).one(id="studio-trial")
        assert "Файл записан туда и снова удалён за" in told.text

    def test_only_what_has_worked_is_called_set_up(self, visitor: Visitor, folder: Path, tmp_path: Path) -> None:
        visitor.post(PATH, {"url": str(folder)})
        assert visitor.page("/settings").one(id="studio-standing").text == "Ещё не проверено"
        tried = Page(visitor.post(f"{PATH}/test", {}, htmx=True).text).one(id="studio-standing")
        assert (tried.text, tried["hx-swap-oob"]) == ("Настроено", "true")
        assert visitor.page("/settings").one(id="studio-standing").text == "Настроено"
        visitor.post(PATH, {"url": str(tmp_path / "nowhere")})
        assert visitor.page("/settings").one(id="studio-standing").text == "Ещё не проверено"
        visitor.post(f"{PATH}/test", {})
        assert visitor.page("/settings").one(id="studio-standing").text == "Сбой"

    def test_one_that_does_not_says_why_without_scripts_too(self, visitor: Visitor, folder: Path) -> None:
        visitor.post(PATH, {"url": str(folder)})
        folder.rmdir()
        page = Page(visitor.post(f"{PATH}/test", {}).text)
        assert "Такой папки на сервере нет." in page.one(role="alert").text
        assert str(folder) in page.one(role="alert").text
        assert len(page.all("h1")) == 1


class TestHowItGoes:
    def want_copies(self, ledger: Ledger) -> None:
        ledger.ask("""UPDATE slot SET keeping = '{"originals": false, "copies": true}' WHERE id = 'slot-001'""")

    def test_a_slot_that_wants_none_says_nothing(self, visitor: Visitor) -> None:
        assert visitor.page("/slots/slot-001").one(id="slot-copying").text.strip() == ""

    def test_slot_and_settings_count_what_is_copied_and_what_waits(
        self, visitor: Visitor, wiring: Wiring, ledger: Ledger, folder: Path
    ) -> None:
        self.want_copies(ledger)
        visitor.post(PATH, {"url": str(folder)})
        finish_photo(wiring)
        wiring.copies.run()
        finish_photo(wiring), finish_photo(wiring)
        wiring.stores.photos.hide([finish_photo(wiring)])
        for path, name in (("/slots/slot-001", "slot-copying"), ("/settings", "studio-tally")):
            told = said(visitor.page(path).one(id=name))
            assert "скопировано 1 фото" in told
            assert "2 ждут, с" in told
            assert "1 скрыто и ждёт" in told

    def test_and_why_it_fails(self, visitor: Visitor, wiring: Wiring, folder: Path) -> None:
        visitor.post(PATH, {"url": str(folder)})
        folder.rmdir()
        finish_photo(wiring)
        wiring.copies.run()
        page = visitor.page("/settings")
        assert "Сбой" in said(page.one("details", id="studio"))
        assert "Сейчас скопировать не получается." in said(page.one(id="studio-tally"))
        assert str(folder) in said(page.one(id="studio-tally"))

    def test_what_was_lost_is_told_also_by_a_slot_that_wants_none_any_more(
        self, visitor: Visitor, wiring: Wiring, ledger: Ledger
    ) -> None:
        finish_photo(wiring)
        ledger.ask("UPDATE job SET result_expires_at = now()")
        wiring.copies.run()
        assert "1 удалено по сроку раньше, чем скопировано" in said(
            visitor.page("/slots/slot-001").one(id="slot-copying")
        )

    def test_polls_leave_alone_what_has_not_changed(self, visitor: Visitor, wiring: Wiring, ledger: Ledger) -> None:
        self.want_copies(ledger)
        for page, name in (("/slots/slot-001", "slot-copying"), ("/settings", "studio-tally")):
            poll = str(visitor.page(page).one(id=name)["hx-get"])
            assert visitor.get(poll).status_code == 204
            finish_photo(wiring)
            assert visitor.get(poll).status_code == 200


def test_alerts_lead_to_the_section(visitor: Visitor, wiring: Wiring, ledger: Ledger) -> None:
    ledger.ask("""UPDATE slot SET keeping = '{"originals": false, "copies": true}' WHERE id = 'slot-001'""")
    page = visitor.page("/")
    assert "Готовые фото надо копировать, а куда — не указано." in page.html
    assert page.one(id="alert-1-settings")["href"] == "/settings#copies"


@pytest.mark.parametrize("fault", list(StorageFault), ids=str)
def test_every_fault_has_its_sentence(app: Flask, fault: StorageFault) -> None:
    with app.test_request_context():
        assert storage_fault_sentence(fault).endswith(".")
