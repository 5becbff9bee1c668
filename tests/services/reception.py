"""A house that takes shots from booths, and the booths' requests."""

import base64
import io
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from app.domain.errors import Refused
from app.domain.job import ClaimedJob, QueuedJob
from app.ports.settings import INGEST_PASSWORD_KEY
from app.services.access.booths import IngestGuard
from app.services.ingest import Answer, IngestService, Shot, Upload
from app.services.settings import SettingsService
from tests.services.house import House, shot
from tests.services.office import NoProviders
from tests.twins.memory_media_store import MemoryMediaStore
from tests.twins.scripted_wait import ScriptedWait

PASSWORD = "booths-only-77"
CLIENT = "10.0.0.7"
MAX_UPLOAD_BYTES = 200_000


def upload(data: bytes | None = None, name: str = "DSC_0001.jpg") -> Upload:
    content = shot() if data is None else data
    return Upload(name, io.BytesIO(content), len(content))


class Reception(House):
    """A house with the ingest service; `meanwhile` is what happens while a request is held.

    Nothing happens by default, so that a shot which is queued ends as a timeout.
    """

    def __init__(self, *, held_max: int = 4, max_active: int = 100, media: MemoryMediaStore | None = None) -> None:
        super().__init__()
        self.media = media or self.media
        self.queue = self.stores.queue_of(max_active)
        self.waiting = ScriptedWait(self.queue)
        self.stores.settings.put(INGEST_PASSWORD_KEY, {"hash": self.hasher.hash(PASSWORD)}, "serg")
        throttle = self.stores.throttle_of(window_seconds=300)
        self.service = IngestService(
            slots=self.stores.slots,
            settings=SettingsService(
                store=self.stores.settings,
                hasher=self.hasher,
                providers=NoProviders(),
                audit=self.stores.audit,
                transaction=self.stores.transaction,
            ),
            guard=IngestGuard(settings=self.stores.settings, hasher=self.hasher, throttle=throttle),
            images=self.images,
            media=self.media,
            queue=self.queue,
            waiting=self.waiting,
            request_log=self.stores.request_log,
            held_max=held_max,
            max_upload_bytes=MAX_UPLOAD_BYTES,
        )

    def meanwhile(self, *happenings: Callable[[QueuedJob], object]) -> None:
        """Play one for each held request, the last again and again."""
        script = list(happenings)

        def play(job: QueuedJob) -> None:
            (script.pop(0) if len(script) > 1 else script[0])(job)

        self.waiting.meanwhile = play

    def receive(
        self,
        uploads: Sequence[Upload] | None = None,
        *,
        slot_id: str = "slot-001",
        password: str = PASSWORD,
        fields: Mapping[str, str] | None = None,
        seconds_ago: float = 0,
    ) -> Answer:
        """A booth's request with one good shot, unless told otherwise."""
        parts = [upload()] if uploads is None else uploads
        request = Shot(slot_id, parts, password, fields or {}, CLIENT, time.monotonic() - seconds_ago)
        return self.service.receive(request, lambda: False)

    def refusal(self, uploads: Sequence[Upload] | None = None, **request: Any) -> Refused:
        with pytest.raises(Refused) as raised:
            self.receive(uploads, **request)
        return raised.value

    def claim(self, job: QueuedJob) -> ClaimedJob:
        [claimed] = self.queue.claim("worker", 1)
        assert claimed.id == job.id
        return claimed

    def work(self, job: QueuedJob) -> None:
        """A worker finishes the job with a picture that travels in the row."""
        picture = shot(48, 32)
        self.succeed(self.claim(job), picture, inline_base64=base64.b64encode(picture).decode())

    def work_by_file(self, job: QueuedJob) -> None:
        """The same with a picture that is too large for the row."""
        self.succeed(self.claim(job), shot(48, 32))

    def payloads(self) -> list[str]:
        return [entry.key for entry in self.media.list("payloads")]
