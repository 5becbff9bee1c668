"""Sending pictures: how their bytes leave, ranges, validators and headers in one place."""

from collections.abc import Callable
from io import BytesIO
from typing import BinaryIO

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

from app.services.results import ResultFile


def picture_response(data: bytes, mime_type: str) -> Response:
    """An answer of bytes that are in memory already."""
    return _streamed(BytesIO(data), len(data), mime_type)


def file_response(stream: BinaryIO, size_bytes: int, mime_type: str, etag: str) -> Response:
    """An answer from a seekable stream at its beginning; the content never changes under its URL.

    Knows Range, If-Range and If-None-Match; several ranges at once are refused as what is no range. `no-cache` lets a
    browser keep the bytes but ask each time, so that a deleted picture is gone at once.
    """
    response = _streamed(stream, size_bytes, mime_type)
    whole = response.response
    response.set_etag(etag)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=size_bytes)
    except RequestedRangeNotSatisfiable:
        stream.close()
        raise
    if response.status_code == 206 and "wsgi.file_wrapper" in request.environ:
        # Wrapped by werkzeug a thread would send it, at its reader's pace. The server itself sends Content-Length
        # bytes from where the stream stands (PEP 3333).
        stream.seek(response.content_range.start or 0)
        response.response = whole
    return response


def opened_response(open_stream: Callable[[], BinaryIO], size_bytes: int, mime_type: str, etag: str) -> Response:
    """As `file_response`, of a stream that is only opened for those who get something of it."""
    without = file_response(BytesIO(), size_bytes, mime_type, etag)
    if request.method == "HEAD" or without.status_code not in (200, 206):
        return without
    return file_response(open_stream(), size_bytes, mime_type, etag)


def result_response(found: ResultFile) -> Response:
    """The picture itself, under its name."""
    return with_name(opened_response(found.open, found.size_bytes, found.mime_type, found.checksum), found.name)


def made_response(
    make: Callable[[], bytes], mime_type: str, etag: str, size: Callable[[], int] | None = None
) -> Response:
    """As `file_response`, of bytes that are only made for those who do not have them yet.

    Who asks for the headers alone gets the `size`, unless the bytes must be made to know it.
    """
    without = file_response(BytesIO(), 0, mime_type, etag)
    if without.status_code != 200:
        return without
    if size and request.method == "HEAD":
        return file_response(BytesIO(), size(), mime_type, etag)
    data = make()
    return file_response(BytesIO(data), len(data), mime_type, etag)


def with_name(response: Response, name: str) -> Response:
    """Under `name`, of ASCII, the answer is saved; `?download=1` asks the browser to do so at once."""
    disposition = "attachment" if request.args.get("download") == "1" else "inline"
    response.headers["Content-Disposition"] = f'{disposition}; filename="{name}"'
    return response


def _streamed(stream: BinaryIO, size_bytes: int, mime_type: str) -> Response:
    """waitress reads a wrapped stream as fast as the client does, without a copy and without a thread."""
    response = Response(wrap_file(request.environ, stream), mimetype=mime_type, direct_passthrough=True)
    response.content_length = size_bytes
    return response
