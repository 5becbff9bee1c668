"""The captured request of DSLR Remote Pro over a raw socket, and whatever else booths are known to send."""

import io
import random

import pytest
from PIL import Image

from app.booth.client import Answer, send
from app.booth.wire import CAPTURED_PARTS, Shot, build_request
from tests.processes.conftest import Install
from tests.support.booths import photo
from tests.support.installation import Installation
from tests.waiting import until

pytestmark = pytest.mark.processes

BOUNDARY = "------------090306000104030805010400"


@pytest.fixture
def house(install: Install, empty_database_url: str) -> Installation:
    house = install(empty_database_url, INGEST_PASSWORD="123456")
    house.start_web()
    house.start_worker()
    return house


def assert_is_a_picture(answer: Answer) -> None:
    """What the booth program can use: the bytes of an image with their length, at once and unwrapped."""
    assert answer.status == 200, answer.body
    assert answer.continues == 1
    assert answer.header("content-type") == "image/jpeg"
    assert answer.header("content-length") == str(len(answer.body))
    assert answer.header("cache-control") == "no-store"
    assert answer.header("transfer-encoding") is None
    assert answer.header("content-encoding") is None
    assert answer.surplus == 0
    Image.open(io.BytesIO(answer.body)).load()


def test_the_capture_byte_for_byte(house: Installation) -> None:
    photo_of_51977_bytes = photo(640, 480)
    photo_of_51977_bytes += bytes(51_977 - len(photo_of_51977_bytes))
    shot = Shot("IMG_0003.JPG", photo_of_51977_bytes)
    request = build_request(f"{house.url}/ingest/slot-001?session=42", CAPTURED_PARTS, shot, boundary=BOUNDARY)
    names = [line.split(b":")[0] for line in request.head.splitlines()[1:-1]]
    assert names == [b"host", b"content-type", b"content-length", b"expect"]
    assert_is_a_picture(send(f"{house.url}/ingest/slot-001?session=42", request))
    [job] = house.ledger.jobs()
    kept = dict(CAPTURED_PARTS) | {"session": "42"}
    assert job.booth_fields == {name: value for name, value in kept.items() if name != "password"}


@pytest.mark.parametrize("path", ["/ingest/slot-002", "/api/ingest/slot-002"])
@pytest.mark.parametrize("field", ["fileToUpload", "file", "image"])
def test_aliases_of_link_and_file_field(house: Installation, path: str, field: str) -> None:
    url = house.url + path
    request = build_request(url, CAPTURED_PARTS, Shot("a.jpg", photo()), file_field=field)
    assert_is_a_picture(send(url, request))


def test_survey_answers_ride_along_in_any_order(house: Installation) -> None:
    parts = [*CAPTURED_PARTS, ("{qr1}", "гость 7"), ("survey1_text_name", 'Zoë "Z" <z>'), ("username", "ipad")]
    random.Random(3).shuffle(parts)
    url = f"{house.url}/ingest/slot-001"
    assert_is_a_picture(send(url, build_request(url, parts, Shot("a.jpg", photo()))))
    [job] = house.ledger.jobs()
    assert job.booth_fields["{qr1}"] == "гость 7"
    assert job.booth_fields["survey1_text_name"] == 'Zoë "Z" <z>'
    assert "password" not in job.booth_fields


def test_a_refusal_comes_as_json_after_one_continue(house: Installation) -> None:
    url = f"{house.url}/ingest/slot-001"
    answer = send(url, build_request(url, [("password", "wrong")], Shot("a.jpg", photo())))
    assert (answer.status, answer.continues) == (401, 1)
    assert b'"invalid_password"' in answer.body
    assert answer.header("content-type") == "application/json"


def test_a_photo_that_is_too_large_to_be_read_stands_in_the_log(house: Installation) -> None:
    """The web server itself refuses it, before the application could."""
    url = f"{house.url}/ingest/slot-004"
    answer = send(url, build_request(url, CAPTURED_PARTS, Shot("a.jpg", bytes(40 << 20))))
    assert answer.status == 413
    found = "SELECT slot_id FROM processing_log WHERE detail ->> 'reason' = 'payload_too_large'"
    until(lambda: house.ledger.ask(found), what="the refusal is logged")
    assert [row.slot_id for row in house.ledger.ask(found)] == ["slot-004"]
    sent = "SELECT slot_id, status, code, detail FROM booth_request WHERE status = 413"
    [row] = until(lambda: house.ledger.ask(sent), what="what the booth sent is kept")
    assert (row.slot_id, row.code) == ("slot-004", "payload_too_large")
    told = {"method": "POST", "path": "/ingest/slot-004", "client": "127.0.0.1", "parts": []}
    assert told.items() <= row.detail.items()
    assert {"Expect", "Content-Length"} <= {name for name, _ in row.detail["headers"]}


def test_many_photos_over_one_booth_stay_apart(house: Installation) -> None:
    """Each answer is made of its own shot."""
    url = f"{house.url}/ingest/slot-007"
    for size in [(320, 200), (200, 320), (500, 100)]:
        answer = send(url, build_request(url, CAPTURED_PARTS, Shot("a.jpg", photo(*size))))
        assert Image.open(io.BytesIO(answer.body)).size == size
