"""Forms of every shape: what is none is refused, what booths really send is taken."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Row

from tests import pictures
from tests.support.ledger import Ledger
from tests.web.booth import PHOTO, code, post, shoot

PASSWORD = ("password", "booth-secret")


@pytest.fixture
def environment() -> dict[str, str]:
    return {"SYNC_RESPONSE_SECONDS": "0.1"}


def queued(client: FlaskClient, ledger: Ledger, *parts: tuple[str, Any], query: str = "") -> Row[Any]:
    """Post the form; as no worker runs, its job times out, and is returned as the database has it."""
    answer = post(client, f"/ingest/slot-001{query}", *parts)
    assert code(answer) == "sync_timeout", answer.get_data()
    return ledger.jobs()[-1]


NO_FORMS = [
    ("application/json", json.dumps({"password": "booth-secret", "file": "…"}).encode()),
    ("application/octet-stream", PHOTO),
    ("image/jpeg", PHOTO),
    ("text/plain", b"password=booth-secret"),
    ("application/x-www-form-urlencoded", b"password=booth-secret"),
    ("", PHOTO),
    ("multipart/form-data", PHOTO),
    ("multipart/form-data; boundary=", PHOTO),
    ("multipart/form-data; boundary=b", b""),
    ("multipart/form-data; boundary=b", b"--b--\r\n"),
    ("multipart/form-data; boundary=b", b"no boundary in here"),
    ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data; name=password\r\n\r\nbooth-sec"),
    ("multipart/form-data; boundary=b", b"--b\r\n\r\n\r\n--b--\r\n"),
    ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
    ("multipart/form-data; boundary=б", PHOTO),
    ("multipart/mixed; boundary=b", b"--b\r\n\r\nx\r\n--b--\r\n"),
]


def test_what_is_no_form_is_said_to_be_none(client: FlaskClient, subtests: pytest.Subtests) -> None:
    for content_type, body in NO_FORMS:
        with subtests.test(content_type=content_type, body=body[:80]):
            answer = client.post("/ingest/slot-001", data=body, content_type=content_type)
            assert (answer.status_code, code(answer)) == (400, "invalid_request")


HEADERS = st.sampled_from(
    [
        b"Content-Disposition: form-data; name=password",
        b"Content-Disposition: form-data; name=fileToUpload; filename=a.jpg",
        b'Content-Disposition: form-data; name="',
        b"Content-Disposition: form-data; name*=utf-8''%ff%00; filename*=utf-16''%d8",
        b"Content-Disposition: attachment",
        b"Content-Type: multipart/mixed; boundary=b",
        b"Content-Transfer-Encoding: base64",
        b"Content-Length: -1",
    ]
)
ENDS = st.sampled_from([b"--b--\r\n", b"--b\r\n", b""]) | st.binary(max_size=20)
PARTS = st.tuples(st.lists(HEADERS | st.binary(max_size=40), max_size=3), st.binary(max_size=60))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(PARTS, max_size=4), end=ENDS)
def test_any_bytes_get_a_documented_answer(
    client: FlaskClient, ledger: Ledger, parts: list[tuple[list[bytes], bytes]], end: bytes
) -> None:
    ledger.ask("DELETE FROM throttle")
    body = b"".join(b"--b\r\n" + b"\r\n".join(headers) + b"\r\n\r\n" + data + b"\r\n" for headers, data in parts)
    answer = client.post("/ingest/slot-001", data=body + end, content_type="multipart/form-data; boundary=b")
    assert answer.status_code in (400, 401, 413, 415)


def test_a_thousand_parts_are_taken_and_more_refused(client: FlaskClient, ledger: Ledger) -> None:
    extra = [(f"survey{number}", "yes") for number in range(999)]
    assert post(client, "/ingest/slot-001", PASSWORD, ("file", PHOTO), *extra).status_code == 413
    job = queued(client, ledger, PASSWORD, ("file", PHOTO), *extra[:-1])
    assert len(job.booth_fields) == 100


def test_a_huge_text_part_is_refused(client: FlaskClient) -> None:
    assert shoot(client, essay="x" * 600_000).status_code == 413


def test_the_file_part_may_have_any_of_three_names_in_any_case(client: FlaskClient, ledger: Ledger) -> None:
    for name in ("fileToUpload", "file", "image", "FILETOUPLOAD", "filetoupload", "File", "IMAGE"):
        assert queued(client, ledger, PASSWORD, (name, PHOTO)).payload_size_bytes == len(PHOTO)
    assert len(ledger.jobs()) == 7


def test_parts_may_come_in_any_order(client: FlaskClient, ledger: Ledger) -> None:
    body = (
        b"--b\r\nContent-Disposition: form-data; name=fileToUpload; filename=a.jpg\r\n\r\n" + PHOTO + b"\r\n"
        b"--b\r\nContent-Disposition: form-data; name=password\r\n\r\nbooth-secret\r\n--b--\r\n"
    )
    answer = client.post("/ingest/slot-001", data=body, content_type="multipart/form-data; boundary=b")
    assert code(answer) == "sync_timeout"
    assert ledger.jobs()[0].payload_size_bytes == len(PHOTO)


def test_the_bytes_say_what_the_file_is(client: FlaskClient, ledger: Ledger, subtests: pytest.Subtests) -> None:
    for kind in ("jpeg", "png", "webp", "heic"):
        data: bytes = getattr(pictures, kind)(64, 48)
        for declared in (("IMG_0003.JPG", "image/jpeg"), ("virus.exe", "text/html"), ("x",)):
            with subtests.test(kind=kind, declared=declared):
                job = queued(client, ledger, PASSWORD, ("fileToUpload", (data, *declared)))
                assert (job.payload_mime_type, job.payload_size_bytes) == (f"image/{kind}", len(data))


def test_a_files_name_decides_nothing(client: FlaskClient, ledger: Ledger, subtests: pytest.Subtests) -> None:
    for name in ("../../etc/passwd", "C:\\Users\\a.jpg", "a\0.jpg", "a\x1b[31m.jpg", "я" * 500, "."):
        with subtests.test(name=name):
            job = queued(client, ledger, PASSWORD, ("fileToUpload", (PHOTO, name, "image/jpeg")))
            assert job.payload_path == f"payloads/{job.id}.jpg"


def test_of_several_files_the_first_acceptable_one_is_taken(client: FlaskClient, ledger: Ledger) -> None:
    second = pictures.png(64, 48)
    job = queued(client, ledger, PASSWORD, ("file", b"not an image"), ("file", second), ("file", PHOTO))
    assert (job.payload_mime_type, job.payload_size_bytes) == ("image/png", len(second))


def test_the_programs_own_name_goes_before_the_others(client: FlaskClient, ledger: Ledger) -> None:
    preferred = pictures.png(64, 48)
    job = queued(client, ledger, PASSWORD, ("image", PHOTO), ("file", PHOTO), ("fileToUpload", preferred))
    assert job.payload_mime_type == "image/png"


def test_if_none_is_acceptable_the_first_ones_refusal_is_told(client: FlaskClient) -> None:
    answer = post(client, "/ingest/slot-001", PASSWORD, ("file", PHOTO[:500]), ("image", b"not an image"))
    assert code(answer) == "invalid_image"


def test_what_the_booth_says_of_itself_is_kept_but_never_the_password(client: FlaskClient, ledger: Ledger) -> None:
    job = queued(
        client,
        ledger,
        ("time", "1758217512"),
        ("id", "CY04N068111304S2L_00000001."),
        ("profile", "C:\\Users\\Acer\\setup_Serg.xml"),
        ("{qr1}", "Ёлка & <b>"),
        ("survey1_type_id", "first"),
        ("survey1_type_id", "second"),
        ("PASSWORD", "another secret"),
        PASSWORD,
        ("fileToUpload", PHOTO),
        query="?session=42&{name}=a%20b&password=booth-secret",
    )
    assert job.booth_fields == {
        "time": "1758217512",
        "id": "CY04N068111304S2L_00000001.",
        "profile": "C:\\Users\\Acer\\setup_Serg.xml",
        "{qr1}": "Ёлка & <b>",
        "survey1_type_id": "first",
        "session": "42",
        "{name}": "a b",
    }


def test_what_cannot_be_stored_is_left_out(client: FlaskClient, ledger: Ledger) -> None:
    body = (
        b"--b\r\nContent-Disposition: form-data; name=password\r\n\r\nbooth-secret\r\n"
        b"--b\r\nContent-Disposition: form-data; name=nul\r\n\r\na\0b\x1b[31m\r\n"
        b"--b\r\nContent-Disposition: form-data; name=latin\r\n\r\ncaf\xe9\r\n"
        b"--b\r\nContent-Disposition: form-data; name=half\r\n\r\n\xed\xa0\x80\r\n"
        b"--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n" + PHOTO + b"\r\n--b--\r\n"
    )
    address = "/ingest/slot-001?q=%00x&%00=y"
    assert code(client.post(address, data=body, content_type="multipart/form-data; boundary=b")) == "sync_timeout"
    fields = ledger.jobs()[0].booth_fields
    assert (fields["nul"], fields["q"]) == ("ab[31m", "x")
    assert fields["latin"].startswith("caf")
