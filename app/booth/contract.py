"""What the booth program needs of an answer, from the captured wire and the maker's manual."""

import json
from enum import StrEnum

from app.booth.client import Answer


class Violation(StrEnum):
    """A way in which an answer may fail in the booth program though a browser would show it."""

    NO_CONTINUE = "no_100_continue"
    SEVERAL_CONTINUES = "several_100_continue"
    CHUNKED = "chunked"
    NO_LENGTH = "no_content_length"
    SURPLUS = "bytes_after_the_end"
    COMPRESSED = "compressed"
    REDIRECT = "redirect"
    CACHEABLE = "not_no_store"
    WRONG_TYPE = "wrong_content_type"


MEANING = {
    Violation.NO_CONTINUE: "the booth waits for one 100 Continue before it sends the photo; none came",
    Violation.SEVERAL_CONTINUES: "more than one 100 Continue came; the booth takes the second for the answer",
    Violation.CHUNKED: "the answer came in chunks; a proxy in between may do that",
    Violation.NO_LENGTH: "the answer had no Content-Length",
    Violation.SURPLUS: "more bytes came than Content-Length said",
    Violation.COMPRESSED: "the answer was compressed; a proxy in between may do that",
    Violation.REDIRECT: "the booth follows no redirects; type the final address into it",
    Violation.CACHEABLE: "an image came without Cache-Control: no-store",
    Violation.WRONG_TYPE: "Content-Type does not name the image that came",
}

_SIGNATURES = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"WEBP", 8, "image/webp"),
)


def image_type(content: bytes) -> str | None:
    """MIME type by the first bytes; None for what is no JPEG, PNG or WebP."""
    return next((mime for magic, at, mime in _SIGNATURES if content[at : at + len(magic)] == magic), None)


def is_image(answer: Answer) -> bool:
    """Whether the booth has a picture to print."""
    return answer.status == 200 and image_type(answer.body) is not None


def violations(answer: Answer) -> list[Violation]:
    """An answer without any 100 Continue is blamed for it only if it is a success: a refusal may come early."""
    found = {
        Violation.NO_CONTINUE: answer.continues == 0 and answer.status == 200,
        Violation.SEVERAL_CONTINUES: answer.continues > 1,
        Violation.CHUNKED: answer.header("transfer-encoding") is not None,
        Violation.NO_LENGTH: answer.header("content-length") is None,
        Violation.SURPLUS: answer.surplus > 0,
        Violation.COMPRESSED: (answer.header("content-encoding") or "identity").lower() != "identity",
        Violation.REDIRECT: 300 <= answer.status < 400,
        Violation.CACHEABLE: is_image(answer) and "no-store" not in (answer.header("cache-control") or "").lower(),
        Violation.WRONG_TYPE: is_image(answer) and _declared_type(answer) != image_type(answer.body),
    }
    return [violation for violation, is_there in found.items() if is_there]


def error_of(answer: Answer) -> tuple[str | None, str | None]:
    """Code and message of an error in the server's own JSON form; None for each that is not there."""
    try:
        error = json.loads(answer.body)["error"]
        code, message = error["code"], error["message"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None, None
    return str(code), str(message)


def _declared_type(answer: Answer) -> str:
    return (answer.header("content-type") or "").partition(";")[0].strip().lower()
