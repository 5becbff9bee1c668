"""Where VK tells of what happens in communities. Nobody logs in here: an event proves itself by its secret."""

import structlog
from flask import Blueprint, Response, request

from app.domain.errors import Reason, Refused
from app.services.vk.callback import CallbackRefused
from app.web.api.site import parsed_object
from app.web.auth import client_address
from app.web.use_cases import services

log = structlog.get_logger(__name__)

blueprint = Blueprint("vk_callback", __name__)

_MAX_BYTES = 1 << 20


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
