"""A row of the job table in memory."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.domain.job import Failure, FinishedJob, JobStatus, NewJob, StoredResult


@dataclass(frozen=True, slots=True)
class JobRow:
    """`payload_path` and `result` become None when they are forgotten."""

    new: NewJob
    provider: str
    operation: str
    payload_path: str | None
    created_at: datetime
    expires_at: datetime
    status: JobStatus = JobStatus.PENDING
    attempt: int = 0
    worker: str | None = None
    lease_until: datetime | None = None
    started_at: datetime | None = None
    finalized_at: datetime | None = None
    failure: Failure | None = None
    result: StoredResult | None = None
    result_expires_at: datetime | None = None
    inline_base64: str | None = None
    model: str = ""
    cost_usd: Decimal = Decimal(0)
    orders: Mapping[int, str | None] = field(default_factory=dict)
    hidden_at: datetime | None = None
    deleted_at: datetime | None = None
    shown_at: datetime | None = None
    unkept_expires_at: datetime | None = None
    placeholder: str = ""

    @property
    def is_finalized(self) -> bool:
        return self.status is JobStatus.FINALIZED

    @property
    def is_shown(self) -> bool:
        return self.hidden_at is None and self.deleted_at is None

    @property
    def keeps_original(self) -> bool:
        return bool(self.new.settings.get("keeping", {}).get("originals"))

    def finished(self) -> FinishedJob:
        return FinishedJob(self.new.id, self.expires_at, self.result, self.failure, self.inline_base64)


def json_ready(failure: Failure) -> Failure:
    return Failure(failure.reason, through_json(failure.detail))


def through_json(value: Mapping[str, Any]) -> Any:
    """As a jsonb column gives it back: what is no JSON fails here too."""
    return json.loads(json.dumps(dict(value), allow_nan=False))
