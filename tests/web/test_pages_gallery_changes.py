"""What administrators do with the photos that they have selected in the gallery, and undo again."""

from uuid import uuid4

import pytest

from app.domain.photo import KEPT_HOURS, SELECTION_MAX
from app.wiring import Wiring
from tests.support.ledger import Ledger
from tests.web.gallery import Finish, change, shown
from tests.web.visitor import Visitor


class TestChanges:
    @pytest.mark.parametrize(
        ("action", "undo", "state"),
        [("hide", "show", "hidden"), ("delete", "restore", "deleted")],
    )
    def test_take_photos_from_guests_and_bring_them_back(
        self, visitor: Visitor, finish: Finish, action: str, undo: str, state: str
    ) -> None:
        photo = finish()
        done = change(visitor, action, photo, state="visible")
        assert done.one("div", data_effect="gone")["data-changed"] == str(photo)
        assert shown(visitor.page("/gallery")) == []
        assert visitor.get(f"/public/results/{photo}").status_code == 410
        hidden = visitor.page(f"/gallery?state={state}")
        assert shown(hidden) == [photo]
        picture = next(image["src"] for image in hidden.all("img") if image.get("class") == "picture")
        assert visitor.get(picture).mimetype == "image/webp", "administrators see it"
        assert done.one("button", id="undo")["value"] == undo
        assert change(visitor, undo, photo, state="visible").one("div", data_effect="back")
        assert shown(visitor.page("/gallery")) == [photo]

    @pytest.mark.parametrize(
        ("action", "state", "effect"),
        [
            ("show", "hidden", "gone"),
            ("delete", "hidden", "gone"),
            ("restore", "deleted", "gone"),
            ("hide", "hidden", "back"),
        ],
    )
    def test_take_from_a_page_what_does_not_belong_there_any_more(
        self, visitor: Visitor, finish: Finish, action: str, state: str, effect: str
    ) -> None:
        photo = finish()
        before = {"hidden": "hide", "deleted": "delete"}[state]
        if action != before:
            change(visitor, before, photo)
        assert change(visitor, action, photo, state=state).one("div", data_effect=effect)

    def test_mark_what_stays_longer(self, visitor: Visitor, finish: Finish) -> None:
        photo = finish()
        assert change(visitor, "keep", photo).one("div", data_effect="kept")
        [tile] = [tile for tile in visitor.page("/gallery").all("li") if tile.get("data-photo") == str(photo)]
        assert "kept" in (tile["class"] or "").split()
        assert change(visitor, "release", photo).one("div", data_effect="released")

    def test_undoing_what_was_kept_takes_no_photo_any_of_its_time(
        self, visitor: Visitor, finish: Finish, wiring: Wiring, ledger: Ledger
    ) -> None:
        """Of photos that are there already no setting changes the time."""
        photo = finish()
        for moment in ("finalized_at", "result_expires_at"):
            ledger.ask(f"UPDATE job SET {moment} = {moment} - interval '30 hours'")
        [[end]] = ledger.ask("SELECT result_expires_at FROM job")
        wiring.services().settings.change({"result_retention_hours": 24}, "serg")
        undo = change(visitor, "keep", photo).one("button", id="undo")["value"]
        change(visitor, undo, photo)
        assert ledger.ask("SELECT result_expires_at FROM job") == [(end,)]

    def test_say_that_a_photo_stays_no_longer_when_it_does_not(
        self, visitor: Visitor, finish: Finish, wiring: Wiring
    ) -> None:
        wiring.services().settings.change({"result_retention_hours": KEPT_HOURS}, "serg")
        done = change(visitor, "keep", finish())
        assert "Ничего не изменилось" in done.text
        assert "дольше не бывает" in done.text

    def test_say_when_nothing_has_changed(self, visitor: Visitor, finish: Finish) -> None:
        done = change(visitor, "restore", finish(), uuid4())
        assert "Ничего не изменилось" in done.text
        assert done.all("button", id="undo") == []

    def test_are_told_apart_on_phones_which_show_their_icons_alone(self, visitor: Visitor, finish: Finish) -> None:
        finish()
        bar = visitor.page("/gallery").one("div", id="bar")
        icons = [part["href"] for part in bar.inside if part.tag == "use"]
        assert len(icons) == len(set(icons))

    def test_of_one_kind_have_one_name(self, visitor: Visitor, finish: Finish) -> None:
        change(visitor, "hide", photo := finish())
        shows = visitor.page("/gallery?state=hidden").one("button", id="bar-show")
        assert visitor.page(f"/gallery/photos/{photo}").one("button", id="show").text == shows.text.strip()

    def test_say_when_nothing_was_selected(self, visitor: Visitor, finish: Finish) -> None:
        """Without scripts the bar is always there."""
        finish()
        assert "Вы ничего не выбрали." in change(visitor, "hide", htmx=False).text
        answer = visitor.post("/gallery/archive", {"back": "/gallery?slot=slot-001"})
        assert (answer.status_code, answer.location) == (303, "/gallery?slot=slot-001")
        assert "Вы ничего не выбрали." in visitor.page("/gallery").text

    def test_count_in_russian(self, visitor: Visitor, finish: Finish) -> None:
        assert "2 фотографии скрыты от гостей." in change(visitor, "hide", finish(), finish()).text

    def test_without_scripts_answer_with_a_page_that_leads_back(self, visitor: Visitor, finish: Finish) -> None:
        photo = finish()
        page = change(visitor, "delete", photo, htmx=False, back="/gallery?slot=slot-001")
        assert "Вернуть можно в течение 10 минут" in page.text
        assert page.one("a", class_="back")["href"] == "/gallery?slot=slot-001"

    def test_lead_nowhere_else(self, visitor: Visitor, finish: Finish) -> None:
        page = change(visitor, "hide", finish(), htmx=False, back="https://elsewhere.example/")
        assert page.one("a", class_="back")["href"] == "/"

    def test_are_written_down(self, visitor: Visitor, finish: Finish, wiring: Wiring) -> None:
        change(visitor, "hide", photo := finish())
        changes, _ = wiring.services().audit.search(page=1, page_size=10)
        assert (changes[0].action, changes[0].username, changes[0].subject) == ("photo.hidden", "serg", "slot-001")
        assert changes[0].detail["ids"] == [str(photo)]

    def test_of_too_many_are_refused_in_words(self, visitor: Visitor) -> None:
        fields = {"action": "hide", "ids": [str(uuid4()) for _ in range(SELECTION_MAX + 1)]}
        data = {**fields, "csrf_token": visitor.token}
        answer = visitor.client.post("/gallery/selection", data=data, headers={"HX-Request": "true"})
        assert answer.status_code == 422
        assert "Не больше 1000 фото за раз." in answer.text

    @pytest.mark.parametrize("fields", [{"action": "burn"}, {}, {"action": "hide", "ids": "all"}])
    def test_of_another_kind_are_refused(self, visitor: Visitor, fields: dict[str, str]) -> None:
        assert visitor.post("/gallery/selection", fields).status_code == 400

    def test_need_the_token_of_the_page(self, visitor: Visitor, finish: Finish) -> None:
        photo = finish()
        visitor.token = "forged"
        assert visitor.post("/gallery/selection", {"action": "delete", "ids": str(photo)}).status_code == 400
        assert shown(visitor.page("/gallery")) == [photo]
