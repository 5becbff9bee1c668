"""Which images lie at Gemini, instead of going along with every request."""

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from hashlib import sha256

import structlog

from app.adapters.providers import Tools
from app.adapters.providers.gemini.upload import Uploads
from app.domain.deadlines import Deadline
from app.domain.errors import DatabaseUnavailable, FaultKind, ProviderFault
from app.ports.providers import InputImage, ProviderRequest

log = structlog.get_logger(__name__)

REUSED_FROM_BYTES = 256 << 10
"""A template of this size is uploaded: it will come again with other shots. A smaller one costs a request less than
its upload would cost the first guest, who waits for two more round trips."""

INLINE_MAX_BYTES = 90_000_000
"""Of the images in a request, in base64; Gemini takes 100 MB in all."""

_LIFETIME_SECONDS = 47 * 3600.0  # of the 48 hours that Gemini keeps a file
_UPLOAD_SHARE = 1 / 3
_PROVIDER = "gemini"


class Files:
    """The remote images of one request, under the key that it is made with."""

    def __init__(self, tools: Tools, request: ProviderRequest, key: str) -> None:
        self._http = tools.http
        self._remembered = tools.files
        self._request = request
        self._key = key
        self._account = sha256(f"{request.connection.base_url} {key}".encode()).hexdigest()

    def places(self, images: Sequence[InputImage]) -> list[str | None]:
        """The address of each image at Gemini, None for one that goes inline.

        An upload is an economy: it has a third of the time that is left, and a shot that cannot have it goes without.
        Raises ProviderFault only where the request would be too large.
        """
        places: list[str | None] = [None] * len(images)
        try:
            for position in _to_upload(images):
                places[position] = self._address(images[position])
        except ProviderFault as fault:
            inline = (image for image, place in zip(images, places, strict=True) if place is None)
            if _inline_size(inline) > INLINE_MAX_BYTES:
                raise
            log.warning("gemini_upload_failed", kind=fault.kind.value, message=fault.message)
        return places

    def forget(self, images: Sequence[InputImage]) -> None:
        """One of them is not at Gemini any more."""
        for position in _to_upload(images):
            with suppress(DatabaseUnavailable):
                self._remembered.forget(_PROVIDER, self._account, _digest(images[position]))

    def _address(self, image: InputImage) -> str:
        digest = _digest(image)
        try:
            known = self._remembered.find(_PROVIDER, self._account, digest)
        except DatabaseUnavailable as error:
            raise ProviderFault(FaultKind.INTERNAL, "The database was away.", permanent=False) from error
        return known or self._upload(image, digest)

    def _upload(self, image: InputImage, digest: str) -> str:
        now = time.monotonic()
        until = Deadline(now + self._request.deadline.remaining(now) * _UPLOAD_SHARE)
        with self._http.session(self._request.connection, until, self._request.cancelled) as http:
            address = Uploads(http, self._key, self._request.cancelled).upload(image)
        with suppress(DatabaseUnavailable):
            self._remembered.keep(_PROVIDER, self._account, digest, address, _LIFETIME_SECONDS)
        return address


def _to_upload(images: Sequence[InputImage]) -> list[int]:
    """The positions of templates worth it, and of the largest others while the rest is too much for one request."""
    chosen = [i for i, image in enumerate(images) if image.template_id and len(image.data) >= REUSED_FROM_BYTES]
    others = sorted(set(range(len(images))) - set(chosen), key=lambda i: len(images[i].data))
    while _inline_size(images[i] for i in others) > INLINE_MAX_BYTES:
        chosen.append(others.pop())
    return chosen


def _inline_size(images: Iterable[InputImage]) -> int:
    return sum(4 * -(-len(image.data) // 3) for image in images)


def _digest(image: InputImage) -> str:
    return sha256(image.data).hexdigest()
