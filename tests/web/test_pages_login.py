"""Coming in, staying in, going out."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.config import Settings
from tests.support.addresses import unsafe
from tests.support.installation import ADMIN_PASSWORD
from tests.web.visitor import Page, Visitor

PAGES = ["/", "/slots/slot-001", "/settings", "/slots/slot-001/results"]


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client)


@pytest.mark.parametrize("path", PAGES)
def test_who_is_not_logged_in_is_asked_to_and_comes_back(visitor: Visitor, path: str) -> None:
    response = visitor.get(path)
    assert response.status_code == 302
    assert response.location == f"/login?next={path}"


@pytest.mark.parametrize("path", PAGES)
def test_a_fragment_sends_the_whole_page_to_the_login(visitor: Visitor, path: str) -> None:
    shown = {"HX-Current-URL": "http://localhost/slots/slot-007"}
    response = visitor.client.get(path, headers={"HX-Request": "true", **shown})
    assert (response.status_code, response.text) == (204, "")
    assert response.headers["HX-Redirect"] == "/login?next=/slots/slot-007"


def test_a_fragment_leads_back_to_what_was_filtered(visitor: Visitor) -> None:
    shown = {"HX-Current-URL": "http://localhost/jobs?slot=slot-003&outcome=failed"}
    sent_away = visitor.client.get("/jobs", headers={"HX-Request": "true", **shown}).headers["HX-Redirect"]
    page = visitor.page(sent_away)
    response = visitor.post(page.one("form", class_="card")["action"], _credentials())
    assert response.location == "/jobs?slot=slot-003&outcome=failed"


def test_the_right_password_opens_the_page_that_was_wanted(visitor: Visitor) -> None:
    page = visitor.page("/login?next=/settings")
    response = visitor.post(page.one("form", class_="card")["action"], _credentials())
    assert (response.status_code, response.location) == (303, "/settings")
    assert visitor.get("/settings").status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_next_never_leads_away_from_the_site(visitor: Visitor, target: str) -> None:
    visitor.get("/login")
    response = visitor.client.post(
        "/login", query_string={"next": target}, data={**_credentials(), "csrf_token": visitor.token}
    )
    assert (response.status_code, response.location) == (303, "/")


def test_wrong_password_and_unknown_user_get_the_same_answer(visitor: Visitor) -> None:
    visitor.get("/login")
    answers = [
        visitor.post("/login", {"username": name, "password": "wrong"}) for name in ("serg", "nobody", "ser\x00g", "")
    ]
    assert [a.status_code for a in answers] == [401] * 4
    assert {Page(a.text).one(role="alert").text for a in answers} == {"Неверное имя или пароль."}
    assert visitor.get("/").status_code == 302


def test_the_name_is_kept_and_the_password_is_not(visitor: Visitor) -> None:
    visitor.get("/login")
    answer = visitor.post("/login", {"username": "serg", "password": "not-the-password"})
    assert Page(answer.text).one("input", id="username")["value"] == "serg"
    assert "not-the-password" not in answer.text


def test_guessing_is_slowed_down_and_says_for_how_long(visitor: Visitor) -> None:
    visitor.get("/login")
    for _ in range(10):
        visitor.post("/login", {"username": "serg", "password": "wrong"})
    answer = visitor.post("/login", _credentials())
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 300
    assert Page(answer.text).one(role="alert").text == "Слишком много попыток. Попробуйте через 5 минут."


def test_nothing_that_was_in_the_session_before_survives_the_login(visitor: Visitor) -> None:
    visitor.get("/login")
    with visitor.client.session_transaction() as session:
        session["planted"] = "by somebody else"
        before = session["csrf_token"]
    visitor.post("/login", _credentials())
    with visitor.client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != before
        assert session.permanent


def test_the_cookie_is_kept_from_scripts_and_other_sites(visitor: Visitor) -> None:
    visitor.get("/login")
    cookie = visitor.post("/login", _credentials()).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires=" in cookie


def test_logging_out_takes_a_form_and_ends_the_session(visitor: Visitor) -> None:
    visitor.log_in()
    assert visitor.get("/logout").status_code == 405
    assert visitor.get("/").status_code == 200
    assert visitor.post("/logout", {}).location == "/login"
    assert visitor.get("/").status_code == 302


class TestACopiedCookie:
    @pytest.fixture
    def thief(self, app: Flask, visitor: Visitor) -> Visitor:
        """Another browser with the cookie of one that is logged in."""
        cookie = visitor.log_in().client.get_cookie("photochanger")
        assert cookie is not None
        other = app.test_client()
        other.set_cookie("photochanger", cookie.value)
        return Visitor(other)

    def test_ends_with_the_session_that_it_was_taken_from(self, visitor: Visitor, thief: Visitor) -> None:
        assert thief.get("/").status_code == 200
        visitor.post("/logout", {})
        assert thief.get("/").status_code == 302
        assert thief.client.get("/api/slots").status_code == 401

    def test_does_not_come_back_with_the_next_login(self, visitor: Visitor, thief: Visitor) -> None:
        visitor.post("/logout", {})
        visitor.log_in()
        assert visitor.get("/").status_code == 200
        assert thief.get("/").status_code == 302


def test_logging_out_leaves_others_where_they_are(app: Flask, visitor: Visitor) -> None:
    igor = Visitor(app.test_client()).log_in("igor", "igor-secret-1")
    visitor.log_in().post("/logout", {})
    assert igor.get("/").status_code == 200


def test_a_session_of_an_earlier_version_asks_for_the_password_once(visitor: Visitor) -> None:
    visitor.get("/login")
    with visitor.client.session_transaction() as session:
        session["_user_id"] = "serg"
    assert visitor.get("/").status_code == 302
    assert visitor.log_in().get("/").status_code == 200


def test_who_is_logged_in_needs_no_login_page(visitor: Visitor) -> None:
    visitor.log_in()
    assert visitor.get("/login?next=/settings").location == "/settings"


def test_a_form_without_its_token_is_refused_everywhere(app: Flask, visitor: Visitor) -> None:
    visitor.log_in()
    paths = [path for _, path, endpoint in unsafe(app) if endpoint.startswith("pages.")]
    assert len(paths) >= 8
    for path in paths:
        response = visitor.client.post(path, data={"username": "serg", "language": "en"})
        assert response.status_code == 400, path
        assert "обновите её" in response.text.lower(), path


def test_an_old_token_is_refused(visitor: Visitor) -> None:
    visitor.log_in()
    old = visitor.token
    visitor.post("/logout", {})
    visitor.log_in()
    answer = visitor.client.post("/logout", data={"csrf_token": old})
    assert answer.status_code == 400


@pytest.mark.parametrize("environment", [{"PUBLIC_BASE_URL": "https://photo.example.org"}])
def test_forms_work_over_https_where_the_referrer_is_asked_for(settings: Settings, visitor: Visitor) -> None:
    secure = {"base_url": "https://localhost"}
    page = visitor.client.get("/login", **secure)
    assert page.headers["Referrer-Policy"] == "same-origin"
    token = Page(page.text).all("input", name="csrf_token")[0]["value"]
    answer = visitor.client.post(
        "/login",
        data={**_credentials(), "csrf_token": token},
        headers={"Referer": "https://localhost/login"},
        **secure,
    )
    assert answer.status_code == 303
    assert "Secure" in answer.headers["Set-Cookie"]


class TestLanguage:
    def test_is_russian_unless_the_browser_says_otherwise(self, visitor: Visitor) -> None:
        assert visitor.page("/login").one("html")["lang"] == "ru"
        assert visitor.page("/login", **{"Accept-Language": "fr, de;q=0.8"}).one("html")["lang"] == "ru"
        assert visitor.page("/login", **{"Accept-Language": "en-GB, ru;q=0.5"}).one("html")["lang"] == "en"

    def test_is_chosen_by_who_is_logged_out_and_stays_chosen(self, visitor: Visitor) -> None:
        visitor.get("/login")
        assert visitor.post("/language", {"language": "en", "next": "/login"}).location == "/login"
        visitor.log_in()
        assert visitor.page("/").one("h1").text == "Slots"
        visitor.post("/logout", {})
        assert visitor.page("/login").one("html")["lang"] == "en"

    def test_can_be_chosen_back(self, visitor: Visitor) -> None:
        visitor.log_in()
        for language, heading in (("en", "Slots"), ("ru", "Слоты")):
            visitor.post("/language", {"language": language})
            assert visitor.page("/").one("h1").text == heading

    def test_offers_the_other_one_in_its_own_words(self, visitor: Visitor) -> None:
        assert visitor.page("/login").one("button", name="language").text == "English"

    @pytest.mark.parametrize("language", ["xx", "", "../../etc"])
    def test_ignores_what_does_not_exist(self, visitor: Visitor, language: str) -> None:
        visitor.get("/login")
        visitor.post("/language", {"language": language})
        assert visitor.page("/login").one("html")["lang"] == "ru"


def _credentials() -> dict[str, str]:
    return {"username": "serg", "password": ADMIN_PASSWORD}
