"""A house whose slots fill albums of a community in a fake VK. Its clock is moved by `pass_time`, VK's too."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from app.adapters.images import Images
from app.adapters.images.likeness import Likeness
from app.adapters.vk_api.pictures import VkPictures
from app.domain.events import Event
from app.domain.job import StoredResult, result_path
from app.domain.slot import Publishing
from app.ports.alerts import UploadTrouble
from app.ports.media import MediaStore
from app.ports.vk.filling import AlbumPlace, UploadTally
from app.services.vk.album_look import AlbumLook
from app.services.vk.filled_albums import AlbumFinder
from app.services.vk.filling import AlbumFiller
from app.services.vk.media import VkMediaService
from tests import pictures
from tests.adapters.vk_calls import HTTP
from tests.factories import SETTINGS, SUCCESS, new_job
from tests.support.fakes.vk.fake import GROUP_ID, FakeVk
from tests.support.fakes.vk.world import Album, Photo
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_media_store import MemoryMediaStore
from tests.twins.memory_stores import MemoryStores
from tests.vk.media_house import MediaHouse

Stores = MemoryStores | PostgresStores
GATHERED = 21.0
ZONE = ZoneInfo("Europe/Moscow")


class InMoscow:
    """Implements ports.RuntimeSettings."""

    def time_zone(self) -> ZoneInfo:
        return ZONE

    def sync_response_seconds(self) -> float:
        return 48.0


def album_finder(stores: Stores, vk: VkMediaService) -> AlbumFinder:
    return AlbumFinder(albums=stores.filled_albums, media=vk, events=stores.studio_events, settings=InMoscow())


def album_filler(
    stores: Stores,
    finder: AlbumFinder,
    vk: VkMediaService,
    vk_url: str,
    files: MediaStore,
    clock: Callable[[], float],
) -> AlbumFiller:
    uploads = stores.album_uploads
    fetch, is_same = VkPictures(HTTP, vk_url).fetch, Likeness(Images())
    look = AlbumLook(uploads=uploads, albums=finder, vk=vk, media=files, fetch=fetch, is_same=is_same)
    return AlbumFiller(uploads=uploads, albums=finder, vk=vk, look=look, media=files, clock=clock)


class FillingHouse(MediaHouse):
    """Photos differ in size, so that VK's are told apart: of `photo()`s each is one pixel wider."""

    def __init__(self, vk: FakeVk, stores: Stores | None = None, files: MediaStore | None = None) -> None:
        super().__init__(vk, stores)
        self.files = files or MemoryMediaStore()
        self.passed = 0.0
        self.made = 0
        self.finder = album_finder(self.stores, self.media)
        self.filler = self.process()

    def process(self) -> AlbumFiller:
        """A filler as another process has it."""
        return album_filler(self.stores, self.finder, self.media, self.vk.url, self.files, lambda: self.passed)

    def pass_time(self, seconds: float) -> None:
        self.passed += seconds
        self.stores.pass_time(seconds)
        self.vk.pass_time(seconds=seconds)

    def event(self, name: str, *slots: str) -> datetime:
        """One that goes on now; returns when it began."""
        now = datetime.now(UTC) + timedelta(seconds=self.passed)
        window = (now - timedelta(hours=1), now + timedelta(hours=3))
        return self.stores.studio_events.add(Event(uuid4(), name, *window, frozenset(slots), "serg", now)).starts_at

    def photo(
        self,
        *,
        album: str = "day",
        slot_id: str = "slot-001",
        data: bytes | None = None,
        size: tuple[int, int] | None = None,
    ) -> UUID:
        """One that is finished now; it is due GATHERED seconds later."""
        self.made += 1
        size = size or (100 + self.made, 80)
        content = data or pictures.jpeg(*size)
        publishing = Publishing(str(self.project), album)
        settings = {**SETTINGS, "publishing": {name: getattr(publishing, name) for name in Publishing.__slots__}}
        self.stores.queue.enqueue(replace(new_job(slot_id=slot_id), settings=settings))
        [job] = self.stores.queue.claim("worker", 1)
        path = result_path(job.id, job.attempt, "image/jpeg")
        self.files.write(path, content)
        result = StoredResult(path, "image/jpeg", len(content), hashlib.sha256(content).hexdigest(), *size)
        assert self.stores.queue.finalize_success(job, result, None, SUCCESS)
        return job.id

    def photos(self, number: int, *, album: str = "day") -> list[UUID]:
        """So many that are due now."""
        found = [self.photo(album=album) for _ in range(number)]
        self.pass_time(GATHERED)
        return found

    def lose_file(self, photo: UUID) -> None:
        found = self.stores.photos.find(photo)
        assert found is not None
        self.files.delete([found.result.path])

    def fill(self, *, steps: int = 20) -> int:
        """Step until nothing is due; returns how often there was work."""
        return next(step for step in range(steps + 1) if step == steps or not self.filler.step())

    def albums(self) -> dict[str, list[Photo]]:
        """What VK has: photos by the titles of their albums, the oldest first."""
        world = self.vk.world
        return {album.title: world.album_photos(key) for key, album in world.albums.items()}

    def widths(self) -> list[int]:
        """Of all photos that VK has, in the order in which they came."""
        found = self.vk.world.photos.values()
        return [photo.width for photo in sorted(found, key=lambda photo: photo.id)]

    def wanted(self) -> list[int]:
        """The widths that VK should have, if it has every photo once and in its order."""
        return [100 + number for number in range(1, self.made + 1)]

    def album_in_vk(self, title: str = "Лучшее") -> Album:
        album = self.vk.add_album(title, GROUP_ID)
        self.media.refresh_albums(self.project)
        return album

    def place(self, photo: UUID) -> AlbumPlace:
        """Where it lies, or is on its way to."""
        [place] = self.stores.album_uploads.in_albums(photo)
        return place

    def known(self, photo: UUID) -> int | None:
        """VK's id of a photo, as we know it."""
        return self.place(photo).vk_photo_id

    def today(self) -> str:
        now = datetime.now(UTC) + timedelta(seconds=self.passed)
        return f"{now.astimezone(ZONE):%d.%m.%Y}"

    def overdue(self, seconds: float) -> Sequence[UploadTrouble]:
        """What administrators are told of photos that wait, so much later."""
        self.pass_time(seconds)
        return self.stores.monitor.vitals().overdue_uploads

    def tally(self, slot_id: str = "slot-001") -> UploadTally:
        return self.stores.album_uploads.tally(slot_id)
