"""Photos as a ZIP by the API: its headers, how it goes on where it broke off, its manifest, and when there is none."""

from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from app.config import ARCHIVE_THREADS
from app.domain.photo import PhotoFilter
from app.services.archives.archive import Archive
from app.wiring import Wiring
from tests.support.booths import photo
from tests.support.ledger import Ledger
from tests.web.booth import code, details
from tests.web.playing_the_worker import finished
from tests.web.unpacking import table, unpacked

PICTURE = photo(90, 60)
API = "/api/photos/archive"
Auth = dict[str, str]


@pytest.fixture
def three(wiring: Wiring) -> list[UUID]:
    """Photos, oldest first."""
    return [finished(wiring, PICTURE, slot_id=slot) for slot in ("slot-001", "slot-003", "slot-003")]


@pytest.fixture
def all_places_taken(wiring: Wiring, three: list[UUID]) -> list[Archive]:
    return [wiring.archives.open(PhotoFilter(), lambda _: b"") for _ in range(ARCHIVE_THREADS)]


class TestHeaders:
    def test_a_whole_archive(self, client: FlaskClient, auth: Auth, three: list[UUID]) -> None:
        answer = client.get(API, headers=auth)
        assert answer.headers["Content-Length"] == str(len(answer.data))
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert len(unpacked(answer).namelist()) == 4

    def test_it_is_saved_under_a_name_that_says_what_is_in_it(
        self, client: FlaskClient, auth: Auth, three: list[UUID], ledger: Ledger
    ) -> None:
        ledger.ask("UPDATE job SET booth = 'Зал/1: \"A\"'")
        names = {
            "": "attachment; filename=photos.zip",
            "?slot=slot-003": "attachment; filename=slot-003.zip",
            '?booth=Зал/1: "A"': f"attachment; filename=photos.zip; filename*=UTF-8''{quote('Зал_1_A')}.zip",
        }
        for query, name in names.items():
            assert client.get(API + query, headers=auth).headers["Content-Disposition"] == name


class TestGoingOn:
    def test_ranges_put_it_together(self, client: FlaskClient, auth: Auth, three: list[UUID]) -> None:
        whole = client.get(API, headers=auth)
        tag, data = whole.headers["ETag"], whole.data
        parts = []
        for start in range(0, len(data), 1000):
            answer = client.get(API, headers={**auth, "Range": f"bytes={start}-{start + 999}", "If-Range": tag})
            assert answer.status_code == 206
            parts.append(answer.data)
        assert b"".join(parts) == data

    @pytest.mark.parametrize("asked", ["bytes=0-", "bytes=100-", "bytes=-100", "bytes=1-1"])
    def test_a_range_gives_those_bytes(self, client: FlaskClient, auth: Auth, three: list[UUID], asked: str) -> None:
        data = client.get(API, headers=auth).data
        answer = client.get(API, headers={**auth, "Range": asked})
        first, last = (int(n) for n in answer.headers["Content-Range"].split()[1].split("/")[0].split("-"))
        assert (answer.status_code, answer.data) == (206, data[first : last + 1])
        assert answer.headers["Content-Length"] == str(len(answer.data))

    def test_what_came_meanwhile_does_not_end_it(
        self, client: FlaskClient, auth: Auth, three: list[UUID], wiring: Wiring
    ) -> None:
        begun = client.get(API, headers=auth)
        finished(wiring, PICTURE)
        rest = client.get(API, headers={**auth, "Range": "bytes=100-", "If-Range": begun.headers["ETag"]})
        assert (rest.status_code, begun.data[:100] + rest.data) == (206, begun.data)
        assert rest.headers["ETag"] == begun.headers["ETag"]

    def test_what_was_withdrawn_meanwhile_begins_it_anew(
        self, client: FlaskClient, auth: Auth, three: list[UUID]
    ) -> None:
        begun = client.get(API, headers=auth)
        client.post("/api/photos/hide", headers=auth, json={"ids": [str(three[1])]})
        again = client.get(API, headers={**auth, "Range": "bytes=100-", "If-Range": begun.headers["ETag"]})
        assert (again.status_code, len(unpacked(again).namelist())) == (200, 3)

    def test_whoever_has_it_all_needs_nothing(self, client: FlaskClient, auth: Auth, three: list[UUID]) -> None:
        tag = client.get(API, headers=auth).headers["ETag"]
        answer = client.get(API, headers={**auth, "If-None-Match": tag})
        assert (answer.status_code, answer.data) == (304, b"")

    def test_a_range_outside_of_it(self, client: FlaskClient, auth: Auth, three: list[UUID]) -> None:
        answer = client.get(API, headers={**auth, "Range": "bytes=99999999-"})
        assert (answer.status_code, code(answer)) == (416, "range_not_satisfiable")


