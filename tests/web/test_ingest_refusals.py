"""What a booth is told when its shot cannot be taken. Nothing is queued or stored then, and the log says why."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from app.wiring import Wiring
from tests import pictures
from tests.support.ledger import Ledger
from tests.web.booth import PHOTO, code, details, post, shoot

PASSWORD = ("password", "booth-secret")
MEGABYTE = 1 << 20


@pytest.fixture(autouse=True)
def _leaves_nothing(wiring: Wiring, ledger: Ledger) -> Iterator[None]:
    yield
    assert ledger.jobs() == []
    assert list(wiring.media.list("payloads")) == []


def test_an_unknown_slot(client: FlaskClient, subtests: pytest.Subtests) -> None:
    for slot_id in ("slot-016", "slot-000", "slot-1", "SLOT-001", "slot-001 ", "слот", "%27--", "x" * 5000):
        with subtests.test(slot_id=slot_id[:20]):
            answer = shoot(client, slot_id)
            assert (answer.status_code, code(answer)) == (404, "slot_not_found")


def test_a_paused_slot_says_so_to_those_who_know_the_password(client: FlaskClient, ledger: Ledger) -> None:
    ledger.ask("UPDATE slot SET is_active = false WHERE id = 'slot-002'")
    answer = shoot(client, "slot-002")
    assert (answer.status_code, code(answer)) == (404, "slot_disabled")
    assert code(shoot(client, "slot-002", password="wrong")) == "invalid_password"


def test_a_wrong_password(client: FlaskClient, subtests: pytest.Subtests) -> None:
    for password in (None, "", "wrong", "BOOTH-SECRET", "booth-secret ", "пароль", "booth-secret\0", "x" * 9999):
        with subtests.test(password=password):
            answer = shoot(client, password=password)
            assert (answer.status_code, code(answer)) == (401, "invalid_password")


def test_a_password_in_the_address_does_not_count(client: FlaskClient) -> None:
    assert code(post(client, "/ingest/slot-001?password=booth-secret", ("file", PHOTO))) == "invalid_password"


def test_ten_wrong_passwords_close_the_slot_to_that_booth_for_a_while(client: FlaskClient) -> None:
    for _ in range(10):
        assert code(shoot(client, password="wrong")) == "invalid_password"
    answer = shoot(client)
    assert (answer.status_code, code(answer)) == (429, "too_many_attempts")
    assert 290 <= int(answer.headers["Retry-After"]) <= 300
    from_another = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}}
    assert code(post(client, "/ingest/slot-001", ("password", "wrong"), **from_another)) == "invalid_password"
    assert code(shoot(client, "slot-002", password="wrong")) == "invalid_password"


def test_a_forged_address_does_not_open_it_again(client: FlaskClient) -> None:
    for number in range(11):
        forged = {"X-Forwarded-For": f"203.0.113.{number}"}
        answer = post(client, "/ingest/slot-001", ("password", "wrong"), headers=forged)
    assert code(answer) == "too_many_attempts"


def test_no_file(client: FlaskClient) -> None:
    answer = shoot(client, fileToUpload=None)
    assert (answer.status_code, code(answer)) == (400, "invalid_request")
    assert details(answer) == {"allowed": ["fileToUpload", "file", "image"]}


def test_a_file_under_another_name(client: FlaskClient) -> None:
    for name in ("photo", "files[]", "fileToUpload2", ""):
        answer = post(client, "/ingest/slot-001", PASSWORD, (name, PHOTO))
        assert (answer.status_code, code(answer)) == (400, "invalid_request")


def test_a_photo_sent_as_a_text_part_is_no_file(client: FlaskClient) -> None:
    assert code(shoot(client, fileToUpload="IMG_0003.JPG")) == "invalid_request"


def test_an_empty_file(client: FlaskClient) -> None:
    answer = shoot(client, fileToUpload=b"")
    assert (answer.status_code, code(answer)) == (400, "invalid_request")


def test_bytes_of_another_type_whatever_they_are_called(client: FlaskClient, subtests: pytest.Subtests) -> None:
    files = {
        "one byte": b"x",
        "text": b"not an image at all",
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "html": b"<html><img src=x onerror=alert(1)>",
        "pdf": b"%PDF-1.7\n",
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
        "zeros": b"\0" * 1000,
        **{kind: pictures.encoded(pictures.party(40, 30), kind) for kind in ("GIF", "TIFF", "BMP")},
    }
    for kind, data in files.items():
        with subtests.test(kind=kind):
            answer = shoot(client, fileToUpload=(data, "IMG_0003.JPG", "image/jpeg"))
            assert (answer.status_code, code(answer)) == (415, "unsupported_media_type")


def test_a_jpeg_that_was_cut_off(client: FlaskClient, subtests: pytest.Subtests) -> None:
    for kept in (3, 20, 200, len(PHOTO) // 2, len(PHOTO) - 2):
        with subtests.test(kept=kept):
            answer = shoot(client, fileToUpload=PHOTO[:kept])
            assert (answer.status_code, code(answer)) == (400, "invalid_image")


def test_a_picture_of_too_many_pixels(client: FlaskClient) -> None:
    answer = shoot(client, fileToUpload=pictures.flat_png(9000, 9000))
    assert (answer.status_code, code(answer)) == (413, "payload_too_large")


@pytest.mark.parametrize("environment", [{"MAX_UPLOAD_MB": "1"}])
def test_a_file_over_the_limit_by_much_or_little(client: FlaskClient, subtests: pytest.Subtests) -> None:
    for size in (MEGABYTE + 1, 2 * MEGABYTE - 9000, 2 * MEGABYTE, 9 * MEGABYTE):
        with subtests.test(size=size):
            answer = shoot(client, fileToUpload=PHOTO.ljust(size, b"\0"))
            assert (answer.status_code, code(answer)) == (413, "payload_too_large")


@pytest.mark.parametrize("environment", [{"MAX_UPLOAD_MB": "1"}])
def test_a_file_over_the_limit_whose_length_nobody_announced(client: FlaskClient) -> None:
    body = b"--b\r\nContent-Disposition: form-data; name=file; filename=a.jpg\r\n\r\n" + b"\0" * 3 * MEGABYTE
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    answer = client.post(
        "/ingest/slot-001", data=body, content_type="multipart/form-data; boundary=b", environ_overrides=chunked
    )
    assert (answer.status_code, code(answer)) == (413, "payload_too_large")


def test_the_refusal_is_kept_in_the_log(client: FlaskClient, ledger: Ledger) -> None:
    shoot(client, "slot-004", fileToUpload=b"not an image")
    [row] = ledger.ask("SELECT slot_id, event, detail, job_id FROM processing_log")
    assert (row.slot_id, row.event, row.job_id) == ("slot-004", "refused", None)
    assert row.detail["reason"] == "unsupported_media_type"
