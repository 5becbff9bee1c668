"""Jobs for tests of the queue and of what stands on it."""

import secrets
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from app.domain.job import Attempt, NewJob, Payload, Source, StoredResult, result_path

SETTINGS: dict[str, Any] = {
    "steps": [{"provider": "local", "operation": "image_edit", "settings": {"effect": "glow", "strength": 50}}],
    "output": {"format": "jpeg", "quality": 90, "max_side": None},
}

SUCCESS = Attempt("local", "image_edit", 12)


def again(attempt: Attempt) -> Attempt:
    """Another call that went the same way."""
    return replace(attempt, id=uuid4())


def new_job(*, slot_id: str = "slot-001", window_seconds: float = 48.0, age_seconds: float = 0.0) -> NewJob:
    job_id = UUID(bytes=secrets.token_bytes(16))
    return NewJob(
        id=job_id,
        slot_id=slot_id,
        source=Source.INGEST,
        settings=SETTINGS,
        booth_fields={"name": "DESKTOP-1", "{qr1}": "guest"},
        payload=Payload(f"payloads/{job_id}.jpg", "image/jpeg", 51_977, "0" * 64),
        window_seconds=window_seconds,
        age_seconds=age_seconds,
    )


def stored_result(job_id: UUID, attempt: int = 1) -> StoredResult:
    return StoredResult(result_path(job_id, attempt, "image/jpeg"), "image/jpeg", 1000, "f" * 64, 640, 480)
