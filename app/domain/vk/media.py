"""Albums and photos of a community, as VK tells of them and as the cache keeps them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

FILE_BYTES_MAX = 50 * 1024 * 1024
SIDES_MAX = 14_000
"""Width and height together, in pixels."""
ASPECT_MAX = 20.0
"""The longer side by the shorter one."""
UPLOAD_MAX = 5
"""Files that one upload to an album may hold."""
ALBUM_PHOTOS_MAX = 10_000
CAPTION_MAX = 2048
SLOWEST_LINE = 250_000
"""Bytes a second at least: an upload that is slower fails."""
ALBUM_TITLE_MIN = 2
ALBUM_TITLE_MAX = 128
ALBUM_DESCRIPTION_MAX = 1000
"""These two are ours: VK names none."""


_BIGGEST_ID = 2**63 - 1


def is_vk_id(value: Any) -> bool:
    """Whether VK may have numbered a group so, or an album that people made; our tables hold such numbers."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _BIGGEST_ID


@dataclass(frozen=True, slots=True)
class VkAlbum:
    """`size` is the number of photos. `owner_id` is negative. Times are aware."""

    album_id: int
    owner_id: int
    title: str
    description: str
    size: int
    cover_url: str
    can_upload: bool
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class VkPhoto:
    """`url` is of the largest size, `preview_url` of one for a grid; `width` and `height` are the largest's, or 0.

    `access_key` is empty for photos that need none.
    """

    photo_id: int
    owner_id: int
    album_id: int
    url: str
    preview_url: str
    width: int
    height: int
    text: str
    taken_at: datetime
    access_key: str = ""

    @property
    def attachment(self) -> str:
        """As posts refer to it."""
        key = f"_{self.access_key}" if self.access_key else ""
        return f"photo{self.owner_id}_{self.photo_id}{key}"


@dataclass(frozen=True, slots=True)
class PhotoAttachment:
    """A photo that was uploaded for a post: `id` as posts refer to it, `url` to look at."""

    id: str
    url: str
