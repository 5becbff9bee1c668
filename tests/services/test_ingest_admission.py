"""Which shots are queued, which are refused before, and what a refusal leaves behind: a line in the log."""

import hashlib
import time
from dataclasses import replace

import pytest
import structlog

from app.domain.errors import Reason
from app.domain.job import ClaimedJob, Source
from app.domain.job_log import Wanted
from app.services import ingest
from app.services.access.booths import WRONG_FOR_SLOT_FROM_PLACE
from tests import pictures
from tests.services.house import shot
from tests.services.reception import CLIENT, MAX_UPLOAD_BYTES, PASSWORD, Reception, upload
from tests.twins.troubled_media import FullFor, Undeletable


class TestWhoMaySend:
    def test_an_unknown_slot_is_named(self, reception: Reception) -> None:
        refusal = reception.refusal(slot_id="slot-016")
        assert (refusal.reason, refusal.details) == (Reason.SLOT_NOT_FOUND, {"slot_id": "slot-016"})

    def test_a_wrong_password_is_refused_before_the_image_is_looked_at(self, reception: Reception) -> None:
        assert reception.refusal([upload(b"no image")], password="guess").reason is Reason.INVALID_PASSWORD

    def test_guessing_is_throttled(self, reception: Reception) -> None:
        reasons = [reception.refusal(password="guess").reason for _ in range(WRONG_FOR_SLOT_FROM_PLACE + 1)]
        assert reasons == [Reason.INVALID_PASSWORD] * WRONG_FOR_SLOT_FROM_PLACE + [Reason.TOO_MANY_ATTEMPTS]

    def test_a_paused_slot_refuses_those_who_know_the_password(self, reception: Reception) -> None:
        reception.stores.slots.save(replace(reception.slot(), is_active=False), 1, "serg")
        assert reception.refusal().reason is Reason.SLOT_DISABLED
        assert reception.refusal(password="guess").reason is Reason.INVALID_PASSWORD


class TestChoosingTheImage:
    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"", Reason.INVALID_REQUEST),
            (b"GIF89a", Reason.UNSUPPORTED_MEDIA_TYPE),
            (shot()[: len(shot()) // 2], Reason.INVALID_IMAGE),
            (shot() + bytes(MAX_UPLOAD_BYTES), Reason.PAYLOAD_TOO_LARGE),
        ],
        ids=["empty", "another type", "cut", "too large"],
    )
    def test_what_cannot_be_used_is_refused_and_leaves_nothing(
        self, reception: Reception, data: bytes, reason: Reason
    ) -> None:
        assert reception.refusal([upload(data)]).reason is reason
        assert reception.payloads() == []
        assert reception.queue.claim("worker", 1) == []

    def test_a_form_without_a_photo_says_what_to_send(self, reception: Reception) -> None:
        refusal = reception.refusal([])
        assert refusal.reason is Reason.INVALID_REQUEST
        assert refusal.details == {"allowed": ["fileToUpload", "file", "image"]}

    def test_the_first_acceptable_one_of_several_is_taken(self, reception: Reception) -> None:
        png = pictures.png(30, 20)
        reception.meanwhile(reception.work)
        reception.receive([upload(b""), upload(b"some text"), upload(png), upload()])
        [key] = reception.payloads()
        assert reception.media.read(key) == png
        assert key.endswith(".png")

    def test_if_none_is_acceptable_the_first_ones_refusal_is_told(self, reception: Reception) -> None:
        uploads = [upload(b"text"), upload(b""), upload(shot()[:99])]
        assert reception.refusal(uploads).reason is Reason.UNSUPPORTED_MEDIA_TYPE

    def test_the_limit_itself_is_allowed(self, reception: Reception) -> None:
        padded = shot() + bytes(MAX_UPLOAD_BYTES - len(shot()))
        assert reception.refusal([upload(padded)]).reason is not Reason.PAYLOAD_TOO_LARGE


