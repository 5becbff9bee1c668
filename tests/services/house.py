"""The parts under the services in memory, and the few things that many tests arrange with them."""

import hashlib
import io
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from app.adapters.images import Images
from app.domain.catalogue import Catalogue, Field, InputLimits, Model, Operation, Option, ProviderSpec, Quota
from app.domain.job import Attempt, ClaimedJob, NewJob, Payload, StoredResult, result_path
from app.domain.media import Output, TemplateMedia
from app.domain.slot import Keeping, Policy, Publishing, Slot, Step
from app.services.templates import TemplateService
from tests import pictures
from tests.factories import new_job
from tests.twins.memory_access import PlainHasher
from tests.twins.memory_media_store import MemoryMediaStore
from tests.twins.memory_stores import MemoryStores

NAME = {"ru": "Имя", "en": "Name"}
ANY_IMAGE = InputLimits(("image/jpeg", "image/png", "image/webp"), 10_000_000, 10_000)
FAST = Model("fast", NAME, usual_seconds=4, p95_seconds=8, price_usd=Decimal("0.04"))
FINE = Model("fine", NAME, usual_seconds=20, p95_seconds=30, price_usd=Decimal("0.13"))
OWN = Model("", NAME, usual_seconds=1, p95_seconds=4, price_usd=Decimal(0))
EFFECT = Field("effect", "choice", NAME, True, "glow", options=(Option("glow", NAME), Option("watercolour", NAME)))
STRENGTH = Field("strength", "integer", NAME, True, 80, 0, 100)
PROMPT = Field("prompt", "text", NAME, placeholders=True)
FINE_ONLY = Field("size", "choice", NAME, options=(Option("2K", NAME), Option("4K", NAME)), models=("fine",))
EDIT = Operation("image_edit", NAME, (EFFECT, STRENGTH), (OWN,))
FRAME = Operation("frame", NAME, (Field("template", "template", NAME, required=True),), (OWN,))
REMOTE_EDIT = Operation("image_edit", NAME, (EFFECT, STRENGTH, PROMPT, FINE_ONLY), (FAST, FINE))


def remote(provider_id: str, **changes: Any) -> ProviderSpec:
    """A provider over a network with the operation REMOTE_EDIT."""
    base_url = f"https://{provider_id}.example"
    return ProviderSpec(provider_id, provider_id, NAME, (REMOTE_EDIT,), True, ANY_IMAGE, base_url, **changes)


CATALOGUE = Catalogue(
    (
        ProviderSpec("local", "local", NAME, (EDIT, FRAME), False, ANY_IMAGE, reserve_seconds=0.5),
        remote("backup"),
        remote("rival", quota=Quota(per_minute=500)),
        remote("orders", is_queue=True, reserve_seconds=5.0),
    )
)
LOCAL = Step("local", "image_edit", {"effect": "glow"})
BACKUP, RIVAL, ORDERS = (Step(name, "image_edit", {"strength": 5}) for name in ("backup", "rival", "orders"))


@cache
def shot(width: int = 96, height: int = 64) -> bytes:
    return pictures.jpeg(width, height)


class House:
    """Stores, files and tools that services share, each a twin or harmless by nature."""

    def __init__(self) -> None:
        self.stores = MemoryStores()
        self.database = self.stores.database
        self.queue = self.stores.queue
        self.media = MemoryMediaStore()
        self.images = Images()
        self.hasher = PlainHasher()

    def slot(self, slot_id: str = "slot-001") -> Slot:
        slot = self.stores.slots.get(slot_id)
        assert slot is not None
        return slot

    def queued(
        self,
        *steps: Step,
        output: Output | None = None,
        policy: Policy | None = None,
        keeping: Keeping | None = None,
        publishing: Publishing | None = None,
        window_seconds: float = 48,
    ) -> NewJob:
        """A pending job with its payload in place; by default of one step, LOCAL."""
        chain = steps or (LOCAL,)
        slot = replace(self.slot(), step=chain[0], fallbacks=chain[1:], output=output or Output())
        slot = replace(slot, policy=policy or Policy(), keeping=keeping or Keeping())
        slot = replace(slot, publishing=publishing or Publishing())
        job = replace(new_job(window_seconds=window_seconds), settings=slot.snapshot())
        payload = Payload(job.payload.path, "image/jpeg", len(shot()), hashlib.sha256(shot()).hexdigest())
        self.media.write(payload.path, shot())
        self.queue.enqueue(replace(job, payload=payload))
        return job

    def claimed(self, *steps: Step, **given: Any) -> ClaimedJob:
        """The same in a worker's hands; `given` as in `queued`."""
        job = self.queued(*steps, **given)
        [claimed] = self.queue.claim("worker", 1)
        assert claimed.id == job.id
        return claimed

    def finished(self, data: bytes | None = None, *, inline_base64: str | None = None) -> UUID:
        """A job that succeeded with `data`, its file in place and its payload still there."""
        return self.succeed(self.claimed(), data or shot(), inline_base64=inline_base64)

    def succeed(self, job: ClaimedJob, data: bytes, *, inline_base64: str | None = None) -> UUID:
        """What a worker does in the end, and always without previews."""
        path = result_path(job.id, job.attempt, "image/jpeg")
        self.media.write(path, data)
        checksum = hashlib.sha256(data).hexdigest()
        result = StoredResult(path, "image/jpeg", len(data), checksum, 96, 64)
        assert self.queue.finalize_success(job, result, inline_base64, Attempt("local", "image_edit", 5))
        return job.id

    def template(self, data: bytes | None = None) -> TemplateMedia:
        """A registered template image."""
        service = TemplateService(
            templates=self.stores.templates,
            media=self.media,
            images=self.images,
            audit=self.stores.audit,
            transaction=self.stores.transaction,
            max_upload_bytes=1 << 20,
        )
        content = data or pictures.png(40, 30)
        return service.register(io.BytesIO(content), len(content), "Frame", "serg")
