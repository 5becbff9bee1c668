"""The wall as the server gives it: who may see it, what its screen is told twice a second, and what it costs."""

import re
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.domain.share_link import ShareLink
from app.web import wall
from app.wiring import Wiring
from tests import pictures
from tests.support.installation import ROOT
from tests.support.ledger import Ledger
from tests.web.playing_the_worker import finished
from tests.web.statements import counted
from tests.web.visitor import Page

STATIC = ROOT / "static"
JPEG = pictures.jpeg(64, 48)
WANTED = {"slot_id": "slot-001", "expires_in_days": 3, "name": "Юля и Марк"}


def shared(wiring: Wiring, **changes: Any) -> ShareLink:
    return wiring.services().share_links.create({**WANTED, **changes}, "serg")


def address(wiring: Wiring, link: ShareLink) -> str:
    return f"/wall/{wiring.services().share_links.token_of(link)}"


@pytest.fixture
def link(wiring: Wiring) -> ShareLink:
    return shared(wiring)


@pytest.fixture
def path(wiring: Wiring, link: ShareLink) -> str:
    return address(wiring, link)


def shown(client: FlaskClient, path: str) -> list[UUID]:
    """The photos that the screen is told of."""
    return [UUID(photo["id"]) for photo in client.get(f"{path}/photos").json["photos"]]


