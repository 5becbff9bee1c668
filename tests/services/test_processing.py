"""A claimed job runs to its end, whatever its provider, the database or the files do."""

import base64
import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import BinaryIO
from uuid import UUID

import numpy as np
import pytest
from PIL import Image

from app.domain.errors import DatabaseUnavailable, FaultKind, MediaStoreUnavailable, ProviderFault
from app.domain.job import ClaimedJob, Failure, FailureReason, FinishedJob, JobView
from app.domain.media import PREVIEW_SIZES, Output
from app.domain.slot import Step
from app.ports import ProviderRequest
from app.services.processing import RESERVE_SECONDS, ProcessingService
from tests import pictures
from tests.services.house import BACKUP, CATALOGUE, LOCAL, House, shot
from tests.twins.memory_media_store import MemoryMediaStore
from tests.twins.scripted_provider import Act, ScriptedProvider, ScriptedProviders

GONE_WRONG = ProviderFault(FaultKind.HANG, "It took too long.", permanent=False)
REFUSED_FOR_GOOD = ProviderFault(FaultKind.BAD_ARGUMENT, "It never works.", permanent=True)


def gives(data: bytes) -> Act:
    return lambda request: data


def raises(error: Exception) -> Act:
    def act(_: ProviderRequest) -> bytes:
        raise error

    return act


def after(happening: Callable[[], object], act: Act) -> Act:
    """`act`, before which something happens elsewhere."""

    def acts(request: ProviderRequest) -> bytes:
        happening()
        return act(request)

    return acts


class Workshop(House):
    """A house with two scripted providers and the processing service."""

    def __init__(self, media: MemoryMediaStore | None = None) -> None:
        super().__init__()
        self.media = media or self.media
        self.local = ScriptedProvider(gives(shot()))
        self.backup = ScriptedProvider(gives(shot(48, 32)))
        self.cancelled = threading.Event()
        self.service = ProcessingService(
            queue=self.queue,
            media=self.media,
            images=self.images,
            providers=ScriptedProviders(CATALOGUE, {"local": self.local, "backup": self.backup}),
            templates=self.stores.templates,
        )

    def run(self, job: ClaimedJob) -> None:
        self.service.run(job, self.cancelled)

    def end_of(self, job: ClaimedJob) -> FinishedJob | None:
        return next(iter(self.queue.finished([job.id])), None)

    def failure_of(self, job: ClaimedJob) -> Failure:
        finished = self.end_of(job)
        assert finished is not None
        assert finished.failure is not None
        return finished.failure

    def view_of(self, job: ClaimedJob) -> JobView:
        view = self.stores.jobs.get(job.id)
        assert view is not None
        return view

    def files(self, folder: str) -> set[str]:
        return {entry.key for entry in self.media.list(folder)}


