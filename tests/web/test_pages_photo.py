"""One photo's page: what is known of it, what becomes of it, and the photos beside it; all without scripts."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.domain.job import Source
from app.web.codes import inline_code
from app.wiring import Wiring
from tests import pictures
from tests.factories import new_job
from tests.support.booths import of_computer
from tests.support.ledger import Ledger
from tests.support.media import nothing_read
from tests.web.playing_the_worker import succeed, take
from tests.web.visitor import Visitor

JPEG = pictures.jpeg(64, 48)


@pytest.fixture
def photo(wiring: Wiring) -> UUID:
    return shot_on(wiring, "slot-001")


def address(photo_id: UUID, *more: str) -> str:
    return "/".join(("/gallery/photos", str(photo_id), *more))


def change(visitor: Visitor, photo_id: UUID, name: str, query: str = "") -> TestResponse:
    """Press a button of the photo's page as it is now."""
    visitor.page(address(photo_id)).one("button", id=name)
    return visitor.post(address(photo_id, name) + query, {})


def shot_on(wiring: Wiring, slot_id: str, source: Source = Source.INGEST) -> UUID:
    job = replace(new_job(slot_id=slot_id), source=source, booth_fields=of_computer("PC", "expo"))
    wiring.stores.queue.enqueue(job)
    succeed(wiring, JPEG)(take(wiring))
    return job.id


class TestWhatIsKnown:
    def test_the_picture_is_large_and_leads_to_the_whole_of_it(self, visitor: Visitor, photo: UUID) -> None:
        page = visitor.page(address(photo))
        link = page.one("a", id="picture")
        assert link["href"] == address(photo, "original")
        [image] = [e for e in link.inside if e.tag == "img"]
        assert (image["src"], image["width"], image["height"]) == (address(photo, "large"), "640", "480")
        assert image["alt"]

    def test_slot_booth_size_and_file_name_are_told(self, visitor: Visitor, photo: UUID) -> None:
        text = visitor.page(address(photo)).text
        assert all(fact in text for fact in ("PC · expo", "640 × 480", "slot-001_", ".jpg"))

    def test_the_time_left_is_told_with_its_end(self, visitor: Visitor, photo: UUID, ledger: Ledger) -> None:
        ledger.ask("UPDATE job SET result_expires_at = now() + interval '41 hours 5 minutes'")
        page = visitor.page(address(photo))
        assert page.one(id="time-left").text == "осталось 41 ч"
        assert page.text.count("Удалится") == 1
        assert "Удалится" in visitor.page(f"{address(photo)}?part=facts", htmx=True).html, "where nothing else says it"

    @pytest.mark.parametrize(("hours", "told"), [("72.9", "осталось 72 ч"), ("73", "осталось 3 дня")])
    def test_it_is_told_in_hours_for_three_days(
        self, visitor: Visitor, photo: UUID, ledger: Ledger, hours: str, told: str
    ) -> None:
        ledger.ask(f"UPDATE job SET result_expires_at = now() + interval '{hours} hours 1 minute'")
        assert visitor.page(address(photo)).one(id="time-left").text == told

    def test_its_story_is_one_click_away(self, visitor: Visitor, photo: UUID) -> None:
        assert visitor.page(address(photo)).one("a", id="timeline")["href"] == f"/jobs/{photo}"

    def test_the_guests_link_can_be_copied(self, visitor: Visitor, photo: UUID) -> None:
        page = visitor.page(address(photo))
        assert page.one(id="copy-guest-link")["data-copy"] == f"http://localhost/r/{photo}"
        assert page.one("a", id="guest-page")["href"] == f"http://localhost/r/{photo}"

    def test_or_scanned_from_the_screen(self, visitor: Visitor, photo: UUID) -> None:
        assert inline_code(f"http://localhost/r/{photo}") in visitor.page(address(photo)).html
        change(visitor, photo, "hide")
        assert not visitor.page(address(photo)).all(id="guest-code")

    def test_a_test_run_is_called_so(self, visitor: Visitor, wiring: Wiring) -> None:
        assert "проба" in visitor.page(address(shot_on(wiring, "slot-001", Source.TEST))).text

    def test_there_are_no_inline_styles(self, visitor: Visitor, photo: UUID) -> None:
        assert not [e for e in visitor.page(address(photo)).elements if e.get("style")]


class TestTheFactsInTheLightbox:
    def test_they_are_a_part_that_leads_to_the_page(self, visitor: Visitor, photo: UUID) -> None:
        part = visitor.page(f"{address(photo)}?slot=slot-001&part=facts", htmx=True)
        assert part.all("html") == []
        assert "PC · expo" in "".join(e.text for e in part.all("dl"))
        assert f"{address(photo)}?slot=slot-001" in [e["href"] for e in part.all("a")]

    def test_they_are_for_administrators_only(self, client: FlaskClient, photo: UUID) -> None:
        answer = client.get(f"{address(photo)}?part=facts", headers={"HX-Request": "true"})
        assert (answer.status_code, answer.text) == (204, "")
        assert "/login" in answer.headers["HX-Redirect"]


