"""The photos behind a share link, as guests find them."""

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.domain.job import Source
from app.web.guests.gallery import PAGE_SIZE
from app.wiring import Wiring
from tests.support.ledger import Ledger
from tests.web.guests import PICTURE, link, shown, taken, watched
from tests.web.visitor import Page, Visitor


@pytest.fixture
def token(wiring: Wiring) -> str:
    return link(wiring)


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client)


def opened(client: FlaskClient, token: str, **asked: str) -> list[UUID]:
    answer = client.get(f"/s/{token}", query_string=asked)
    assert answer.status_code == 200
    return shown(answer.text)


def heading(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, Page(answer.text).one("h1").text


class TestAll:
    def test_newest_first_each_leading_to_its_page(self, client: FlaskClient, wiring: Wiring, token: str) -> None:
        older, newer = taken(wiring), taken(wiring)
        page = Visitor(client).page(f"/s/{token}")
        assert shown(page.html) == [newer, older]
        assert page.one("a", id=f"photo-{older}")["href"] == f"/s/{token}/photos/{older}"
        assert client.get(f"/s/{token}/photos/{older}").status_code == 200

    def test_only_what_the_link_is_for(self, client: FlaskClient, wiring: Wiring, token: str) -> None:
        mine = taken(wiring)
        taken(wiring, slot_id="slot-002")
        taken(wiring, source=Source.TEST)
        assert opened(client, token) == [mine]

    def test_of_an_event_what_was_finished_within_it(self, client: FlaskClient, wiring: Wiring, ledger: Ledger) -> None:
        now = datetime.now(UTC)
        window = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=1)}
        event = wiring.services().events.create({"name": "Свадьба", "slot_ids": ["slot-002"], **window}, "serg")
        early, other, mine = taken(wiring, slot_id="slot-002"), taken(wiring), taken(wiring, slot_id="slot-002")
        ledger.ask("UPDATE job SET finalized_at = now() - interval '2 hours' WHERE id = :id", id=early)
        token = link(wiring, event_id=str(event.id))
        assert opened(client, token) == [mine]
        assert heading(client.get(f"/s/{token}")) == (200, "Свадьба")
        assert client.get(f"/s/{token}/photos/{other}").status_code == 404

    def test_says_how_many_there_are_and_when_they_go(
        self, visitor: Visitor, wiring: Wiring, token: str, ledger: Ledger
    ) -> None:
        taken(wiring), taken(wiring)
        ledger.ask("UPDATE job SET result_expires_at = '2099-01-02 15:00+00'")
        ledger.ask("UPDATE share_link SET expires_at = '2099-03-04 15:00+00'")
        said = visitor.page(f"/s/{token}").one("div", id="summary").text.replace("\N{NO-BREAK SPACE}", " ")
        assert "2 фотографии · открыто до 4 марта, 18:00" in said
        assert "первые фото исчезнут 2 января, 18:00" in said

    def test_of_a_single_photo_it_speaks_of_that(
        self, visitor: Visitor, wiring: Wiring, token: str, ledger: Ledger
    ) -> None:
        taken(wiring)
        ledger.ask("UPDATE job SET result_expires_at = '2099-01-02 15:00+00'")
        said = visitor.page(f"/s/{token}").one("div", id="summary").text.replace("\N{NO-BREAK SPACE}", " ")
        assert "Сохраните фото: оно исчезнет 2 января, 18:00." in said

    def test_without_photos_it_invites_to_the_booth(self, visitor: Visitor, token: str) -> None:
        assert "Улыбнитесь фотобудке!" in visitor.page(f"/s/{token}").one("div", id="empty").text

    def test_pages_follow_each_other_to_the_end(self, visitor: Visitor, wiring: Wiring, token: str) -> None:
        photos = [taken(wiring) for _ in range(PAGE_SIZE + 1)]
        first = visitor.page(f"/s/{token}")
        second = visitor.page(str(first.one("a", id="older")["href"]))
        assert shown(first.html) + shown(second.html) == photos[::-1]
        assert not second.all("a", id="older")
        assert [e["href"] for e in second.all("a", href=f"/s/{token}")] == [f"/s/{token}"]

    @pytest.mark.parametrize("before", ["x", "ffffffffffffff-" + "f" * 32, "-1", "\ud800"])
    def test_a_place_that_is_none_is_the_beginning(
        self, client: FlaskClient, wiring: Wiring, token: str, before: str
    ) -> None:
        photo = taken(wiring)
        assert opened(client, token, before=before.encode("utf-8", "replace").decode()) == [photo]


