"""What changed in communities since a page asked last: blue dots."""

import re

from flask import Response, jsonify, request

from app.domain.errors import Reason, Refused
from app.services.vk.update_tracker import PROGRAM
from app.web.api.site import blueprint, json_object
from app.web.auth import require_user
from app.web.use_cases import services

_READER = re.compile(r"[A-Za-z0-9_-]{1,64}")


@blueprint.post("/getUpdates")
def get_updates() -> Response:
    username, reader = require_user(), _reader()
    tracker = services().updates
    is_more_coming = tracker.is_more_coming()  # first, or what ends between both questions would be told of by neither
    updated = tracker.get_and_clear_updates(username, reader)
    return jsonify({"updatedProjectIds": [str(found) for found in updated], "isMoreComing": is_more_coming})


def _reader() -> str:
    """Which of the administrator's readers asks; raises Refused(INVALID_REQUEST)."""
    has_body = request.is_json or request.content_length
    reader = json_object().get("reader", PROGRAM) if has_body else PROGRAM
    if not isinstance(reader, str) or not _READER.fullmatch(reader):
        allowed = {"pattern": _READER.pattern}
        raise Refused(Reason.INVALID_REQUEST, "A reader is 1 to 64 letters, digits, - and _.", details=allowed)
    return reader
