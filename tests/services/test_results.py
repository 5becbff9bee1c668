"""Finished pictures for guests and galleries, while their time lasts."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from app.domain.errors import MediaStoreUnavailable, Reason, Refused
from app.domain.job import Failure, FailureReason, jpeg_path, preview_path
from app.domain.media import JPEG_SIZES, PREVIEW_SIZES
from app.domain.photo import UNDO_SECONDS, PhotoState
from tests import pictures
from tests.services.album import ZONE, Album, reason_of
from tests.services.house import shot
from tests.support.media import nothing_read
from tests.twins.troubled_media import FullFor

RETENTION_SECONDS = 72 * 3600


@pytest.fixture
def album() -> Album:
    return Album()


class TestDownloads:
    def test_the_file_comes_with_all_that_a_download_needs(self, album: Album) -> None:
        job_id = album.finished()
        file = album.results.file(job_id)
        stream = file.open()
        assert stream.seekable()
        assert stream.read() == shot()
        assert (file.size_bytes, file.mime_type) == (len(shot()), "image/jpeg")
        assert file.checksum == hashlib.sha256(shot()).hexdigest()
        finished = album.results.photo(job_id).finalized_at.astimezone(ZONE)
        assert file.name == f"slot-001_{finished:%Y-%m-%d_%H%M%S}.jpg"

    def test_two_photos_of_one_second_have_two_names(self, album: Album) -> None:
        second = datetime.now(UTC).replace(microsecond=0)
        first, twin = album.finished_at(second), album.finished_at(second.replace(microsecond=7))
        names = [album.results.file(job_id).name for job_id in (first, twin)]
        told = f"slot-001_{second.astimezone(ZONE):%Y-%m-%d_%H%M%S}"
        assert names == [f"{told}.jpg", f"{told}_{twin.hex[:8]}.jpg"]

    def test_an_outage_of_the_store_is_no_expiry(self, album: Album) -> None:
        job_id = album.finished()
        album.media.unavailable = True
        with pytest.raises(MediaStoreUnavailable):
            album.results.file(job_id)


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

    @pytest.mark.parametrize("withdraw", ["hide", "delete"])
    def test_a_picture_that_was_withdrawn_for_as_long_as_its_job_is_known(self, album: Album, withdraw: str) -> None:
        job_id = album.finished()
        album.preview(job_id)
        getattr(album.stores.photos, withdraw)([job_id])
        assert album.reasons(job_id) == {Reason.RESULT_WITHDRAWN}
        album.stores.pass_time(RETENTION_SECONDS)
        album.queue.forget_results(10)
        assert album.reasons(job_id) == {Reason.RESULT_WITHDRAWN}

    def test_a_picture_that_came_back_is_seen_again(self, album: Album) -> None:
        job_id = album.finished()
        album.stores.photos.hide([job_id])
        album.stores.photos.show([job_id])
        with album.results.file(job_id).open() as stream:
            assert stream.read() == shot()

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
        assert logs == [told, told, told]


class TestWhatAdministratorsSee:
    def test_is_what_was_withdrawn_too_while_its_file_is_there(self, album: Album) -> None:
        job_id = album.finished()
        album.stores.photos.delete([job_id])
        assert album.results.photo(job_id, withdrawn_too=True).state is PhotoState.DELETED
        with album.results.file(job_id, withdrawn_too=True).open() as stream:
            assert stream.read() == shot()
        assert pictures.opened(album.results.preview(job_id, "grid", withdrawn_too=True).read()).format == "WEBP"
        album.stores.pass_time(UNDO_SECONDS)
        album.queue.forget_results(10)
        assert reason_of(partial(album.results.photo, withdrawn_too=True), job_id) is Reason.RESULT_WITHDRAWN


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


class TestJpegs:
    """For phones that know no WebP."""

    @pytest.fixture
    def album(self, monkeypatch: pytest.MonkeyPatch) -> Album:
        monkeypatch.setattr("app.services.results._TURN_SECONDS", 0.05)
        return Album()

    @pytest.mark.parametrize("size", JPEG_SIZES)
    def test_one_is_made_once_and_kept(self, album: Album, size: str) -> None:
        job_id = album.finished(shot(2000, 1000))
        data = album.results.as_jpeg(job_id, size)
        assert pictures.opened(data).format == "JPEG"
        assert album.media.read(jpeg_path(job_id, size)) == data
        with nothing_converted(album):
            assert album.results.as_jpeg(job_id, size) == data

    def test_one_that_cannot_be_kept_is_given_all_the_same(self) -> None:
        album = Album(FullFor("previews/"))
        assert pictures.opened(album.results.as_jpeg(album.finished(), "large")).format == "JPEG"

    def test_what_was_withdrawn_is_not_given_though_it_is_kept(self, album: Album) -> None:
        job_id = album.finished()
        album.results.as_jpeg(job_id, "full")
        album.stores.photos.hide([job_id])
        assert reason_of(partial(album.results.as_jpeg, size="full"), job_id) is Reason.RESULT_WITHDRAWN

    def test_one_is_converted_at_a_time_and_others_are_told_to_come_again(self, album: Album) -> None:
        """Decoding has one line for all: booths would stand behind every guest."""
        ids = [album.finished(shot(100 + number, 50)) for number in range(3)]
        with ThreadPoolExecutor(1) as thread, held(album) as (begun, go_on):
            first = thread.submit(album.results.as_jpeg, ids[0], "full")
            assert begun.wait(10)
            for job_id in ids[1:]:
                with pytest.raises(Refused) as raised:
                    album.results.as_jpeg(job_id, "full")
                assert (raised.value.reason, raised.value.retry_after) == (Reason.QUEUE_UNAVAILABLE, 5.0)
            go_on.set()
            assert pictures.opened(first.result()).format == "JPEG"
        assert pictures.opened(album.results.as_jpeg(ids[1], "full")).size == (101, 50)

    def test_who_waited_for_the_same_one_gets_it_as_it_was_made(
        self, album: Album, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.services.results._TURN_SECONDS", 10)
        job_id = album.finished()
        with ThreadPoolExecutor(2) as threads, held(album) as (begun, go_on):
            asked = [threads.submit(album.results.as_jpeg, job_id, "full")]
            assert begun.wait(10)
            begun.clear()
            asked.append(threads.submit(album.results.as_jpeg, job_id, "full"))
            go_on.set()
            assert asked[0].result() == asked[1].result()
            assert not begun.is_set()

    def test_of_a_damaged_picture_there_is_none_and_the_next_one_comes(self, album: Album) -> None:
        damaged, good = album.finished(), album.finished(shot(640, 480))
        album.media.write(f"results/{damaged}.jpg", b"no picture".ljust(len(shot())))
        assert reason_of(partial(album.results.as_jpeg, size="full"), damaged) is Reason.RESULT_EXPIRED
        assert pictures.opened(album.results.as_jpeg(good, "full")).size == (640, 480)


@contextmanager
def nothing_converted(album: Album) -> Iterator[None]:
    with held(album) as (begun, _):
        yield
        assert not begun.is_set()


@contextmanager
def held(album: Album, work: str = "convert") -> Iterator[tuple[threading.Event, threading.Event]]:
    """Set when a conversion, or other `work` on an image, has begun; and what lets it go on."""
    begun, go_on = threading.Event(), threading.Event()
    really: Callable[..., Any] = getattr(album.images, work)

    def when_let(*arguments: Any) -> Any:
        begun.set()
        assert go_on.wait(10)
        return really(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(album.images, work, when_let)
        yield begun, go_on
        go_on.set()


class TestAvailability:
    def test_is_said_without_reading_the_picture(self, album: Album) -> None:
        """From a bucket the whole file would come, for each page."""
        job_id = album.finished()
        with nothing_read(album.media):
            assert album.results.available(job_id).id == job_id
            assert album.results.file(job_id).size_bytes == len(shot())

    def test_may_end_before_the_picture_is_read(self, album: Album) -> None:
        file = album.results.file(album.finished())
        album.stores.pass_time(RETENTION_SECONDS)
        album.media.delete([path for _, path, _ in album.queue.forget_results(10)])
        with pytest.raises(Refused) as raised:
            file.open()
        assert raised.value.reason is Reason.RESULT_EXPIRED


class TestShots:
    """The photo as it came, beside its result."""

    def test_is_shown_while_it_is_kept(self, album: Album) -> None:
        job = album.queued()
        assert pictures.opened(album.results.shot(job.id, 48)).size == (48, 32)
        album.media.delete([job.payload.path])
        for job_id in (job.id, UUID(int=1)):
            assert reason_of(partial(album.results.shot, max_side=48), job_id) is Reason.NOT_FOUND

    def test_one_is_decoded_at_a_time(self, album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.services.results._TURN_SECONDS", 0.05)
        ids = [album.queued().id for _ in range(2)]
        with ThreadPoolExecutor(1) as thread, held(album, "preview") as (begun, go_on):
            first = thread.submit(album.results.shot, ids[0], 48)
            assert begun.wait(10)
            assert reason_of(partial(album.results.shot, max_side=48), ids[1]) is Reason.QUEUE_UNAVAILABLE
            go_on.set()
            assert pictures.opened(first.result()).size == (48, 32)
