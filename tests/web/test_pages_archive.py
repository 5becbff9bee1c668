"""The gallery's photos as a ZIP: what its filters show, what is selected, and what people read when there is none."""

from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from app.config import ARCHIVE_THREADS
from app.domain.photo import PhotoFilter
from app.services.archives.archive import Archive
from app.wiring import Wiring
from tests import pictures
from tests.web.playing_the_worker import finished
from tests.web.unpacking import table, unpacked
from tests.web.visitor import Visitor

PAGE = "/gallery/archive"
JPEG = pictures.jpeg(64, 48)


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    """An administrator who reads English."""
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return Visitor(client).log_in()


@pytest.fixture
def three(wiring: Wiring) -> list[UUID]:
    """Photos, oldest first."""
    return [finished(wiring, JPEG, slot_id=slot) for slot in ("slot-001", "slot-003", "slot-003")]


@pytest.fixture
def all_places_taken(wiring: Wiring, three: list[UUID]) -> list[Archive]:
    return [wiring.archives.open(PhotoFilter(), lambda _: b"") for _ in range(ARCHIVE_THREADS)]


def test_it_needs_a_login(client: FlaskClient) -> None:
    assert client.get(PAGE).headers["Location"].startswith("/login")


class TestGallery:
    def test_what_its_filters_show(self, visitor: Visitor, three: list[UUID]) -> None:
        names = unpacked(visitor.get(f"{PAGE}?slot=slot-003")).namelist()
        assert [name[:9] for name in names] == ["slot-003_", "slot-003_", "manifest."]

    def test_its_link_leads_there(self, visitor: Visitor, three: list[UUID]) -> None:
        link = visitor.page("/gallery?slot=slot-001").one("a", id="archive")["href"]
        assert len(unpacked(visitor.get(str(link))).namelist()) == 2

    def test_its_manifest_is_in_the_reader_s_language(self, visitor: Visitor, three: list[UUID]) -> None:
        assert table(visitor.get(PAGE))[0][0] == "File"

    def test_head_tells_all_of_it_and_keeps_no_place(self, visitor: Visitor, three: list[UUID]) -> None:
        whole = visitor.get(PAGE)
        for _ in range(ARCHIVE_THREADS + 1):
            head = visitor.client.head(PAGE)
            assert (head.status_code, head.data) == (200, b"")
        for name in ("ETag", "Content-Length", "Content-Disposition"):
            assert head.headers[name] == whole.headers[name]

    def test_a_filter_that_cannot_be_understood(self, visitor: Visitor, three: list[UUID]) -> None:
        assert visitor.get(f"{PAGE}?day=yesterday").status_code == 404


class TestSelection:
    def test_what_is_selected(self, visitor: Visitor, three: list[UUID]) -> None:
        answer = visitor.post(PAGE, {"ids": [str(three[0]), str(three[1])]})
        assert len(unpacked(answer).namelist()) == 3

    def test_among_hidden_photos(self, visitor: Visitor, three: list[UUID], wiring: Wiring) -> None:
        wiring.stores.photos.hide([three[1]])
        answer = visitor.post(PAGE, {"ids": [str(three[0]), str(three[1])], "state": "hidden"})
        assert len(unpacked(answer).namelist()) == 2

    @pytest.mark.parametrize(
        ("ids", "sentence"),
        [([], "You have not selected anything."), ([str(uuid4())], "There are no photos to download.")],
        ids=["none", "gone"],
    )
    def test_nothing_leads_back(self, visitor: Visitor, ids: list[str], sentence: str) -> None:
        answer = visitor.post(PAGE, {"back": "/gallery?slot=slot-003", "ids": ids})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/gallery?slot=slot-003")
        assert sentence in visitor.get("/gallery").text


class TestWhenThereIsNone:
    def test_people_stay_where_they_are_and_read_why(
        self, visitor: Visitor, three: list[UUID], all_places_taken: list[Archive]
    ) -> None:
        answer = visitor.get(f"{PAGE}?slot=slot-003")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/gallery?slot=slot-003")
        assert "Several downloads are under way." in visitor.get("/gallery").text

    def test_of_too_many_too(self, visitor: Visitor, three: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.services.archives.ARCHIVE_MAX", 2)
        assert visitor.get(PAGE).status_code == 303
        assert "Too many photos for one file" in visitor.get("/gallery").text

    def test_a_download_that_goes_on_learns_it_by_the_status(
        self, visitor: Visitor, three: list[UUID], all_places_taken: list[Archive]
    ) -> None:
        answer = visitor.get(PAGE, Range="bytes=100-")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
