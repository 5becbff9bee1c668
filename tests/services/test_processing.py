"""A claimed job runs through its slot's providers to a stored picture, or to a failure that says why."""

import base64
import hashlib
import time
from uuid import UUID

import numpy as np
import pytest
from PIL import Image

from app.domain.job import FailureReason
from app.domain.media import PREVIEW_SIZES, Output
from app.domain.slot import Step
from app.ports.providers import InputImage
from tests import pictures
from tests.services.house import BACKUP, LOCAL, shot
from tests.services.workshop import GONE_WRONG, REFUSED_FOR_GOOD, TOO_LARGE, Workshop, gives, raises
from tests.twins.scripted_provider import Act


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
        assert request.shot == InputImage(shot(), "image/jpeg")
        assert request.templates == {"template": InputImage(shop.media.read(template.path), "image/png", template.id)}
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
        shop.local.acts, shop.backup.acts = [raises(TOO_LARGE)], [raises(REFUSED_FOR_GOOD)]
        job = shop.claimed(LOCAL, BACKUP)
        shop.run(job)
        failure = shop.failure_of(job)
        assert failure.reason is FailureReason.PROVIDER_ERROR
        assert failure.detail["code"] == "provider_error"
        assert (failure.detail["fault"], failure.detail["message"]) == ("bad_argument", "It never works.")
        assert [(a["provider"], a["fault"]) for a in failure.detail["attempts"]] == [
            ("local", "too_large"),
            ("backup", "bad_argument"),
        ]
        assert shop.files("results") == set()

    @pytest.mark.parametrize(
        "act",
        [raises(KeyError("secret-key-17")), gives(b"no image"), gives(shot()[:-200]), gives(None)],  # type: ignore[arg-type]
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

    def test_one_that_was_there_and_failed_makes_it_a_failure(self, shop: Workshop) -> None:
        shop.local.acts = [raises(REFUSED_FOR_GOOD)]
        job = shop.claimed(LOCAL, Step("gone", "image_edit"))
        shop.run(job)
        assert shop.failure_of(job).detail["code"] == "provider_error"


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