class TestItsImages:
    def test_every_size_is_a_picture(self, visitor: Visitor, photo: UUID) -> None:
        kinds = {size: visitor.get(address(photo, size)).mimetype for size in ("grid", "large", "original")}
        assert kinds == {"grid": "image/webp", "large": "image/webp", "original": "image/jpeg"}

    @pytest.mark.parametrize("size", ["grid", "original", "shot"])
    def test_who_has_it_already_has_none_read(self, visitor: Visitor, photo: UUID, wiring: Wiring, size: str) -> None:
        wiring.media.write(f"payloads/{photo}.jpg", JPEG)
        tag = visitor.get(address(photo, size)).headers["ETag"]
        with nothing_read(wiring.media):
            assert visitor.client.get(address(photo, size), headers={"If-None-Match": tag}).status_code == 304

    def test_the_original_is_saved_under_its_name(self, visitor: Visitor, photo: UUID) -> None:
        answer = visitor.get(f"{address(photo, 'original')}?download=1")
        assert answer.data == JPEG
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="slot-001_')

    def test_no_browser_shows_them_without_asking_again(self, visitor: Visitor, photo: UUID) -> None:
        assert visitor.get(address(photo, "grid")).headers["Cache-Control"] == "private, no-cache"

    def test_administrators_go_on_seeing_what_is_hidden(self, visitor: Visitor, photo: UUID) -> None:
        change(visitor, photo, "hide")
        assert visitor.get(f"/public/results/{photo}/grid").status_code == 410
        assert [visitor.get(address(photo, size)).status_code for size in ("grid", "large", "original")] == [200] * 3

    def test_nobody_else_does(self, client: FlaskClient, photo: UUID) -> None:
        for size in ("grid", "large", "original", "shot"):
            assert client.get(address(photo, size)).status_code == 302

    def test_there_are_no_other_sizes(self, visitor: Visitor, photo: UUID) -> None:
        assert visitor.get(address(photo, "huge")).status_code == 404
        assert visitor.get(address(uuid4(), "grid")).status_code == 404


class TestBeforeAndAfter:
    @pytest.fixture
    def original(self, photo: UUID, wiring: Wiring, ledger: Ledger) -> UUID:
        """The id of a photo whose slot keeps originals."""
        wiring.media.write(f"payloads/{photo}.jpg", JPEG)
        ledger.ask('UPDATE job SET settings = settings || \'{"keeping": {"originals": true}}\'')
        return photo

    def test_the_kept_original_lies_beside_the_result(self, visitor: Visitor, original: UUID) -> None:
        page = visitor.page(address(original))
        assert [e["src"] for e in page.all("img")] == [address(original, "shot"), address(original, "large")]
        assert page.one("input", id="before-after")["type"] == "range"

    def test_it_is_shown_upright_as_webp(self, visitor: Visitor, original: UUID) -> None:
        assert visitor.get(address(original, "shot")).mimetype == "image/webp"

    def test_without_one_there_is_no_slider(self, visitor: Visitor, photo: UUID) -> None:
        assert visitor.page(address(photo)).all("input", id="before-after") == []


