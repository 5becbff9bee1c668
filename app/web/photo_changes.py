"""What people do with photos, by the words that addresses and forms have for it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from app.services.gallery import GalleryService
from app.web.use_cases import services


@dataclass(frozen=True, slots=True)
class PhotoChange:
    """`undo` is the word for taking it back."""

    undo: str
    _method: Callable[[GalleryService, Collection[UUID], str], list[UUID]]

    def make(self, ids: Collection[UUID], author: str) -> list[UUID]:
        """The photos that were changed; raises Refused as GalleryService.hide."""
        return self._method(services().gallery, ids, author)


CHANGES: Mapping[str, PhotoChange] = {
    "hide": PhotoChange("show", GalleryService.hide),
    "show": PhotoChange("hide", GalleryService.show),
    "delete": PhotoChange("restore", GalleryService.delete),
    "restore": PhotoChange("delete", GalleryService.restore),
    "keep": PhotoChange("release", GalleryService.keep),
    "release": PhotoChange("keep", GalleryService.release),
}

ANY_CHANGE = f"any({', '.join(CHANGES)})"
"""The converter of routes for the words."""
