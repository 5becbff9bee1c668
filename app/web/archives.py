"""Photos as a ZIP: an answer that can go on where it broke off, and the table inside."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from urllib.parse import quote
from uuid import UUID

from flask import Response, request
from flask_babel import get_locale, gettext
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from app.domain.photo import PhotoFilter
from app.services.archives.archive import Archive
from app.services.archives.contents import Filed, Manifest
from app.web.auth import client_address
from app.web.csv_file import Cell, csv_file
from app.web.links import absolute
from app.web.use_cases import services

_NAME_MAX = 80  # characters
_UNFIT_FOR_NAMES = re.compile(r"[^\w.-]+")


def archive_names(asked: Mapping[str, str]) -> list[str]:
    """What an archive of what is `asked` for (app.web.photo_filters) is called; raises Refused for a missing event."""
    event = [services().events.find(UUID(asked["event"])).name] if "event" in asked else []
    return [*event, *(asked[name] for name in ("slot", "day", "booth") if name in asked)]


def house_archive(wanted: PhotoFilter, names: Collection[str]) -> Response:
    """All photos that are wanted, for administrators; saved under `names`. Raises as ArchiveService.open."""
    return _response(wanted, names, _house_manifest)


def guest_archive(wanted: PhotoFilter, name: str, is_allowed: Callable[[], bool]) -> Response:
    """All visible photos that are wanted, for guests: nothing is told of booths. Raises as ArchiveService.open.

    `is_allowed` is asked about twice a second, when the request's context is gone: once it says no, the download
    breaks off.
    """
    return _response(wanted, [name], _guest_manifest, guest=client_address(), is_allowed=is_allowed)


def _response(
    wanted: PhotoFilter,
    names: Collection[str],
    manifest: Manifest,
    *,
    guest: str | None = None,
    is_allowed: Callable[[], bool] = lambda: True,
) -> Response:
    continued = request.if_range.etag if request.range else None
    archive = services().archives.open(wanted, manifest, guest=guest, continued=continued)
    body = _Body(archive, is_gone=request.environ.get("waitress.client_disconnected", bool), is_allowed=is_allowed)
    response = Response(body, mimetype="application/zip", direct_passthrough=True)
    response.content_length = archive.size_bytes
    response.set_etag(archive.etag)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Content-Disposition"] = _disposition(names)
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=archive.size_bytes)
    except RequestedRangeNotSatisfiable:
        body.close()
        raise
    return response


class _Body:
    """An archive as a server reads it: with `seek`, which werkzeug needs to begin where a range does."""

    def __init__(self, archive: Archive, *, is_gone: Callable[[], bool], is_allowed: Callable[[], bool]) -> None:
        self._archive = archive
        self._is_gone = is_gone
        self._is_allowed = is_allowed
        self._start = 0
        self._pieces: Iterator[bytes] | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._pieces is None:
            self._pieces = self._archive.read(self._start, is_gone=self._is_gone, is_allowed=self._is_allowed)
        return next(self._pieces)

    def seekable(self) -> bool:
        return True

    def seek(self, start: int) -> None:
        """Before the first piece is read."""
        self._start = start

    def tell(self) -> int:
        return self._start

    def close(self) -> None:
        self._archive.close()


def _house_manifest(files: Sequence[Filed]) -> bytes:
    head = [*_head(files), gettext("Slot"), gettext("Booth"), gettext("Guest page")]
    rows = [[*_facts(file), file.photo.slot_id, file.photo.booth, _address(file)] for file in files]
    return _table([head, *rows])


def _guest_manifest(files: Sequence[Filed]) -> bytes:
    return _table([_head(files), *map(_facts, files)])


def _table(rows: Sequence[Sequence[Cell]]) -> bytes:
    return csv_file(rows, decimal_comma=str(get_locale()) == "ru")


def _head(files: Sequence[Filed]) -> list[Cell]:
    finished = gettext("Finished (%(zone)s)", zone=str(files[0].at.tzinfo))
    return [gettext("File"), finished, gettext("Width"), gettext("Height"), gettext("Bytes"), "SHA-256"]


def _facts(file: Filed) -> list[Cell]:
    result = file.photo.result
    size = (result.width, result.height, result.size_bytes)
    return [file.name, f"{file.at:%Y-%m-%d %H:%M:%S}", *size, result.checksum]


def _address(file: Filed) -> str:
    return absolute(f"/r/{file.photo.id}")


def _disposition(names: Collection[str]) -> str:
    """`names` in one, in whatever letters (RFC 6266), without what file systems mind."""
    name = _UNFIT_FOR_NAMES.sub("_", "_".join(names)).strip("._")[:_NAME_MAX]
    if name.isascii():
        return f"attachment; filename={name or 'photos'}.zip"
    return f"attachment; filename=photos.zip; filename*=UTF-8''{quote(name)}.zip"
