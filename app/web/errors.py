"""One table from reasons to HTTP, and the shapes in which errors leave: JSON for programs, a page for people."""

import errno
import math

import structlog
from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response as BaseResponse

from app.domain.errors import Reason, Refused, Unavailable
from app.domain.vk.errors import VkBusy, VkError, VkFileRefused, VkQuotaUsedUp, VkUnreachable
from app.web.links import is_for_guests

log = structlog.get_logger(__name__)

STATUS = {
    Reason.INVALID_REQUEST: 400,
    Reason.INVALID_IMAGE: 400,
    Reason.INVALID_PASSWORD: 401,
    Reason.INVALID_CREDENTIALS: 401,
    Reason.NOT_AUTHENTICATED: 401,
    Reason.INSUFFICIENT_SCOPE: 403,
    Reason.NOT_FOUND: 404,
    Reason.SLOT_NOT_FOUND: 404,
    Reason.SLOT_DISABLED: 404,
    Reason.VERSION_CONFLICT: 409,
    Reason.TEMPLATE_IN_USE: 409,
    Reason.COMMUNITY_EXISTS: 409,
    Reason.JOB_FINISHED: 409,
    Reason.RESULT_EXPIRED: 410,
    Reason.RESULT_WITHDRAWN: 410,
    Reason.LINK_CLOSED: 410,
    Reason.MEDIA_EXPIRED: 410,
    Reason.PAYLOAD_EXPIRED: 410,
    Reason.PAYLOAD_TOO_LARGE: 413,
    Reason.UNSUPPORTED_MEDIA_TYPE: 415,
    Reason.ARCHIVE_TOO_LARGE: 413,
    Reason.INVALID_SETTINGS: 422,
    Reason.FILE_REFUSED: 422,
    Reason.QUEUE_BUSY: 429,
    Reason.SLOT_BUSY: 429,
    Reason.TOO_MANY_ATTEMPTS: 429,
    Reason.PROVIDER_ERROR: 502,
    Reason.VK_REFUSED: 502,
    Reason.PROVIDER_UNAVAILABLE: 503,
    Reason.VK_UNAVAILABLE: 503,
    Reason.ARCHIVES_BUSY: 503,
    Reason.QUEUE_UNAVAILABLE: 503,
    Reason.SHUTTING_DOWN: 503,
    Reason.SYNC_TIMEOUT: 504,
}

HTTP_CODES = {
    400: "invalid_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    416: "range_not_satisfiable",
}

# A form's larger parts are spooled into a temporary file each.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.EROFS}

_OF_VK = (
    (VkFileRefused, Reason.FILE_REFUSED),
    ((VkBusy, VkQuotaUsedUp, VkUnreachable), Reason.VK_UNAVAILABLE),
)
_VK_PAUSE_SECONDS = 5.0

MACHINE_PATHS = ("/ingest/", "/api/", "/public/", "/healthz", "/readyz", "/metrics")


def register_errors(app: Flask) -> None:
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(VkError, _vk_failed)
    app.register_error_handler(Unavailable, _unavailable)
    app.register_error_handler(OSError, _system_failed)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def code_of(error: Refused | HTTPException | OSError) -> str:
    """What the answer to it will say."""
    if isinstance(error, Refused):
        return error.reason.value
    if isinstance(error, HTTPException):
        return HTTP_CODES.get(error.code or 500, error.name.lower().replace(" ", "_"))
    return Reason.QUEUE_UNAVAILABLE.value if error.errno in _NO_ROOM else "internal_error"


def error_json(code: str, message: str, details: object = None) -> Response:
    """The envelope of every machine-readable error."""
    return jsonify({"error": {"code": code, "message": message, "details": details or {}}})


def _refused(error: Refused) -> Response:
    response = _answer(STATUS[error.reason], error.reason.value, error.message, error.details)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    if "job_id" in error.details:
        response.headers["X-Job-Id"] = str(error.details["job_id"])
    return response


def _vk_failed(error: VkError) -> Response:
    log.warning("vk_failed", path=request.path, method=error.method, code=error.code, vk_code=error.vk_code)
    reason = next((reason for kind, reason in _OF_VK if isinstance(error, kind)), Reason.VK_REFUSED)
    details = {**error.details, "reason": error.code, "vk_code": error.vk_code, "needs_person": error.needs_person}
    pause = error.retry_after or _VK_PAUSE_SECONDS if reason is Reason.VK_UNAVAILABLE else None
    return _refused(Refused(reason, error.message, details=details, retry_after=pause))


def _unavailable(error: Unavailable) -> Response:
    log.error("request_unavailable", path=request.path, error=str(error))
    return _try_again("The database or the media store does not answer at the moment; try again shortly.")


def _system_failed(error: OSError) -> Response:
    if error.errno not in _NO_ROOM:
        return _unexpected(error)
    log.error("request_without_room", path=request.path, error=str(error))
    return _try_again("This server has no room for the request at the moment; try again shortly.")


def _try_again(message: str) -> Response:
    response = _answer(503, Reason.QUEUE_UNAVAILABLE.value, message, {})
    response.headers["Retry-After"] = "5"
    return response


def _http(error: HTTPException) -> BaseResponse:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error.get_response()
    response = _answer(status, code_of(error), error.description or error.name, {})
    for name, value in error.get_headers():
        if name.lower() in ("allow", "content-range", "retry-after"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    log.error("request_failed", path=request.path, exc_info=error)
    return _answer(500, "internal_error", "Something went wrong inside; it has been logged.", {})


def _answer(status: int, code: str, message: str, details: dict[str, object]) -> Response:
    # Under a foreign host no address can be made, and a page has many.
    if request.path.startswith(MACHINE_PATHS) or isinstance(request.routing_exception, SecurityError):
        response = error_json(code, message, details)
    else:
        page = "guest_error.html" if is_for_guests(request.path) else "error.html"
        response = Response(render_template(page, status=status, code=code), mimetype="text/html")
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