class TestPlaces:
    def test_none_is_kept_by_what_was_sent_or_refused(
        self, client: FlaskClient, auth: Auth, three: list[UUID], wiring: Wiring
    ) -> None:
        tag = client.get(API, headers=auth).headers["ETag"]
        for more in ({}, {"Range": "bytes=5-"}, {"Range": "bytes=99999999-"}, {"If-None-Match": tag}):
            for _ in range(7):
                with client.get(API, headers={**auth, **more}) as answer:
                    assert answer.status_code != 503

    def test_beyond_them_programs_are_told_when_to_come_again(
        self, client: FlaskClient, auth: Auth, three: list[UUID], all_places_taken: list[Archive]
    ) -> None:
        answer = client.get(API, headers=auth)
        assert (answer.status_code, code(answer), answer.headers["Retry-After"]) == (503, "archives_busy", "30")


class TestManifest:
    def test_administrators_read_all_that_is_known(
        self, client: FlaskClient, auth: Auth, wiring: Wiring, ledger: Ledger
    ) -> None:
        photo_id = finished(wiring, PICTURE, slot_id="slot-003")
        ledger.ask("UPDATE job SET booth = 'PC · expo'")
        ledger.ask("UPDATE job SET finalized_at = date_trunc('day', now()) - interval '1 hour'")
        answer = client.get(API, headers={**auth, "Accept-Language": "en"})
        [head, row] = table(answer)
        said = dict(zip(head, row, strict=True))
        assert said["File"] == unpacked(answer).namelist()[0]
        assert said["Finished (Europe/Moscow)"].endswith(" 02:00:00")
        assert (said["Bytes"], said["Width"], said["Height"]) == (str(len(PICTURE)), "640", "480")
        assert (said["Slot"], said["Booth"]) == ("slot-003", "PC · expo")
        assert said["Guest page"] == f"http://localhost/r/{photo_id}"

    def test_excel_reads_it_in_russian_by_a_double_click(
        self, client: FlaskClient, auth: Auth, three: list[UUID]
    ) -> None:
        answer = client.get(API, headers={**auth, "Accept-Language": "ru"})
        assert unpacked(answer).read("manifest.csv").startswith(b"\xef\xbb\xbf")
        assert "Файл" in table(answer, ";")[0]

    def test_no_booth_can_plant_a_formula(
        self, client: FlaskClient, auth: Auth, three: list[UUID], ledger: Ledger
    ) -> None:
        ledger.ask("UPDATE job SET booth = '=HYPERLINK(1)'")
        rows = table(client.get(API, headers={**auth, "Accept-Language": "en"}))
        assert [row[7] for row in rows[1:]] == ["'=HYPERLINK(1)"] * 3


class TestApi:
    def test_it_needs_a_sign_in(self, client: FlaskClient) -> None:
        assert client.get(API).status_code == 401

    def test_a_selection(self, client: FlaskClient, auth: Auth, three: list[UUID]) -> None:
        answer = client.get(f"{API}?ids={three[0]},{three[2]}", headers=auth)
        assert len(unpacked(answer).namelist()) == 3
        answer = client.get(f"{API}?slot=slot-003&ids={three[0]},{three[2]}", headers=auth)
        assert len(unpacked(answer).namelist()) == 2

    @pytest.mark.parametrize(
        "query", ["ids=", "ids=x", f"ids={UUID(int=7)},", "slot=slot-003&day=yesterday", "event=1"]
    )
    def test_what_cannot_be_understood_is_refused(
        self, client: FlaskClient, auth: Auth, three: list[UUID], query: str
    ) -> None:
        answer = client.get(f"{API}?{query}", headers=auth)
        assert (answer.status_code, code(answer)) == (400, "invalid_request")
        assert details(answer)["parameters"]

    def test_more_ids_than_may_be_named(self, client: FlaskClient, auth: Auth) -> None:
        answer = client.get(f"{API}?ids={','.join([str(uuid4())] * 1001)}", headers=auth)
        assert details(answer) == {"parameters": {"ids": {"maximum": 1000}}}

    def test_there_is_none_of_nothing(self, client: FlaskClient, auth: Auth) -> None:
        assert code(client.get(API, headers=auth)) == "not_found"

    def test_there_is_none_of_too_many(
        self, client: FlaskClient, auth: Auth, three: list[UUID], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.services.archives.ARCHIVE_MAX", 2)
        answer = client.get(API, headers=auth)
        assert (answer.status_code, code(answer)) == (413, "archive_too_large")
        assert details(answer) == {"photos": 3, "maximum": 2}
