"""Images as the parts hand them to each other."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

ACCEPTED_TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif")
OUTPUT_FORMATS = ("jpeg", "png", "webp", "original")
ASPECTS = ("none", "fit", "crop")
CORNERS = ("top_left", "top_right", "bottom_left", "bottom_right")
OVERLAY_PLACES = ("frame", *CORNERS)

PREVIEW_SIZES = {"grid": 360, "large": 1600}
"""Longest side in pixels of the previews made of each result."""

PREVIEW_MAX_BYTES = {"grid": 25_600}
"""Previews that are shown by the dozen are no larger, whatever is on them: 24 of them are 600 KB."""

FULL = "full"
"""The size of the picture itself, beside those of PREVIEW_SIZES."""

JPEG_SIZES = (FULL, *PREVIEW_SIZES)
"""The sizes in which there may be a JPEG of each result, for phones that know no WebP."""

PLACEHOLDER_SIDE = 16
"""Longest side in pixels of what stands in a preview's place until it has come: some 100 bytes, drawn blurred."""


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """What the bytes really are; width and height are in pixels as displayed, after EXIF orientation."""

    mime_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """An image file in memory."""

    data: bytes
    info: ImageInfo


@dataclass(frozen=True, slots=True)
class Output:
    """How a slot's pictures leave the house.

    `format` is one of OUTPUT_FORMATS, `original` meaning what the provider gave; `quality` 1-100 (ignored by png);
    `max_side` in pixels, None for no limit. `aspect` says what to do with a picture whose sides have another proportion
    than the shot's: leave it, `fit` it whole on blurred margins, or `crop` it. `overlay` is the id of a template image
    laid over the picture at `overlay_place`: the whole of it, or a corner. `qr_corner` is where a QR code of the
    guest's page is printed, None for nowhere.
    """

    format: str = "jpeg"
    quality: int = 90
    max_side: int | None = None
    aspect: str = "none"
    overlay: str | None = None
    overlay_place: str = "frame"
    qr_corner: str | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    """One picture's output: the shot's width and height in pixels, the overlay's file, the text of the QR code.

    `shot_size` is looked at only where the output has an aspect to keep.
    """

    output: Output
    shot_size: tuple[int, int]
    overlay: bytes | None = None
    qr_text: str | None = None


@dataclass(frozen=True, slots=True)
class MediaObject:
    """A file with a public address until `expires_at`; never prolonged. `path` is None once it was deleted."""

    id: UUID
    path: str | None
    mime_type: str
    size_bytes: int
    job_id: UUID | None
    created_at: datetime
    expires_at: datetime
    read_at: datetime  # the database's clock when this was read

    @property
    def is_available(self) -> bool:
        return self.path is not None and self.read_at < self.expires_at


@dataclass(frozen=True, slots=True)
class TemplateMedia:
    """An administrator's reusable image; never cleaned automatically."""

    id: UUID
    label: str
    path: str
    mime_type: str
    size_bytes: int
    width: int
    height: int
    created_at: datetime
    used_by: tuple[str, ...] = ()