class TestPhotos:
    def test_are_those_of_the_link_newest_first(self, client: FlaskClient, wiring: Wiring, path: str) -> None:
        first, second = (finished(wiring, JPEG) for _ in range(2))
        finished(wiring, JPEG, slot_id="slot-002")
        assert shown(client, path) == [second, first]

    def test_are_at_most_the_newest_so_many(
        self, client: FlaskClient, wiring: Wiring, path: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(wall, "PHOTOS_MAX", 2)
        _, *newest = (finished(wiring, JPEG) for _ in range(3))
        assert shown(client, path) == newest[::-1]

    def test_that_were_withdrawn_are_not_told_of_from_the_next_moment(
        self, client: FlaskClient, wiring: Wiring, path: str
    ) -> None:
        hidden, deleted, left = (finished(wiring, JPEG) for _ in range(3))
        wiring.services().gallery.hide([hidden], "serg")
        wiring.services().gallery.delete([deleted], "serg")
        assert shown(client, path) == [left]

    def test_come_with_the_time_at_which_the_screen_drops_them_by_itself(
        self, client: FlaskClient, wiring: Wiring, link: ShareLink, path: str
    ) -> None:
        photo = wiring.services().gallery.find(finished(wiring, JPEG))
        told = client.get(f"{path}/photos").json
        assert told["ends_at"] == round(link.expires_at.timestamp() * 1000)
        assert told["photos"] == [{"id": str(photo.id), "expires_at": round(photo.expires_at.timestamp() * 1000)}]

    def test_are_told_again_only_when_something_has_changed(
        self, client: FlaskClient, wiring: Wiring, path: str
    ) -> None:
        finished(wiring, JPEG)
        known = {"If-None-Match": client.get(f"{path}/photos").headers["ETag"]}
        again = client.get(f"{path}/photos", headers=known)
        assert (again.status_code, again.data) == (304, b"")
        finished(wiring, JPEG)
        assert client.get(f"{path}/photos", headers=known).status_code == 200

    def test_cost_two_statements_each_time(self, client: FlaskClient, wiring: Wiring, path: str) -> None:
        finished(wiring, JPEG)
        client.get(f"{path}/photos")
        with counted() as asked:
            client.get(f"{path}/photos")
        assert len(asked) == 2, asked


class TestScreen:
    def test_bears_the_name_of_the_link_and_waits(self, client: FlaskClient, path: str) -> None:
        page = Page(client.get(path).text)
        assert "Юля и Марк" in page.one("section", id="waiting").text
        assert "hidden" not in page.one("section", id="waiting").attributes
        assert page.one(id="wall")["data-feed"] == f"{path}/photos"

    def test_of_a_slot_is_named_for_guests(self, client: FlaskClient, wiring: Wiring) -> None:
        made = wiring.services().share_links.create({"slot_id": "slot-003", "expires_in_days": 7}, "serg")
        page = Page(client.get(f"/wall/{wiring.services().share_links.token_of(made)}").text)
        assert page.one("title").text == page.one("section", id="waiting").inside[1].text == "Все фото"

    def test_says_in_advance_whatever_it_may_have_to_say(self, client: FlaskClient, path: str) -> None:
        """The network may be gone when it matters."""
        page = Page(client.get(path).text)
        assert all("hidden" in page.one(id=part).attributes for part in ("ended", "away", "controls"))

    def test_shows_the_code_of_the_gallery_where_one_is_wanted(self, client: FlaskClient, path: str) -> None:
        assert "<svg" not in Page(client.get(path).text).one(id="waiting").text
        assert not Page(client.get(path).text).all(class_="plate drifting")
        page = Page(client.get(f"{path}?qr=1").text)
        assert [e.tag for e in page.one(class_="plate drifting").inside][:2] == ["div", "svg"]

    def test_without_scripts_the_photos_take_turns(self, client: FlaskClient, wiring: Wiring, path: str) -> None:
        first, second = (finished(wiring, JPEG) for _ in range(2))
        newest = client.get(f"{path}?qr=1").text
        assert f"/public/results/{second}/large" in newest
        assert f'content="10; url={path}?turn=1&amp;qr=1"' in newest
        older = client.get(f"{path}?turn=1").text
        assert f"/public/results/{first}/large" in older
        assert f"url={path}?turn=0" in older
        assert client.get(f"{path}?turn=-7").status_code == client.get(f"{path}?turn=x").status_code == 200

    def test_speaks_english_too(self, client: FlaskClient, path: str) -> None:
        assert "as soon as they are taken" in client.get(f"{path}?lang=en").text

    def test_is_kept_and_listed_by_nobody(self, client: FlaskClient, path: str) -> None:
        for answer in (client.get(path), client.get(f"{path}/photos")):
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
            assert answer.headers["Referrer-Policy"] == "no-referrer"


class TestWhoMaySee:
    def test_a_link_that_was_never_given_out(self, client: FlaskClient) -> None:
        for path in ("/wall/x", f"/wall/{'A' * 43}", "/wall/%00", f"/wall/{'A' * 43}/photos"):
            assert client.get(path).status_code == 404, path

    def test_where_guests_see_their_own_only_there_is_no_wall(self, client: FlaskClient, wiring: Wiring) -> None:
        own = address(wiring, shared(wiring, audience="own"))
        assert client.get(own).status_code == client.get(f"{own}/photos").status_code == 404

    def test_a_closed_link_says_so(
        self, client: FlaskClient, wiring: Wiring, link: ShareLink, path: str, ledger: Ledger
    ) -> None:
        wiring.services().share_links.revoke(link.id, "serg")
        assert client.get(path).status_code == client.get(f"{path}/photos").status_code == 410
        ledger.ask("UPDATE share_link SET revoked_at = NULL, created_at = now() - interval '9 days'")
        assert client.get(f"{path}/photos").status_code == 200
        ledger.ask("UPDATE share_link SET expires_at = now()")
        assert client.get(f"{path}/photos").status_code == 410

    def test_a_password_is_asked_for_first(self, client: FlaskClient, wiring: Wiring) -> None:
        path = address(wiring, shared(wiring, password="роза-2026"))
        assert client.get(f"{path}/photos").status_code == 401
        assert Page(client.get(f"{path}?qr=1").text).one("input", name="password")
        assert client.post(path, data={"password": "лилия-2026"}).status_code == 401
        answer = client.post(f"{path}?qr=1", data={"password": " роза-2026 "})
        assert (answer.status_code, answer.location) == (303, f"{path}?qr=1")
        assert client.get(f"{path}/photos").status_code == 200

    def test_the_form_for_it_comes_back_to_the_same_wall(self, client: FlaskClient, wiring: Wiring) -> None:
        path = address(wiring, shared(wiring, password="роза-2026"))
        assert Page(client.get(f"{path}?qr=1").text).one("form")["action"] == f"{path}?qr=1"

    def test_who_gave_it_in_the_gallery_is_not_asked_again(self, client: FlaskClient, wiring: Wiring) -> None:
        path = address(wiring, shared(wiring, password="роза-2026"))
        client.post(path.replace("/wall/", "/s/"), data={"password": "роза-2026"})
        assert Page(client.get(path).text).one(id="wall")


class TestOldTelevisions:
    """Chromium 47 shows the wall: what later ones brought is in none of its files."""

    def test_scripts_are_of_2015(self) -> None:
        later = (
            r"\?\.|\?\?|\*\*|\.\.\.|\basync\b|\bawait\b|\bimport\b|\bexport\b|\bclass \w|\bcatch \{|"
            r"\.(finally|flat|flatMap|replaceAll|padStart|at|matchAll)\(|Object\.(entries|values|fromEntries)|"
            r"AbortController|queueMicrotask|structuredClone|replaceChildren|toggleAttribute"
        )
        scripts = sorted((STATIC / "wall").glob("*.js"))
        assert len(scripts) == 5
        for script in scripts:
            assert re.findall(later, without_comments(script.read_text())) == [], script.name

    def test_so_is_the_style(self) -> None:
        later = r"var\(|\binset\b|\bgap:|clamp\(|\bmin\(|\bmax\(|:is\(|:where\(|aspect-ratio|display: grid|@layer"
        assert re.findall(later, without_comments((STATIC / "wall.css").read_text())) == []


def without_comments(text: str) -> str:
    return re.sub(r"(?s:/\*.*?\*/)|//.*", "", text)
