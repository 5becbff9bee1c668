"""Where the code on a guest's print leads: the photo, and how to keep it."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.job import jpeg_path
from app.domain.photo import PhotoFilter
from app.web.guests.words import stays_for
from app.wiring import Wiring
from tests import pictures
from tests.factories import new_job
from tests.support.ledger import Ledger
from tests.web.guests import PICTURE, link, taken
from tests.web.visitor import Page, Visitor

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_IMAGE_MAX_BYTES = 30_000


@pytest.fixture
def photo_id(wiring: Wiring) -> UUID:
    return taken(wiring)


def page(client: FlaskClient, photo_id: UUID, **headers: str) -> Page:
    return Visitor(client).page(f"/r/{photo_id}", **headers)


def heading(html: str) -> str:
    return Page(html).one("h1").text


class TestThePage:
    def test_needs_no_login_and_shows_the_photo_before_all_else(self, client: FlaskClient, photo_id: UUID) -> None:
        shown = page(client, photo_id)
        tags = [e.tag for e in shown.one("main").inside if e.tag in ("img", "h1")]
        assert tags == ["img", "h1"]
        assert shown.one("source")["srcset"] == f"/public/results/{photo_id}/large"
        picture = shown.one("img", class_="picture")
        assert (picture["src"], picture["width"], picture["height"]) == (f"/r/{photo_id}/file", "900", "600")

    def test_saves_the_picture_itself_under_a_good_name(
        self, client: FlaskClient, photo_id: UUID, ledger: Ledger
    ) -> None:
        ledger.ask("UPDATE job SET finalized_at = '2026-11-20 17:45:12+00'")
        save = page(client, photo_id).one("a", id="save")
        assert save["download"] == "slot-001_2026-11-20_204512.jpg"
        answer = client.get(save["href"])
        assert answer.data == PICTURE
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{save["download"]}"'

    def test_is_shared_by_its_whole_address(self, client: FlaskClient, photo_id: UUID) -> None:
        share = page(client, photo_id).one("button", id="share")
        assert share["data-share"] == f"http://localhost/r/{photo_id}"
        assert client.get(share["data-file"]).data == PICTURE

    def test_says_how_long_the_photo_stays(self, client: FlaskClient, photo_id: UUID, ledger: Ledger) -> None:
        ledger.ask("UPDATE job SET result_expires_at = now() + interval '41 hours 10 minutes'")
        assert "Хранится ещё 41 час, до " in page(client, photo_id).html
        assert "for another 41 hours, until " in page(client, photo_id, **{"Accept-Language": "en"}).html

    def test_what_goes_soon_is_said_louder(self, client: FlaskClient, photo_id: UUID, ledger: Ledger) -> None:
        assert not page(client, photo_id).all("p", class_="stays soon")
        ledger.ask("UPDATE job SET result_expires_at = now() + interval '5 hours'")
        assert page(client, photo_id).all("p", class_="stays soon")

    def test_is_light(self, client: FlaskClient, photo_id: UUID) -> None:
        shown = page(client, photo_id)
        linked = [e["src"] for e in shown.all("script")] + [e["href"] for e in shown.all("link")]
        files = sum((ROOT / str(name).lstrip("/")).stat().st_size for name in linked)
        assert len(shown.html.encode()) + files <= WITHOUT_IMAGE_MAX_BYTES

    def test_leads_nowhere_but_to_the_photo_and_another_language(self, client: FlaskClient, photo_id: UUID) -> None:
        links = {str(e["href"]).partition("?")[0] for e in page(client, photo_id).all("a")}
        assert links == {f"/r/{photo_id}/file", ""}

    def test_holds_nothing_that_a_browser_would_have_to_trust(self, client: FlaskClient, photo_id: UUID) -> None:
        shown = page(client, photo_id)
        assert not shown.all("style")
        assert all(e.get("src") for e in shown.all("script"))
        assert not [e for e in shown.elements if {"style", "onclick", "onload"} & set(e.attributes)]

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_takes_nothing(self, client: FlaskClient, photo_id: UUID, method: str) -> None:
        assert getattr(client, method)(f"/r/{photo_id}").status_code == 405

    def test_head_tells_the_same_without_a_body(self, client: FlaskClient, photo_id: UUID) -> None:
        assert client.head(f"/r/{photo_id}").status_code == 200


class TestHeaders:
    @pytest.mark.parametrize("path", ["/r/{}", "/r/1", f"/r/{UUID(int=0)}", "/s/nothing", "/wall/nothing"])
    def test_no_search_engine_and_no_other_site_learns_of_it(
        self, client: FlaskClient, photo_id: UUID, path: str
    ) -> None:
        headers = client.get(path.format(photo_id)).headers
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert {"Cookie", "Accept-Language"} <= set(headers["Vary"].split(", "))

    def test_no_session_is_begun(self, client: FlaskClient, photo_id: UUID) -> None:
        client.get(f"/r/{photo_id}")
        assert client.get_cookie("photochanger") is None


class TestLanguage:
    def test_is_the_browsers_until_the_guest_chooses(self, client: FlaskClient, photo_id: UUID) -> None:
        assert page(client, photo_id).one("html")["lang"] == "ru"
        english = page(client, photo_id, **{"Accept-Language": "en-GB,en;q=0.9"})
        assert english.one("html")["lang"] == "en"
        assert english.one("a", hreflang="ru").text == "Русский"

    def test_what_was_chosen_once_holds_on_every_page_of_guests(self, client: FlaskClient, photo_id: UUID) -> None:
        client.get(f"/r/{photo_id}?lang=en")
        assert heading(client.get(f"/r/{photo_id}").text) == "Here is your photo!"
        assert heading(client.get("/s/nothing").text) == "There is no such page"
        assert page(client, photo_id).one("html")["lang"] == "en"

    def test_can_be_chosen_where_there_is_no_photo(self, client: FlaskClient) -> None:
        assert heading(client.get("/r/1?lang=en").text) == "There is no such page"
        assert heading(client.get("/r/1").text) == "There is no such page"

    @pytest.mark.parametrize("language", ["fr", "", "<script>", "ru\r\nSet-Cookie: a=b"])
    def test_others_change_nothing(self, client: FlaskClient, photo_id: UUID, language: str) -> None:
        answer = client.get(f"/r/{photo_id}", query_string={"lang": language})
        assert answer.status_code == 200
        assert client.get_cookie("lang") is None

    def test_choosing_it_changes_nothing_else(self, client: FlaskClient, wiring: Wiring, photo_id: UUID) -> None:
        place = wiring.services().gallery.page(PhotoFilter()).photos[0].place
        path = f"/s/{link(wiring)}"
        other = Visitor(client).page(f"{path}?before={place}&lang=ru").one("a", hreflang="en")["href"]
        assert other == f"?before={place}&lang=en"

    def test_administrators_choose_theirs_apart(self, client: FlaskClient, photo_id: UUID) -> None:
        client.get(f"/r/{photo_id}?lang=en")
        assert Visitor(client).page("/login").one("html")["lang"] == "ru"
        client.get("/login?lang=en")
        assert Visitor(client).page("/login").one("html")["lang"] == "ru"


class TestGone:
    def test_a_time_that_is_over_is_explained(self, client: FlaskClient, photo_id: UUID, ledger: Ledger) -> None:
        ledger.ask("UPDATE job SET result_expires_at = now()")
        answer = client.get(f"/r/{photo_id}")
        assert (answer.status_code, answer.mimetype) == (410, "text/html")
        assert heading(answer.text) == "Время этого фото вышло"

    @pytest.mark.parametrize("withdraw", ["hide", "delete"])
    def test_a_photo_that_was_taken_down_says_so_at_once(
        self, client: FlaskClient, wiring: Wiring, photo_id: UUID, withdraw: str
    ) -> None:
        assert client.get(f"/r/{photo_id}").status_code == 200
        getattr(wiring.services().gallery, withdraw)([photo_id], "serg")
        answer = client.get(f"/r/{photo_id}")
        assert (answer.status_code, heading(answer.text)) == (410, "Это фото убрано")
        for size in ("grid", "large", "full"):
            assert client.get(f"/r/{photo_id}/{size}.jpg").status_code == 410

    @pytest.mark.parametrize("end", ["hidden_at", "result_expires_at"])
    def test_whoever_still_has_the_page_reads_why_when_they_open_or_save_it(
        self, client: FlaskClient, photo_id: UUID, ledger: Ledger, end: str
    ) -> None:
        open_page = page(client, photo_id)
        told = open_page.one("figure")["data-still"]
        assert client.get(told).status_code == 204
        ledger.ask(f"UPDATE job SET {end} = now()")
        for way in (open_page.one("figure").inside[0], open_page.one("a", id="save")):
            answer = client.get(way["href"])
            assert (answer.status_code, answer.mimetype) == (410, "text/html")
            assert heading(answer.text) in ("Это фото убрано", "Время этого фото вышло")
        assert client.get(told).status_code == 410, "and a page that is still open learns of it by itself"

    def test_a_photo_that_is_shown_again_is_back(self, client: FlaskClient, wiring: Wiring, photo_id: UUID) -> None:
        wiring.services().gallery.hide([photo_id], "serg")
        wiring.services().gallery.show([photo_id], "serg")
        assert client.get(f"/r/{photo_id}").status_code == 200

    def test_a_photo_whose_file_is_lost_is_as_gone(self, client: FlaskClient, wiring: Wiring, photo_id: UUID) -> None:
        wiring.media.delete([f"results/{photo_id}.jpg"])
        assert client.get(f"/r/{photo_id}").status_code == 410

    def test_what_never_was_is_not_found(self, client: FlaskClient, wiring: Wiring) -> None:
        wiring.stores.queue.enqueue(unfinished := new_job())
        for name in (unfinished.id, uuid4(), "1", "..", "%00"):
            answer = client.get(f"/r/{name}")
            assert (answer.status_code, heading(answer.text)) == (404, "Такой страницы нет"), name

    def test_no_such_page_leads_a_guest_to_the_login_of_others(self, client: FlaskClient) -> None:
        for path in ("/r/1", f"/r/{uuid4()}", "/s/1", "/s/1/photos/1", "/r/", "/s/"):
            assert {str(e["href"]) for e in Page(client.get(path).text).all("a")} == {"?lang=en"}, path


class TestOldPhones:
    """iPhones before iOS 14 know no WebP."""

    @pytest.fixture
    def webp_id(self, wiring: Wiring) -> UUID:
        return taken(wiring, pictures.webp(900, 600, exif=pictures.exif(1, gps=True)), mime="image/webp")

    def test_what_not_every_phone_knows_is_shown_and_saved_as_a_jpeg(self, client: FlaskClient, webp_id: UUID) -> None:
        shown = page(client, webp_id)
        save = shown.one("a", id="save")
        assert shown.one("img", class_="picture")["src"] == f"/r/{webp_id}/file"
        assert str(save["download"]).endswith(".jpg")
        answer = client.get(save["href"])
        assert (answer.mimetype, pictures.opened(answer.data).size) == ("image/jpeg", (900, 600))
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{save["download"]}"'

    def test_previews_come_as_jpegs_too(self, client: FlaskClient, webp_id: UUID) -> None:
        for size, width in (("grid", 360), ("large", 900)):
            answer = client.get(f"/r/{webp_id}/{size}.jpg")
            assert pictures.opened(answer.data).format == "JPEG"
            assert pictures.opened(answer.data).width == width
            assert answer.headers["Cache-Control"] == "private, no-cache"
            assert answer.headers["ETag"]

    def test_a_jpeg_is_made_once_and_not_at_all_for_who_has_it(
        self, client: FlaskClient, wiring: Wiring, webp_id: UUID, ledger: Ledger
    ) -> None:
        path, kept = f"/r/{webp_id}/full.jpg", jpeg_path(webp_id, "full")
        known = client.head(path).headers["ETag"]
        wiring.media.write(kept, b"kept")
        assert client.get(path, headers={"Range": "bytes=1-2"}).data == b"ep"
        wiring.media.delete([kept])
        answer = client.get(path, headers={"If-None-Match": known, "Range": "bytes=0-"})
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", known)
        assert not list(wiring.media.list(kept.rpartition("/")[0]))
        ledger.ask("UPDATE job SET result_expires_at = now()")
        assert client.get(path, headers={"If-None-Match": known}).status_code == 410

    def test_a_jpeg_is_passed_on_as_it_is(self, client: FlaskClient, photo_id: UUID) -> None:
        assert client.get(f"/r/{photo_id}/full.jpg").data == PICTURE

    @pytest.mark.parametrize("size", ["huge", "FULL", "grid.webp", "../full"])
    def test_there_are_no_other_sizes(self, client: FlaskClient, webp_id: UUID, size: str) -> None:
        assert client.get(f"/r/{webp_id}/{size}.jpg").status_code == 404

    def test_a_picture_that_cannot_be_read_is_as_gone(self, client: FlaskClient, wiring: Wiring) -> None:
        broken = taken(wiring, b"RIFF\x10\x00\x00\x00WEBPVP8 nothing", mime="image/webp")
        assert client.get(f"/r/{broken}/full.jpg").status_code == 410


@pytest.mark.parametrize(
    ("minutes", "russian", "english"),
    [
        (0, "не больше минуты", "minute at most"),
        (1, "1 минуту", "1 minute"),
        (59, "59 минут", "59 minutes"),
        (60, "1 час", "1 hour"),
        (119, "1 час", "1 hour"),
        (22 * 60, "22 часа", "22 hours"),
        (72 * 60 + 59, "72 часа", "72 hours"),
        (73 * 60, "3 дня", "3 days"),
        (168 * 60, "7 дней", "7 days"),
    ],
)
def test_a_time_left_is_never_told_longer_than_it_is(app: Flask, minutes: int, russian: str, english: str) -> None:
    for language, text in (("ru", russian), ("en", english)):
        with app.test_request_context("/r/", headers={"Accept-Language": language}):
            assert stays_for(timedelta(minutes=minutes, seconds=59)) == text
