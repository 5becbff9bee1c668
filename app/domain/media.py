"""Images as the parts hand them to each other."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

ACCEPTED_TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif")
OUTPUT_FORMATS = ("jpeg", "png", "webp")

PREVIEW_SIZES = {"grid": 360, "large": 1600}
"""Longest side in pixels of the previews made of each result."""


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
    """The format a slot answers in. `quality` 1-100 (ignored by png), `max_side` in pixels, None for no limit."""

    format: str = "jpeg"
    quality: int = 90
    max_side: int | None = None

    @property
    def mime_type(self) -> str:
        return f"image/{self.format}"


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
