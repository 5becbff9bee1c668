"""What all of the API shares: who may use it, and how it reads a request."""

import json
from typing import Any

from flask import Blueprint, request

from app.domain.errors import Reason, Refused
from app.services.ingest import Upload
from app.web.auth import require_user
from app.web.ingest import as_upload

blueprint = Blueprint("api", __name__, url_prefix="/api")

WHOLE_MAX = 2**31 - 1
_JSON_MAX_BYTES = 1 << 20
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


@blueprint.before_request
def _only_users() -> None:
    if request.endpoint != "api.log_in":
        require_user()


def json_object() -> dict[str, Any]:
    """The request's JSON object; raises Refused(INVALID_REQUEST)."""
    request.max_content_length = _JSON_MAX_BYTES
    body = parsed_object(request.get_data()) if request.is_json else None
    if body is None:
        raise Refused(Reason.INVALID_REQUEST, "The body must be a JSON object, sent as application/json.")
    return body


def parsed_object(text: str | bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def image_part() -> Upload:
    part = request.files.get("file")
    if part is None:
        raise Refused(Reason.INVALID_REQUEST, "The form has no image: send it as a file part named file.")
    return as_upload(part)


def flag(name: str) -> bool:
    text = request.args.get(name, "false")
    if text not in _FLAGS:
        raise Refused(Reason.INVALID_REQUEST, f"{name} must be true or false.")
    return _FLAGS[text]


def whole_argument(name: str, default: int, maximum: int) -> int:
    number = whole(request.args.get(name, str(default)))
    if number is None or not 1 <= number <= maximum:
        raise Refused(Reason.INVALID_REQUEST, f"{name} must be a whole number from 1 to {maximum}.")
    return number


def whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= len(str(WHOLE_MAX)) else None
