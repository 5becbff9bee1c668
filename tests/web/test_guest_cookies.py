"""What guests' devices remember, and what nobody can make them remember."""

from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from uuid import UUID, uuid4

import itsdangerous.timed
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.web.guests.cookies import LINKS_LIFETIME, LINKS_MAX, PHOTOS_LIFETIME, PHOTOS_MAX, remember, remembered
from app.wiring import Wiring
from tests.support.ledger import Ledger
from tests.web.guests import link, taken
from tests.web.visitor import Page

PASSWORD = "party-2026"
COOKIE_MAX_BYTES = 4096  # RFC 6265, 6.1
HTTPS = {"PUBLIC_BASE_URL": "https://photo.example.org"}


@pytest.fixture
def photo_id(wiring: Wiring) -> UUID:
    return taken(wiring)


def attributes(answer: TestResponse, name: str) -> dict[str, object]:
    [cookie] = [header for header in answer.headers.getlist("Set-Cookie") if header.startswith(f"{name}=")]
    return dict(SimpleCookie(cookie)[name])


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """For what looks at the time of a signature."""
    then = (datetime.now(UTC) + by).timestamp()
    monkeypatch.setattr(itsdangerous.timed.time, "time", lambda: then)


class TestOpenedPhotos:
    """Of a guest who has opened them by their codes."""

    def after(self, app: Flask, *photos: UUID) -> str:
        """The cookie of a device that has opened these, one after the other."""
        cookie = ""
        for photo in photos:
            with app.test_request_context("/r/", headers={"Cookie": f"photos={cookie}"}):
                remember(response := app.response_class(), photo)
            cookie = SimpleCookie(response.headers["Set-Cookie"])["photos"].value
        return cookie

    def known(self, app: Flask, cookie: str) -> list[UUID]:
        with app.test_request_context("/s/", headers={"Cookie": f"photos={cookie}"}):
            return list(remembered())

    def test_the_last_one_first_and_each_once(self, app: Flask) -> None:
        one, two = uuid4(), uuid4()
        assert self.known(app, self.after(app, one, two, one)) == [one, two]

    def test_as_many_as_a_browser_takes(self, app: Flask) -> None:
        photos = [uuid4() for _ in range(PHOTOS_MAX + 5)]
        cookie = self.after(app, *photos)
        assert self.known(app, cookie) == photos[:4:-1]
        assert len(f"photos={cookie}") < COOKIE_MAX_BYTES

    @pytest.mark.parametrize("forged", ["", "x", ".", '["a"].x.y', "." * 3000, "\x00", "WyJhIl0.aaaaaa.bbbbbbbb"])
    def test_what_is_not_signed_is_nothing(self, client: FlaskClient, wiring: Wiring, forged: str) -> None:
        token = link(wiring, audience="own")
        client.set_cookie("photos", forged)
        assert 'id="empty"' in client.get(f"/s/{token}").text

    def test_a_signature_for_something_else_is_none(self, client: FlaskClient, wiring: Wiring, photo_id: UUID) -> None:
        client.get(f"/r/{photo_id}")
        signed = client.get_cookie("photos")
        assert signed
        client.set_cookie("links", signed.value)
        assert "password" in client.get(f"/s/{link(wiring, password=PASSWORD)}").text

    def test_a_changed_secret_key_ends_it(self, app: Flask, client: FlaskClient, photo_id: UUID) -> None:
        client.get(f"/r/{photo_id}")
        signed = client.get_cookie("photos")
        assert signed
        assert self.known(app, signed.value) == [photo_id]
        app.config["SECRET_KEY"] = "another secret key for tests"
        assert self.known(app, signed.value) == []

    def test_it_ends_after_its_days(
        self, app: Flask, client: FlaskClient, photo_id: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client.get(f"/r/{photo_id}")
        signed = client.get_cookie("photos")
        assert signed
        later(monkeypatch, PHOTOS_LIFETIME - timedelta(minutes=1))
        assert self.known(app, signed.value) == [photo_id]
        later(monkeypatch, PHOTOS_LIFETIME + timedelta(minutes=1))
        assert self.known(app, signed.value) == []

    def test_a_photo_that_is_gone_is_not_remembered(self, client: FlaskClient, wiring: Wiring, photo_id: UUID) -> None:
        wiring.services().gallery.hide([photo_id], "serg")
        client.get(f"/r/{photo_id}")
        assert client.get_cookie("photos") is None


class TestAttributes:
    def test_no_script_reads_them_and_no_other_site_sends_them(self, client: FlaskClient, photo_id: UUID) -> None:
        told = attributes(client.get(f"/r/{photo_id}"), "photos")
        assert (told["httponly"], told["samesite"], told["path"]) == (True, "Lax", "/")
        assert told["max-age"] == str(7 * 24 * 3600)

    def test_on_plain_http_they_work(self, client: FlaskClient, photo_id: UUID) -> None:
        assert attributes(client.get(f"/r/{photo_id}"), "photos")["secure"] == ""

    def test_over_https_they_never_leave_by_plain_http(self, client: FlaskClient, photo_id: UUID) -> None:
        answer = client.get(f"/r/{photo_id}?lang=en", base_url="https://localhost")
        assert attributes(answer, "photos")["secure"] is True
        assert attributes(answer, "lang")["secure"] is True

    @pytest.mark.parametrize("environment", [HTTPS])
    def test_behind_a_proxy_the_public_address_says_that_it_is_https(self, client: FlaskClient, photo_id: UUID) -> None:
        public = client.get(f"/r/{photo_id}", base_url="http://photo.example.org")
        assert attributes(public, "photos")["secure"] is True
        nearby = client.get(f"/r/{photo_id}", base_url="http://127.0.0.1:8000")
        assert attributes(nearby, "photos")["secure"] == ""


class TestPassword:
    @pytest.fixture
    def token(self, wiring: Wiring, photo_id: UUID) -> str:
        return link(wiring, password=PASSWORD, allows_archive=True)

    def unlock(self, client: FlaskClient, token: str, password: str = PASSWORD) -> TestResponse:
        return client.post(f"/s/{token}", data={"password": password})

    def test_is_asked_for_before_anything_is_shown(self, client: FlaskClient, token: str, photo_id: UUID) -> None:
        page = Page(client.get(f"/s/{token}").text)
        assert page.one("form", method="post")["action"] == f"/s/{token}"
        assert str(photo_id) not in page.html
        for path in ("/arrivals", "/archive"):
            answer = client.get(f"/s/{token}{path}")
            assert (answer.status_code, answer.location) == (302, f"/s/{token}"), path

    def test_leads_to_the_photo_that_was_meant(self, client: FlaskClient, token: str, photo_id: UUID) -> None:
        meant = f"/s/{token}/photos/{photo_id}"
        form = Page(client.get(meant, follow_redirects=True).text).one("form", method="post")
        answer = client.post(str(form["action"]), data={"password": PASSWORD})
        assert (answer.status_code, answer.location) == (303, meant)
        astray = client.post(f"/s/{token}?photo=//example.org", data={"password": PASSWORD})
        assert astray.location == f"/s/{token}"

    def test_opens_the_gallery_from_then_on(self, client: FlaskClient, token: str, photo_id: UUID) -> None:
        answer = self.unlock(client, token)
        assert (answer.status_code, answer.location) == (303, f"/s/{token}")
        assert str(photo_id) in client.get(f"/s/{token}").text
        assert client.get(f"/s/{token}/photos/{photo_id}").status_code == 200
        assert attributes(answer, "links")["httponly"] is True

    def test_another_one_is_refused_beside_the_field(self, client: FlaskClient, token: str) -> None:
        for password in ("", "x", PASSWORD.upper(), "я" * 200, "\x00"):
            answer = self.unlock(client, token, password)
            page = Page(answer.text)
            assert (answer.status_code, page.one("p", role="alert").text) == (401, "Пароль другой. Попробуйте ещё раз.")
            assert page.one("input", id="password")["aria-describedby"] == "problem"
            assert client.get_cookie("links") is None

    def test_is_never_shown_again(self, client: FlaskClient, token: str) -> None:
        assert "mistyped-secret" not in self.unlock(client, token, "mistyped-secret").text

    def test_who_guesses_is_slowed_down(self, client: FlaskClient, token: str, ledger: Ledger) -> None:
        self.unlock(client, token, "x")
        ledger.ask("UPDATE throttle SET failures = 1000")
        answer = self.unlock(client, token)
        assert answer.status_code == 429
        assert "Подождите" in Page(answer.text).one("p", role="alert").text
        assert int(answer.headers["Retry-After"]) > 0

    def test_another_device_is_asked_again(self, client: FlaskClient, token: str) -> None:
        self.unlock(client, token)
        client.delete_cookie("links")
        assert Page(client.get(f"/s/{token}").text).all("input", id="password")

    def test_one_password_opens_one_link(self, client: FlaskClient, wiring: Wiring, token: str) -> None:
        other = link(wiring, password=PASSWORD)
        self.unlock(client, token)
        assert Page(client.get(f"/s/{other}").text).all("input", id="password")
        self.unlock(client, other)
        for known in (token, other):
            assert not Page(client.get(f"/s/{known}").text).all("input", id="password")

    def test_another_password_locks_the_link_again(
        self, client: FlaskClient, wiring: Wiring, token: str, ledger: Ledger
    ) -> None:
        self.unlock(client, token)
        ledger.ask("UPDATE share_link SET password_hash = :renewed", renewed=wiring.hasher.hash("another-password"))
        assert Page(client.get(f"/s/{token}").text).all("input", id="password")

    def test_a_revoked_link_stays_closed(self, client: FlaskClient, token: str, ledger: Ledger) -> None:
        self.unlock(client, token)
        ledger.ask("UPDATE share_link SET revoked_at = now()")
        assert client.get(f"/s/{token}").status_code == 410

    def test_the_last_links_are_remembered(self, client: FlaskClient, wiring: Wiring, token: str) -> None:
        self.unlock(client, token)
        others = [link(wiring, password=PASSWORD) for _ in range(LINKS_MAX)]
        for other in others:
            self.unlock(client, other)
        asked = [bool(Page(client.get(f"/s/{t}").text).all("input", id="password")) for t in (token, *others)]
        assert asked == [True] + [False] * LINKS_MAX
        cookie = client.get_cookie("links")
        assert cookie
        assert len(f"links={cookie.value}") < COOKIE_MAX_BYTES

    def test_is_not_forgotten_while_it_is_used(
        self, client: FlaskClient, wiring: Wiring, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A screen that shows an exhibition for weeks."""
        token = link(wiring, password=PASSWORD, expires_in_days=366)
        look = f"/wall/{token}/photos"
        self.unlock(client, token)
        for days in (0.9, 3, 9, 15):
            later(monkeypatch, timedelta(days=days))
            assert client.get(look).status_code == 200, days
            assert bool(client.get(look).headers.getlist("Set-Cookie")) is False, "once a day is enough"
        later(monkeypatch, timedelta(days=15) + LINKS_LIFETIME + timedelta(minutes=1))
        assert client.get(look).status_code == 401

    def test_a_closed_link_renews_nothing(
        self, client: FlaskClient, token: str, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.unlock(client, token)
        ledger.ask("UPDATE share_link SET expires_at = now()")
        later(monkeypatch, timedelta(days=3))
        assert not client.get(f"/wall/{token}/photos").headers.getlist("Set-Cookie")

    def test_needs_neither_session_nor_token_of_a_form(self, client: FlaskClient, token: str) -> None:
        assert "csrf" not in client.get(f"/s/{token}").text
        self.unlock(client, token)
        assert client.get_cookie("photochanger") is None
