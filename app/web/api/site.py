"""What all of the API shares: who may use it, and how it reads a request."""

import json
from typing import Any

from flask import Blueprint, Response, request

from app.domain.errors import Reason, Refused
from app.services.ingest import Upload
from app.web.auth import require_user
from app.web.ingest import as_upload

blueprint = Blueprint("api", __name__, url_prefix="/api")

_JSON_MAX_BYTES = 1 << 20


@blueprint.before_request
def _only_users() -> None:
    if request.endpoint != "api.log_in":
        require_user()


@blueprint.after_request
def _unless_known(response: Response) -> Response:
    """Whatever was read has an ETag, and whoever names it in If-None-Match gets 304 instead of the same again."""
    if request.method in ("GET", "HEAD") and response.status_code == 200:
        if response.get_etag()[0] is None:
            response.add_etag(weak=True)
        response.make_conditional(request)
    return response


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