class FullFor(MemoryMediaStore):
    """No room under one folder."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = folder

    def write(self, key: str, data: bytes | BinaryIO) -> None:
        if key.startswith(self._folder):
            raise MediaStoreUnavailable("no space left on device")
        super().write(key, data)


class Undeletable(MemoryMediaStore):
    def delete(self, keys: Sequence[str]) -> None:
        raise MediaStoreUnavailable("read-only")


@pytest.fixture
def shop() -> Workshop:
    return Workshop()


class TestSuccess:
    def test_the_picture_is_stored_as_recorded_and_handed_over(self, shop: Workshop) -> None:
        job = shop.claimed()
        shop.run(job)
        finished = shop.end_of(job)
        assert finished is not None
        assert finished.result is not None
        data = shop.media.read(f"results/{job.id}.jpg")
        assert (finished.result.path, finished.result.mime_type) == (f"results/{job.id}.jpg", "image/jpeg")
        assert (finished.result.size_bytes, finished.result.checksum) == (len(data), hashlib.sha256(data).hexdigest())
        assert (finished.result.width, finished.result.height) == pictures.opened(data).size == (96, 64)
        assert finished.inline_base64 is not None
        assert base64.b64decode(finished.inline_base64) == data

    def test_the_provider_gets_all_it_needs(self, shop: Workshop) -> None:
        template = shop.template()
        job = shop.claimed(Step("local", "frame", {"template": str(template.id)}), output=Output("webp", 70, 500))
        shop.run(job)
        [request] = shop.local.requests
        assert (request.job_id, request.operation) == (job.id, "frame")
        assert request.settings == {"template": str(template.id)}
        assert (request.payload, request.payload_mime_type) == (shot(), "image/jpeg")
        assert request.templates == {"template": shop.media.read(template.path)}
        assert request.output == Output("webp", 70, 500)
        assert 47 < request.deadline.remaining(time.monotonic()) <= job.seconds_left
        assert request.cancelled is shop.cancelled

    def test_the_answer_has_the_slots_format_and_size(self, shop: Workshop) -> None:
        job = shop.claimed(output=Output("webp", 80, max_side=48))
        shop.run(job)
        image = pictures.opened(shop.media.read(f"results/{job.id}.webp"))
        assert (image.format, image.size) == ("WEBP", (48, 32))

    def test_a_large_picture_travels_as_a_file_only(self, shop: Workshop) -> None:
        noise = np.random.default_rng(1).integers(0, 255, (600, 600, 3), dtype=np.uint8)
        shop.local.acts = [gives(pictures.png(image=Image.fromarray(noise)))]
        job = shop.claimed(output=Output("png"))
        shop.run(job)
        finished = shop.end_of(job)
        assert finished is not None
        assert finished.result is not None
        assert finished.result.size_bytes > 1_000_000
        assert finished.inline_base64 is None

    def test_a_later_attempt_has_a_file_of_its_own(self, shop: Workshop) -> None:
        shop.queue.hand_back([shop.claimed()])
        [again] = shop.queue.claim("worker", 1)
        shop.run(again)
        assert shop.files("results") == {f"results/{again.id}.2.jpg"}

    def test_previews_are_made_of_it(self, shop: Workshop) -> None:
        shop.local.acts = [gives(shot(900, 600))]
        job = shop.claimed()
        shop.run(job)
        sizes = {
            size: pictures.opened(shop.media.read(f"previews/{job.id}/{size}.webp")).size for size in PREVIEW_SIZES
        }
        assert sizes == {"grid": (360, 240), "large": (900, 600)}


class TestFallbacks:
    def test_the_next_step_is_tried_and_its_provider_recorded(self, shop: Workshop) -> None:
        shop.local.acts = [raises(GONE_WRONG)]
        job = shop.claimed(LOCAL, BACKUP)
        shop.run(job)
        assert shop.view_of(job).provider == "backup"
        assert [request.settings for request in shop.backup.requests] == [{"strength": 5}]
        assert shop.stores.events(job.id) == ["received", "attempt", "attempt", "finalized"]

    def test_a_good_picture_ends_the_chain(self, shop: Workshop) -> None:
        shop.run(shop.claimed(LOCAL, BACKUP))
        assert shop.backup.requests == []

    def test_when_all_fail_the_last_fault_is_told_with_every_attempt(self, shop: Workshop) -> None:
        shop.local.acts, shop.backup.acts = [raises(GONE_WRONG)], [raises(REFUSED_FOR_GOOD)]
        job = shop.claimed(LOCAL, BACKUP)
        shop.run(job)
        failure = shop.failure_of(job)
        assert failure.reason is FailureReason.PROVIDER_ERROR
        assert failure.detail["code"] == "provider_error"
        assert (failure.detail["fault"], failure.detail["message"]) == ("bad_argument", "It never works.")
        assert [(a["provider"], a["fault"]) for a in failure.detail["attempts"]] == [
            ("local", "hang"),
            ("backup", "bad_argument"),
        ]
        assert shop.files("results") == set()

    @pytest.mark.parametrize(
        "act", [raises(KeyError("secret-key-17")), gives(b"no image"), gives(shot()[:-200]), gives(None)]  # type: ignore[arg-type]
    )
    def test_a_crash_or_a_broken_picture_is_a_fault_like_others(self, shop: Workshop, act: Act) -> None:
        shop.local.acts = [act]
        job = shop.claimed(LOCAL, BACKUP)
        shop.run(job)
        assert shop.view_of(job).provider == "backup"

    def test_a_crash_is_told_without_its_insides(self, shop: Workshop) -> None:
        shop.local.acts = [raises(KeyError("secret-key-17"))]
        job = shop.claimed()
        shop.run(job)
        assert shop.failure_of(job).detail["fault"] == "internal"
        assert "secret" not in str(shop.failure_of(job))

    def test_what_is_no_picture_is_called_so(self, shop: Workshop) -> None:
        shop.local.acts = [gives(b"<html>busy</html>")]
        job = shop.claimed()
        shop.run(job)
        assert shop.failure_of(job).detail["fault"] == "invalid_output"

    @pytest.mark.parametrize("step", [Step("gone", "image_edit"), Step("local", "sing")], ids=["provider", "operation"])
    def test_what_is_not_installed_is_unavailable(self, shop: Workshop, step: Step) -> None:
        job = shop.claimed(step)
        shop.run(job)
        assert shop.failure_of(job).detail["code"] == "provider_unavailable"
        assert shop.local.requests == []


class TestTemplates:
    def framed(self, template_id: UUID) -> Step:
        return Step("local", "frame", {"template": str(template_id)})

    def test_a_deleted_template_makes_the_step_unavailable(self, shop: Workshop) -> None:
        job = shop.claimed(self.framed(UUID(int=1)))
        shop.run(job)
        assert shop.failure_of(job).detail["code"] == "provider_unavailable"

    def test_a_vanished_file_is_a_fault_and_the_next_step_is_tried(self, shop: Workshop) -> None:
        template = shop.template()
        shop.media.delete([template.path])
        job = shop.claimed(self.framed(template.id), BACKUP)
        shop.run(job)
        assert shop.view_of(job).provider == "backup"

    def test_an_outage_while_templates_are_looked_up_is_waited_out(self, shop: Workshop) -> None:
        job = shop.claimed(self.framed(shop.template().id))
        shop.database.go_away(calls=2)
        shop.run(job)
        assert shop.view_of(job).result is not None
        assert len(shop.local.requests) == 1


class TestDeadline:
    def test_nothing_is_begun_inside_the_reserve(self, shop: Workshop) -> None:
        job = shop.claimed(window_seconds=RESERVE_SECONDS)
        shop.run(job)
        assert shop.local.requests == []
        assert shop.end_of(job) is None, "the waiting side says that it is over"

    def test_no_fallback_is_begun_inside_the_reserve(self, shop: Workshop) -> None:
        job = shop.claimed(LOCAL, BACKUP, window_seconds=RESERVE_SECONDS + 0.2)
        shop.local.acts = [after(lambda: time.sleep(0.25), raises(GONE_WRONG))]
        shop.run(job)
        assert shop.backup.requests == []

    def test_a_late_fault_is_left_to_be_a_timeout(self, shop: Workshop) -> None:
        job = shop.claimed(window_seconds=RESERVE_SECONDS + 0.2)
        shop.local.acts = [after(lambda: time.sleep(0.25), raises(GONE_WRONG))]
        shop.run(job)
        assert shop.end_of(job) is None

    def test_a_late_fault_that_no_time_would_have_helped_is_told(self, shop: Workshop) -> None:
        job = shop.claimed(window_seconds=RESERVE_SECONDS + 0.2)
        shop.local.acts = [after(lambda: time.sleep(0.25), raises(REFUSED_FOR_GOOD))]
        shop.run(job)
        assert shop.failure_of(job).detail["fault"] == "bad_argument"

    def test_a_picture_that_comes_after_the_window_is_dropped_with_its_file(self, shop: Workshop) -> None:
        job = shop.claimed()
        shop.local.acts = [after(lambda: shop.stores.pass_time(48.1), gives(shot()))]
        shop.run(job)
        assert shop.end_of(job) is None
        assert shop.files("results") == set()


class TestCancelled:
    def test_what_is_cancelled_before_it_began_costs_no_call(self, shop: Workshop) -> None:
        job = shop.claimed()
        shop.cancelled.set()
        shop.run(job)
        assert shop.local.requests == []
        assert shop.end_of(job) is None

    def test_a_cancelled_attempt_is_the_last_and_writes_nothing(self, shop: Workshop) -> None:
        job = shop.claimed(LOCAL, BACKUP)
        shop.local.acts = [after(shop.cancelled.set, raises(REFUSED_FOR_GOOD))]
        shop.run(job)
        assert shop.backup.requests == []
        assert shop.end_of(job) is None

    def test_who_loses_the_race_deletes_its_own_file_and_no_other(self, shop: Workshop) -> None:
        job = shop.claimed()

        def taken_over_and_finished() -> None:
            shop.stores.pass_time(10)
            shop.queue.rescue()
            [winner] = shop.queue.claim("other", 1)
            shop.succeed(winner, shot(48, 32))

        shop.local.acts = [after(taken_over_and_finished, gives(shot()))]
        shop.run(job)
        assert shop.files("results") == {f"results/{job.id}.2.jpg"}
        assert shop.files("previews") == set()

    def test_a_losers_file_that_cannot_be_deleted_is_left_to_the_cleanup(self) -> None:
        shop = Workshop(Undeletable())
        job = shop.claimed()
        shop.local.acts = [after(lambda: shop.queue.cancel(job.id), gives(shot()))]
        shop.run(job)
        assert shop.files("results") == {f"results/{job.id}.jpg"}


class TestDatabaseOutage:
    def test_a_finished_picture_waits_for_the_database(self, shop: Workshop) -> None:
        job = shop.claimed()
        shop.local.acts = [after(lambda: shop.database.go_away(calls=2), gives(shot()))]
        shop.run(job)
        assert shop.view_of(job).result is not None
        assert len(shop.local.requests) == 1

    def test_a_lost_answer_is_no_lost_picture(self, shop: Workshop) -> None:
        job = shop.claimed()
        shop.local.acts = [after(shop.database.lose_answers, gives(shot()))]
        shop.run(job)
        result = shop.view_of(job).result
        assert result is not None
        assert shop.files("results") == {result.path}

    def test_a_failure_waits_too_and_costs_no_second_call(self, shop: Workshop) -> None:
        job = shop.claimed()
        shop.local.acts = [after(lambda: shop.database.go_away(calls=2), raises(REFUSED_FOR_GOOD))]
        shop.run(job)
        assert shop.failure_of(job).detail["fault"] == "bad_argument"
        assert len(shop.local.requests) == 1

    def test_at_the_deadline_it_gives_up_and_leaves_the_file_to_the_cleanup(self, shop: Workshop) -> None:
        job = shop.claimed(window_seconds=RESERVE_SECONDS + 0.2)
        shop.local.acts = [after(shop.database.go_away, gives(shot()))]
        with pytest.raises(DatabaseUnavailable):
            shop.run(job)
        assert shop.files("results") == {f"results/{job.id}.jpg"}, "it may have been recorded, the answer lost"


class TestMediaStore:
    def test_a_shot_that_cannot_be_read_back_is_a_failure(self, shop: Workshop) -> None:
        job = shop.claimed()
        shop.media.delete([job.payload.path])
        shop.run(job)
        assert shop.failure_of(job).detail["fault"] == "internal"
        assert shop.local.requests == []

    def test_a_result_that_cannot_be_stored_is_a_failure(self) -> None:
        shop = Workshop(FullFor("results/"))
        job = shop.claimed()
        shop.run(job)
        assert shop.failure_of(job).detail["message"] == "The result could not be stored."
        assert [a["fault"] for a in shop.failure_of(job).detail["attempts"]] == [None]

    def test_a_preview_that_cannot_be_stored_harms_nobody(self) -> None:
        shop = Workshop(FullFor("previews/"))
        job = shop.claimed()
        shop.run(job)
        assert shop.view_of(job).result is not None
        assert shop.files("previews") == set()
