"""Sending stored files: ranges, validators and headers in one place."""

from typing import BinaryIO

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import FileWrapper


def file_response(stream: BinaryIO, size_bytes: int, mime_type: str, etag: str) -> Response:
    """An answer from a seekable stream with Range and If-None-Match; the content never changes under its URL.

    `no-cache` lets a browser keep the bytes but ask each time, so that a deleted picture is gone at once.
    """
    response = Response(FileWrapper(stream), mimetype=mime_type, direct_passthrough=True)
    response.content_length = size_bytes
    response.set_etag(etag)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=size_bytes)
    except RequestedRangeNotSatisfiable:
        stream.close()
        raise
    return response
