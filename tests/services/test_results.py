"""Finished pictures for guests and galleries, while their time lasts."""

import hashlib
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from app.domain.errors import MediaStoreUnavailable, Reason, Refused
from app.domain.job import Failure, FailureReason, preview_path
from app.domain.media import PREVIEW_SIZES
from app.services.results import ResultService
from tests import pictures
from tests.services.house import House, shot
from tests.twins.memory_media_store import MemoryMediaStore
from tests.twins.troubled_media import FullFor

RETENTION_SECONDS = 72 * 3600


class Album(House):
    """A house with the service of results."""

    def __init__(self, media: MemoryMediaStore | None = None) -> None:
        super().__init__()
        self.media = media or self.media
        self.service = ResultService(jobs=self.stores.jobs, media=self.media, images=self.images)

    def reasons(self, job_id: UUID) -> set[Reason]:
        """Why each way to see the job's picture is refused."""
        return {self._reason(lambda: self.service.open(job_id)), self._reason(lambda: self.preview(job_id))}

    def preview(self, job_id: UUID, size: str = "grid") -> bytes:
        return self.service.preview(job_id, size)

    def _reason(self, ask: object) -> Reason:
        with pytest.raises(Refused) as raised:
            ask()  # type: ignore[operator]
        return raised.value.reason


@pytest.fixture
def album() -> Album:
    return Album()


class TestDownloads:
    def test_the_file_comes_with_all_that_a_download_needs(self, album: Album) -> None:
        job_id = album.finished()
        view = album.stores.jobs.get(job_id)
        assert view is not None
        file = album.service.open(job_id)
        assert file.stream.seekable()
        assert file.stream.read() == shot()
        assert (file.size_bytes, file.mime_type) == (len(shot()), "image/jpeg")
        assert file.checksum == hashlib.sha256(shot()).hexdigest()
        assert file.name == f"slot-001_{view.finalized_at:%Y-%m-%d_%H%M%S}.jpg"

    def test_an_outage_of_the_store_is_no_expiry(self, album: Album) -> None:
        job_id = album.finished()
        album.media.unavailable = True
        with pytest.raises(MediaStoreUnavailable):
            album.service.open(job_id)


class TestWhatCannotBeSeen:
    def test_a_strangers_job(self, album: Album) -> None:
        assert album.reasons(uuid4()) == {Reason.NOT_FOUND}

    def test_a_job_that_is_not_finished(self, album: Album) -> None:
        assert album.reasons(album.claimed().id) == {Reason.NOT_FOUND}

    def test_a_failure(self, album: Album) -> None:
        job = album.claimed()
        album.queue.finalize_failure(job, Failure(FailureReason.PROVIDER_ERROR), [])
        assert album.reasons(job.id) == {Reason.NOT_FOUND}

    def test_a_picture_whose_time_is_over_before_and_after_the_cleanup(self, album: Album) -> None:
        job_id = album.finished()
        album.media.write(preview_path(job_id, "grid"), b"left over")
        album.stores.pass_time(RETENTION_SECONDS)
        assert album.reasons(job_id) == {Reason.RESULT_EXPIRED}
        album.queue.forget_results(10)
        assert album.reasons(job_id) == {Reason.RESULT_EXPIRED}

    @pytest.mark.parametrize(
        ("left", "error"),
        [
            (None, "the file is missing"),
            (shot()[: len(shot()) // 2], f"the file has {len(shot()) // 2} bytes instead of {len(shot())}"),
            (shot() + b"!", f"the file has {len(shot()) + 1} bytes instead of {len(shot())}"),
            (shot(640, 480), f"the file has {len(shot(640, 480))} bytes instead of {len(shot())}"),
        ],
        ids=["vanished", "cut", "grown", "replaced"],
    )
    def test_a_picture_whose_file_is_not_what_was_stored(self, album: Album, left: bytes | None, error: str) -> None:
        job_id = album.finished()
        [path] = (key for key in album.media.files if key.startswith("results/"))
        album.media.files.pop(path)
        if left is not None:
            album.media.write(path, left)
        with capture_logs() as logs:
            assert album.reasons(job_id) == {Reason.RESULT_EXPIRED}
        told = {"event": "result_unreadable", "log_level": "error", "path": path, "error": error}
        assert logs == [told, told]


class TestPreviews:
    def test_the_workers_preview_is_given_as_it_is(self, album: Album) -> None:
        job_id = album.finished()
        album.media.write(preview_path(job_id, "grid"), b"made by the worker")
        assert album.preview(job_id) == b"made by the worker"

    @pytest.mark.parametrize("size", PREVIEW_SIZES)
    def test_a_missing_one_is_made_once_and_kept(self, album: Album, size: str) -> None:
        job_id = album.finished(shot(2000, 1000))
        data = album.preview(job_id, size)
        assert pictures.opened(data).size == (PREVIEW_SIZES[size], PREVIEW_SIZES[size] // 2)
        assert album.media.read(preview_path(job_id, size)) == data

    def test_one_that_cannot_be_kept_is_given_all_the_same(self) -> None:
        album = Album(FullFor("previews/"))
        assert pictures.opened(album.preview(album.finished())).format == "WEBP"

    def test_an_unknown_size_says_which_exist(self, album: Album) -> None:
        with pytest.raises(Refused) as raised:
            album.preview(album.finished(), "huge")
        assert (raised.value.reason, raised.value.details) == (Reason.NOT_FOUND, {"allowed": ["grid", "large"]})

    def test_of_a_damaged_picture_there_is_none(self, album: Album) -> None:
        job_id = album.finished()
        album.media.write(f"results/{job_id}.jpg", shot()[:100] + bytes(len(shot()) - 100))
        with pytest.raises(Refused) as raised:
            album.preview(job_id)
        assert raised.value.reason is Reason.RESULT_EXPIRED


class TestRecent:
    def test_the_slots_newest_come_first(self, album: Album) -> None:
        ids = []
        for _ in range(3):
            ids.append(album.finished())
            album.stores.pass_time(timedelta(minutes=1).total_seconds())
        assert [view.id for view in album.service.recent("slot-001")] == ids[::-1]
        assert [view.id for view in album.service.recent("slot-001", limit=1)] == ids[-1:]
        assert album.service.recent("slot-002") == []


class TestShots:
    """The photo as it came, beside its result."""

    def test_is_shown_while_it_is_kept(self, house: House) -> None:
        service = ResultService(jobs=house.stores.jobs, media=house.media, images=house.images)
        job = house.queued()
        assert pictures.opened(service.shot(job.id, 48)).size == (48, 32)
        house.media.delete([job.payload.path])
        for job_id in (job.id, UUID(int=1)):
            with pytest.raises(Refused) as raised:
                service.shot(job_id, 48)
            assert raised.value.reason is Reason.NOT_FOUND
