"""An album from which archives leave."""

import io
import zipfile
from collections.abc import Callable, Sequence
from uuid import UUID

from app.domain.photo import PhotoFilter
from app.ports.media import MediaStore
from app.services.archives import ArchiveService
from app.services.archives.archive import Archive
from app.services.archives.contents import Filed
from tests.services.album import Album, InYekaterinburg

EVERYTHING = PhotoFilter()


class Depot(Album):
    """Archives look for withdrawn photos before each piece."""

    def __init__(self, media: MediaStore | None = None, *, at_once: int = 2, guests_at_once: int = 1) -> None:
        super().__init__(media)  # type: ignore[arg-type]  # a bucket does as well as the twin
        self.archives = self.another(at_once=at_once, guests_at_once=guests_at_once)

    def another(self, *, at_once: int = 2, guests_at_once: int = 1) -> ArchiveService:
        """The service as another process has it, which remembers nothing."""
        return ArchiveService(
            photos=self.stores.photos,
            media=self.media,
            settings=InYekaterinburg(),
            at_once=at_once,
            guests_at_once=guests_at_once,
            look_seconds=0,
        )

    def opened(self, wanted: PhotoFilter = EVERYTHING, **given: str | bool | None) -> Archive:
        return self.archives.open(wanted, names_only, **given)  # type: ignore[arg-type]

    def sent(self, wanted: PhotoFilter = EVERYTHING, **given: str | bool | None) -> zipfile.ZipFile:
        """An archive that has been read to its end."""
        archive = self.opened(wanted, **given)
        try:
            return zipfile.ZipFile(io.BytesIO(b"".join(archive.read())))
        finally:
            archive.close()

    def names(self, *photos: UUID) -> list[str]:
        return [self.gallery.name_of(self.gallery.find(photo)) for photo in photos]

    def cut_by(self, event: Callable[[], object], *, pieces: int = 2) -> bool:
        """Whether what happens after the first `pieces` ends an archive before its end."""
        archive = self.opened()
        try:
            reading = archive.read()
            begun = [next(reading) for _ in range(pieces)]
            event()
            return sum(map(len, [*begun, *reading])) < archive.size_bytes
        finally:
            archive.close()


def names_only(files: Sequence[Filed]) -> bytes:
    """A manifest."""
    return "".join(f"{file.name}\n" for file in files).encode()
