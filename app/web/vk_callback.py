"""Where VK tells of what happens in communities. Nobody logs in here: an event proves itself by its secret."""

import structlog
from flask import Blueprint, Response, request

from app.domain.errors import Reason, Refused, Unavailable
from app.services.vk.callback import CallbackRefused
from app.web.api.site import parsed_object
from app.web.auth import client_address
from app.web.use_cases import services

log = structlog.get_logger(__name__)

blueprint = Blueprint("vk_callback", __name__)

_MAX_BYTES = 1 << 20
_AGAIN_AFTER = (10, 180, 600, 1800, 3600)
"""Seconds, by how often VK has repeated the event: it gives up after five times, so a long outage needs long pauses."""


@blueprint.post("/api/callback")
def receive() -> Response:
    """The text that VK waits for, whatever content type it sent. Who is not VK learns nothing but that."""
    request.max_content_length = _MAX_BYTES
    envelope = parsed_object(request.get_data())
    if envelope is None:
        raise Refused(Reason.INVALID_REQUEST, "The body must be a JSON object.")
    try:
        return Response(services().vk_callback.handle_vk_callback(envelope), mimetype="text/plain")
    except CallbackRefused as refused:
        log.warning("vk_callback_refused", reason=str(refused), client=client_address())
        return Response(status=403, mimetype="text/plain")
    except Unavailable as error:
        log.error("vk_callback_unavailable", error=str(error))
        raise Refused(
            Reason.QUEUE_UNAVAILABLE, "The event could not be written down; send it again.", retry_after=_again_after()
        ) from error


def _again_after() -> int:
    repeated = request.headers.get("X-Retry-Counter", "")
    place = int(repeated) if repeated.isascii() and repeated.isdecimal() and len(repeated) < 3 else 0
    return _AGAIN_AFTER[min(place, len(_AGAIN_AFTER) - 1)]