class TestWithdrawn:
    def test_a_photo_leaves_the_gallery_at_once(self, client: FlaskClient, wiring: Wiring, token: str) -> None:
        photo, other = taken(wiring), taken(wiring)
        wiring.services().gallery.hide([photo], "serg")
        assert opened(client, token) == [other]
        assert heading(client.get(f"/s/{token}/photos/{photo}")) == (410, "Это фото убрано")


class TestOwn:
    @pytest.fixture
    def token(self, wiring: Wiring) -> str:
        return link(wiring, audience="own", allows_archive=True)

    def test_only_photos_whose_code_was_opened_on_this_device(
        self, client: FlaskClient, wiring: Wiring, token: str
    ) -> None:
        mine, others, elsewhere = taken(wiring), taken(wiring), taken(wiring, slot_id="slot-002")
        assert opened(client, token) == []
        for photo in (mine, elsewhere):
            client.get(f"/r/{photo}")
        assert opened(client, token) == [mine]
        assert client.get(f"/s/{token}/photos/{mine}").status_code == 200
        for photo in (others, elsewhere):
            assert client.get(f"/s/{token}/photos/{photo}").status_code == 404

    def test_another_device_knows_nothing_of_them(self, client: FlaskClient, wiring: Wiring, token: str) -> None:
        photo = taken(wiring)
        client.get(f"/r/{photo}")
        client.delete_cookie("photos")
        assert opened(client, token) == []

    def test_are_forgotten_on_a_device_that_others_use_too(
        self, client: FlaskClient, wiring: Wiring, token: str
    ) -> None:
        photo = taken(wiring)
        assert not Visitor(client).page(f"/s/{token}").all("form")
        client.get(f"/r/{photo}")
        form = Visitor(client).page(f"/s/{token}").one("form", method="post")
        answer = client.post(str(form["action"]))
        assert (answer.status_code, answer.location) == (303, f"/s/{token}")
        assert opened(client, token) == []
        assert client.get(f"/r/{photo}").status_code == 200

    def test_says_how_to_find_ones_own(self, visitor: Visitor, token: str) -> None:
        page = visitor.page(f"/s/{token}")
        assert page.one("h1").text == "Ваши фото"
        assert "Отсканируйте" in page.one("div", id="empty").text

    def test_neighbours_arrivals_and_archive_are_ones_own_too(
        self, client: FlaskClient, wiring: Wiring, token: str
    ) -> None:
        others, mine = taken(wiring), taken(wiring)
        taken(wiring)
        look = watched(client, token)
        client.get(f"/r/{mine}")
        alone = Visitor(client).page(f"/s/{token}/photos/{mine}")
        assert not alone.all("a", rel="prev") + alone.all("a", rel="next")
        assert shown(client.get(look).json["tiles"]) == [mine]
        names = zipfile.ZipFile(io.BytesIO(client.get(f"/s/{token}/archive").data)).namelist()
        assert len([name for name in names if name.endswith(".jpg")]) == 1
        assert str(others) not in client.get(f"/s/{token}").text

    def test_a_gallery_of_all_does_not_make_its_photos_ones_own(
        self, client: FlaskClient, wiring: Wiring, token: str
    ) -> None:
        photo = taken(wiring)
        assert client.get(f"/s/{link(wiring)}/photos/{photo}").status_code == 200
        assert opened(client, token) == []


