"""What the booth program needs of an answer."""

import json

import pytest

from app.booth.client import Answer
from app.booth.contract import MEANING, Violation, error_of, image_type, is_image, violations

JPEG, PNG, WEBP = b"\xff\xd8\xff\xe0 rest", b"\x89PNG\r\n\x1a\n rest", b"RIFF\x00\x00\x00\x00WEBPVP8 rest"
GOOD = {"content-type": "image/jpeg", "content-length": "1", "cache-control": "no-store"}


def answered(
    status: int = 200, body: bytes = JPEG, *, continues: int = 1, surplus: int = 0, **headers: str | None
) -> Answer:
    """A good answer but for what is said; a header given as None is left out."""
    fields = GOOD | {name.replace("_", "-"): value for name, value in headers.items()}
    pairs = tuple((name, value) for name, value in fields.items() if value is not None)
    return Answer(status, pairs, body, surplus, continues, 1.0, 2.0, 3.0, 100)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (JPEG, "image/jpeg"),
        (PNG, "image/png"),
        (WEBP, "image/webp"),
        (b"", None),
        (b"\xff\xd8", None),
        (b"GIF89a", None),
        (b"<html>", None),
        (b'{"error": {}}', None),
    ],
)
def test_an_image_is_known_by_its_first_bytes(content: bytes, expected: str | None) -> None:
    assert image_type(content) == expected
    assert is_image(answered(body=content)) is (expected is not None)


def test_an_error_with_a_picture_is_no_image() -> None:
    assert not is_image(answered(status=503))


class TestViolations:
    @pytest.mark.parametrize(("content", "mime"), [(JPEG, "image/jpeg"), (PNG, "image/png"), (WEBP, "IMAGE/WEBP; q=1")])
    def test_a_good_answer_has_none(self, content: bytes, mime: str) -> None:
        assert violations(answered(body=content, content_type=mime)) == []

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            (answered(continues=0), Violation.NO_CONTINUE),
            (answered(continues=2), Violation.SEVERAL_CONTINUES),
            (answered(transfer_encoding="chunked", content_length=None), Violation.CHUNKED),
            (answered(content_length=None), Violation.NO_LENGTH),
            (answered(surplus=1), Violation.SURPLUS),
            (answered(content_encoding="gzip"), Violation.COMPRESSED),
            (answered(302, b"", location="/login"), Violation.REDIRECT),
            (answered(cache_control=None), Violation.CACHEABLE),
            (answered(cache_control="max-age=60"), Violation.CACHEABLE),
            (answered(content_type="image/png"), Violation.WRONG_TYPE),
            (answered(content_type=None), Violation.WRONG_TYPE),
        ],
    )
    def test_each_is_noticed(self, answer: Answer, expected: Violation) -> None:
        assert expected in violations(answer)

    @pytest.mark.parametrize(
        "answer",
        [
            answered(413, b"{}", continues=0, content_type="application/json", cache_control=None),
            answered(504, b"{}", content_type="application/json", cache_control=None),
            answered(content_encoding="identity"),
            answered(cache_control="private, No-Store"),
        ],
    )
    def test_what_a_server_may_do_is_none(self, answer: Answer) -> None:
        assert violations(answer) == []

    def test_each_is_explained(self) -> None:
        assert set(MEANING) == set(Violation)


class TestErrors:
    def test_code_and_message_are_read(self) -> None:
        body = json.dumps({"error": {"code": "sync_timeout", "message": "Too late.", "details": {}}})

        assert error_of(answered(504, body.encode())) == ("sync_timeout", "Too late.")

    @pytest.mark.parametrize(
        "body",
        [b"", b"Bad Request", JPEG, b"[]", b"1", b"null", b'{"error": "x"}', b'{"error": {"code": "x"}}', b"[" * 10**5],
    )
    def test_other_bodies_have_neither(self, body: bytes) -> None:
        assert error_of(answered(502, body)) == (None, None)