class TestWhatBecomesOfIt:
    def test_hidden_it_is_gone_for_guests_and_says_so(self, visitor: Visitor, photo: UUID) -> None:
        answer = change(visitor, photo, "hide")
        assert (answer.status_code, answer.headers["Location"]) == (303, address(photo))
        assert visitor.get(f"/public/results/{photo}").status_code == 410
        page = visitor.page(address(photo))
        assert "скрыто" in page.text
        assert page.all(id="copy-guest-link") == []

    def test_it_can_be_shown_again(self, visitor: Visitor, photo: UUID) -> None:
        change(visitor, photo, "hide")
        change(visitor, photo, "show")
        assert visitor.get(f"/public/results/{photo}").status_code == 200

    def test_deleted_it_can_be_brought_back_and_nothing_else(self, visitor: Visitor, photo: UUID) -> None:
        change(visitor, photo, "delete")
        page = visitor.page(address(photo))
        buttons = {e.get("id") for e in page.all("button")} & {"hide", "show", "delete", "restore", "keep", "release"}
        assert buttons == {"restore"}
        change(visitor, photo, "restore")
        assert visitor.get(f"/public/results/{photo}").status_code == 200

    def test_kept_it_stays_for_a_week_and_no_longer(self, visitor: Visitor, photo: UUID, ledger: Ledger) -> None:
        change(visitor, photo, "keep")
        [[hours]] = ledger.ask("SELECT extract(epoch FROM result_expires_at - finalized_at) / 3600 FROM job")
        assert hours == 168
        page = visitor.page(address(photo))
        assert "Оставлено до" in page.text
        assert page.all(id="keep") == []

    def test_what_is_kept_can_be_let_go(self, visitor: Visitor, photo: UUID) -> None:
        change(visitor, photo, "keep")
        change(visitor, photo, "release")
        assert visitor.page(address(photo)).one("button", id="keep")

    def test_what_stays_as_long_as_can_be_offers_no_more(self, visitor: Visitor, photo: UUID, ledger: Ledger) -> None:
        ledger.ask("UPDATE job SET result_expires_at = finalized_at + interval '168 hours'")
        assert visitor.page(address(photo)).all(id="keep") == []

    def test_somebody_elses_change_meanwhile_is_no_error(self, visitor: Visitor, photo: UUID, wiring: Wiring) -> None:
        visitor.page(address(photo))
        wiring.services().gallery.hide([photo], "igor")
        assert visitor.post(address(photo, "hide"), {}).status_code == 303

    def test_it_is_written_down_who_did_it(self, visitor: Visitor, photo: UUID, ledger: Ledger) -> None:
        change(visitor, photo, "hide")
        told = "SELECT username, action, subject, detail ->> 'ids' FROM audit_log WHERE action LIKE 'photo.%'"
        assert ledger.ask(told) == [("serg", "photo.hidden", "slot-001", f'["{photo}"]')]

    def test_the_gallerys_filters_stay(self, visitor: Visitor, photo: UUID) -> None:
        answer = change(visitor, photo, "hide", "?slot=slot-001&part=facts")
        assert answer.headers["Location"] == f"{address(photo)}?slot=slot-001"

    def test_nothing_else_can_be_done(self, visitor: Visitor, photo: UUID) -> None:
        visitor.page(address(photo))
        assert visitor.post(address(photo, "explode"), {}).status_code in (404, 405)
        assert visitor.post(address(uuid4(), "hide"), {}).status_code == 404

    def test_a_foreign_form_changes_nothing(self, client: FlaskClient, visitor: Visitor, photo: UUID) -> None:
        assert client.post(address(photo, "hide")).status_code == 400
        assert visitor.get(f"/public/results/{photo}").status_code == 200


class TestThePhotosBesideIt:
    @pytest.fixture
    def three(self, wiring: Wiring) -> list[UUID]:
        """Photos of slots 1, 2 and 1, oldest first."""
        return [shot_on(wiring, slot_id) for slot_id in ("slot-001", "slot-002", "slot-001")]

    def test_the_newer_and_the_older_one_are_a_click_away(self, visitor: Visitor, three: list[UUID]) -> None:
        page = visitor.page(address(three[1]))
        assert page.one("a", id="newer")["href"] == address(three[2])
        assert page.one("a", id="older")["href"] == address(three[0])

    def test_they_are_those_of_the_same_gallery(self, visitor: Visitor, three: list[UUID]) -> None:
        page = visitor.page(f"{address(three[2])}?slot=slot-001")
        assert page.one("a", id="older")["href"] == f"{address(three[0])}?slot=slot-001"
        assert page.all("a", id="newer") == []

    def test_the_way_back_leads_to_that_gallery(self, visitor: Visitor, three: list[UUID]) -> None:
        page = visitor.page(f"{address(three[2])}?slot=slot-001&day=2026-11-20")
        assert [e["href"] for e in page.all("a", class_="back")] == ["/gallery?slot=slot-001&day=2026-11-20"]

    def test_a_photo_that_was_just_hidden_keeps_its_neighbours(self, visitor: Visitor, three: list[UUID]) -> None:
        change(visitor, three[1], "hide")
        page = visitor.page(address(three[1]))
        assert page.one("a", id="newer")["href"] == address(three[2])
        assert page.one("a", id="older")["href"] == address(three[0])

    def test_what_cannot_be_understood_hides_nothing(self, visitor: Visitor, three: list[UUID]) -> None:
        assert visitor.get(f"{address(three[1])}?day=yesterday&event=x&state=lost").status_code == 200


class TestWhatIsNotThere:
    def test_a_stranger(self, visitor: Visitor) -> None:
        assert visitor.get(address(uuid4())).status_code == 404

    def test_a_photo_whose_time_is_over_says_so(self, visitor: Visitor, photo: UUID, ledger: Ledger) -> None:
        ledger.ask("UPDATE job SET result_expires_at = now()")
        answer = visitor.get(address(photo))
        assert answer.status_code == 410
        assert "Этой картинки больше нет" in answer.text

    def test_nobody_comes_in_without_logging_in(self, client: FlaskClient, photo: UUID) -> None:
        answer = client.get(address(photo))
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/login?next={address(photo)}")