class TestOnePhoto:
    def test_leads_to_its_neighbours_and_back(self, visitor: Visitor, wiring: Wiring, token: str) -> None:
        first, second, third = taken(wiring), taken(wiring), taken(wiring)
        page = visitor.page(f"/s/{token}/photos/{second}")
        assert page.one("a", rel="prev")["href"] == f"/s/{token}/photos/{third}"
        assert page.one("a", rel="next")["href"] == f"/s/{token}/photos/{first}"
        assert page.one("a", class_="back")["href"] == f"/s/{token}"

    def test_is_shared_without_the_link_to_all_others(self, visitor: Visitor, wiring: Wiring, token: str) -> None:
        photo = taken(wiring)
        share = visitor.page(f"/s/{token}/photos/{photo}").one("button", id="share")
        assert share["data-share"] == f"http://localhost/r/{photo}"

    def test_other_photos_are_not_behind_the_link(self, client: FlaskClient, wiring: Wiring, token: str) -> None:
        for photo in (taken(wiring, slot_id="slot-002"), taken(wiring, source=Source.TEST), uuid4()):
            assert client.get(f"/s/{token}/photos/{photo}").status_code == 404


class TestArchive:
    def test_where_the_link_allows_it_all_photos_are_one_file(self, client: FlaskClient, wiring: Wiring) -> None:
        taken(wiring)
        token = link(wiring, allows_archive=True, name="Свадьба")
        offered = Visitor(client).page(f"/s/{token}").one("a", id="archive")
        assert re.search(r"ZIP, \d+ КБ", offered.text)
        answer = client.get(offered["href"])
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            assert PICTURE in [archive.read(name) for name in archive.namelist()]
        assert "%D0%A1%D0%B2" in answer.headers["Content-Disposition"]

    def test_otherwise_there_is_none(self, client: FlaskClient, wiring: Wiring, token: str) -> None:
        taken(wiring)
        assert not Visitor(client).page(f"/s/{token}").all("a", id="archive")
        assert client.get(f"/s/{token}/archive").status_code == 404


class TestClosed:
    @pytest.mark.parametrize("end", ["revoked_at = now()", "expires_at = now()"])
    def test_a_link_that_is_over_says_so_everywhere(
        self, client: FlaskClient, wiring: Wiring, ledger: Ledger, end: str
    ) -> None:
        photo, token = taken(wiring), link(wiring, allows_archive=True)
        ledger.ask(f"UPDATE share_link SET {end}")
        for path in ("", "/arrivals", "/archive", f"/photos/{photo}"):
            answer = client.get(f"/s/{token}{path}")
            assert heading(answer) == (410, "Эта галерея закрыта"), path
        assert client.post(f"/s/{token}", data={"password": "x"}).status_code == 410

    def test_single_photos_go_on_by_their_codes(self, client: FlaskClient, wiring: Wiring, ledger: Ledger) -> None:
        photo = taken(wiring)
        link(wiring)
        ledger.ask("UPDATE share_link SET revoked_at = now()")
        assert client.get(f"/r/{photo}").status_code == 200

    def test_what_never_was_a_link_is_not_found(self, client: FlaskClient) -> None:
        for token in ("x", "A" * 43, "A" * 5000, "%00", "фото"):
            for path in ("", "/arrivals", "/archive", f"/photos/{uuid4()}"):
                assert client.get(f"/s/{token}{path}").status_code == 404, token

    def test_who_tries_many_is_slowed_down(self, client: FlaskClient, ledger: Ledger) -> None:
        client.get("/s/nothing")
        ledger.ask("UPDATE throttle SET failures = 1000")
        answer = client.get("/s/nothing")
        assert heading(answer) == (429, "Слишком много попыток")
        assert int(answer.headers["Retry-After"]) > 0
