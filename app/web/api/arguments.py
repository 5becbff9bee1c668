"""What a query or a header says; whatever cannot be understood is refused with its name and what is allowed."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Response, jsonify, request

from app.domain.errors import Reason, Refused

WHOLE_MAX = 2**31 - 1
PAGE_SIZE = 50
PAGE_SIZE_MAX = 200
PAGE_MAX = 1_000_000
_UUID = re.compile(r'"?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"?')
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def paging(page_max: int = PAGE_MAX) -> tuple[int, int]:
    """`page`, counted from 1, and `page_size` of a collection; raises Refused(INVALID_REQUEST)."""
    return whole_argument("page", 1, page_max), whole_argument("page_size", PAGE_SIZE, PAGE_SIZE_MAX)


def collection(items: Sequence[Any], total: int, page: int, page_size: int, **more: Any) -> Response:
    """One page of a collection, of `total` things in all."""
    return jsonify({"items": items, "total": total, "page": page, "page_size": page_size, **more})


def page_of(items: Sequence[Any]) -> Response:
    """The page that is asked for of what is all at hand; raises Refused(INVALID_REQUEST)."""
    page, page_size = paging()
    return collection(items[(page - 1) * page_size : page * page_size], len(items), page, page_size)


def whole_argument(name: str, default: int, maximum: int) -> int:
    number = whole(request.args.get(name, str(default)))
    if number is None or not 1 <= number <= maximum:
        raise bad_argument(name, f"a whole number from 1 to {maximum}", minimum=1, maximum=maximum)
    return number


def whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(WHOLE_MAX)) else None


def flag(name: str) -> bool:
    text = request.args.get(name, "false")
    if text not in _FLAGS:
        raise bad_argument(name, "true or false", options=list(_FLAGS))
    return _FLAGS[text]


def version_to_match(*, with_digest: bool = False) -> int | None:
    """The version that If-Match names, None where any is right; raises Refused(INVALID_REQUEST).

    `with_digest`: what follows the version after a hyphen is not looked at.
    """
    text = request.headers.get("If-Match", "*").strip()
    if text == "*":
        return None
    tag = text[1:-1].partition("-")[0] if with_digest else text[1:-1]
    version = whole(tag) if text[:1] == text[-1:] == '"' else None
    if version is None or not 1 <= version <= WHOLE_MAX:
        raise bad_argument("If-Match", 'one ETag as it was given, such as "4"', format='"<version>"')
    return version


def idempotency_key() -> UUID | None:
    """By which a request that comes again is known; raises Refused(INVALID_REQUEST) for what is no UUID.

    In quotes, as draft-ietf-httpapi-idempotency-key-header writes it, or without.
    """
    text = request.headers.get("Idempotency-Key")
    if text is None:
        return None
    if (found := _UUID.fullmatch(text.strip())) is None:
        raise bad_argument("Idempotency-Key", "a UUID", format="uuid")
    return UUID(found[1])


def bad_argument(name: str, rule: str, **allowed: Any) -> Refused:
    """`rule` says in words what `allowed` says to programs (the contract's Parameter)."""
    return bad_arguments(f"{name} must be {rule}.", {name: allowed})


def bad_arguments(message: str, allowed: Mapping[str, Mapping[str, Any]]) -> Refused:
    return Refused(Reason.INVALID_REQUEST, message, details={"parameters": allowed})