class TestWhatIsQueued:
    def test_a_worker_finds_the_shot_as_it_came_and_the_slot_as_it_was(self, reception: Reception) -> None:
        fields = {"name": "DESKTOP-1", "{qr1}": "гость"}
        claimed: list[ClaimedJob] = []
        reception.meanwhile(lambda job: claimed.append(reception.claim(job)))
        reception.refusal(fields=fields)
        [job] = claimed
        assert reception.media.read(job.payload.path) == shot()
        assert (job.payload.mime_type, job.payload.size_bytes) == ("image/jpeg", len(shot()))
        assert job.payload.sha256 == hashlib.sha256(shot()).hexdigest()
        assert (job.slot_id, job.settings, job.booth_fields) == ("slot-001", reception.slot().snapshot(), fields)

    def test_the_window_is_the_setting_and_began_with_the_request(self, reception: Reception) -> None:
        reception.stores.settings.put("sync_response_seconds", 60, "serg")
        left: list[float] = []
        reception.meanwhile(lambda job: left.append(job.seconds_left))
        reception.refusal(seconds_ago=12)
        assert left == [pytest.approx(48, abs=0.5)]
        [deadline] = reception.waiting.deadlines
        assert deadline.remaining(time.monotonic()) == pytest.approx(48, abs=0.5)

    def test_the_uploads_are_closed_before_the_wait(self, reception: Reception) -> None:
        uploads = [upload(b"text"), upload()]
        closed: list[bool] = []
        reception.meanwhile(lambda job: closed.extend(part.stream.closed for part in uploads))
        reception.refusal(uploads)
        assert closed == [True, True]

    def test_an_administrators_try_is_queued_without_password_or_wait(self, reception: Reception) -> None:
        draft = replace(reception.slot(), name="never saved", is_active=False)
        job = reception.service.submit(draft, upload(), Source.TEST)
        view = reception.stores.jobs.get(job.id)
        assert view is not None
        assert (view.source, view.is_finalized) == (Source.TEST, False)

    def test_a_shot_that_is_older_than_its_window_is_over_at_once(self, reception: Reception) -> None:
        assert reception.refusal(seconds_ago=49).reason is Reason.SYNC_TIMEOUT
        assert reception.queue.claim("worker", 1) == []


class TestBusy:
    def test_a_full_queue_refuses_and_the_payload_is_discarded(self) -> None:
        reception = Reception(max_active=0)
        refusal = reception.refusal()
        assert refusal.reason is Reason.QUEUE_BUSY
        assert refusal.retry_after
        assert reception.payloads() == []

    def test_a_payload_that_cannot_be_discarded_does_not_change_the_answer(self) -> None:
        assert Reception(max_active=0, media=Undeletable()).refusal().reason is Reason.QUEUE_BUSY


class TestOutages:
    def test_a_short_outage_costs_no_shot(self, reception: Reception) -> None:
        reception.meanwhile(reception.work)
        reception.database.go_away(calls=2)
        assert reception.receive().data == shot(48, 32)

    def test_a_lost_answer_of_the_queue_makes_no_second_job(self, reception: Reception) -> None:
        reception.meanwhile(reception.work)
        reception.database.lose_answers()
        reception.receive()
        assert reception.stores.job_log.count_jobs(Wanted(), 9) == 1

    def test_a_long_outage_is_said_with_a_time_to_come_back(
        self, reception: Reception, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ingest, "_DATABASE_PATIENCE_SECONDS", 0.2)
        reception.database.go_away()
        refusal = reception.refusal()
        assert refusal.reason is Reason.QUEUE_UNAVAILABLE
        assert refusal.retry_after

    def test_a_full_disk_is_said_too(self) -> None:
        reception = Reception(media=FullFor("payloads/"))
        assert reception.refusal().reason is Reason.QUEUE_UNAVAILABLE
        assert reception.queue.claim("worker", 1) == []


class TestTheLog:
    def test_a_refusal_is_logged_with_slot_reason_and_sender(self, reception: Reception) -> None:
        reception.refusal([upload(b"text")], slot_id="slot-002")
        assert reception.stores.request_log.entries == [
            ("slot-002", "unsupported_media_type", {"client": CLIENT}),
        ]

    def test_a_job_that_ended_without_image_is_in_the_table_and_not_logged_twice(self, reception: Reception) -> None:
        assert reception.refusal().reason is Reason.SYNC_TIMEOUT
        assert reception.stores.request_log.entries == []

    def test_who_goes_on_guessing_does_not_fill_the_table(self, reception: Reception) -> None:
        refusals = [reception.refusal(password="wrong").reason for _ in range(15)]
        assert refusals.count(Reason.TOO_MANY_ATTEMPTS) == 5
        reasons = [reason for _, reason, _ in reception.stores.request_log.entries]
        assert (reasons.count("invalid_password"), reasons.count("too_many_attempts")) == (10, 1)

    def test_no_password_is_written_anywhere(self, reception: Reception) -> None:
        with structlog.testing.capture_logs() as lines:
            reception.refusal(password="my-wrong-guess")
            reception.refusal([upload(b"text")])
        written = f"{lines} {reception.stores.request_log.entries}"
        assert "ingest_refused" in written
        assert "my-wrong-guess" not in written
        assert PASSWORD not in written

    def test_a_log_that_cannot_be_written_does_not_change_the_answer(self, reception: Reception) -> None:
        reception.stores.request_log.unavailable = True
        assert reception.refusal(slot_id="slot-016").reason is Reason.SLOT_NOT_FOUND
