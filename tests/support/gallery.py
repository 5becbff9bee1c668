"""Photos for tests of what shows them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from app.domain.job import Source
from app.domain.photo import Photo, PhotoState
from tests.factories import stored_result

NOON = datetime(2026, 11, 20, 9, tzinfo=UTC)  # in Moscow


def photo(**told: Any) -> Photo:
    """One of slot-001 that was finished at noon and read at once, unless something else is `told`."""
    photo_id = told.get("id", uuid4())
    usual: dict[str, Any] = {
        "id": photo_id,
        "slot_id": "slot-001",
        "source": Source.INGEST,
        "booth": "DESKTOP-1",
        "finalized_at": NOON,
        "expires_at": NOON + timedelta(hours=72),
        "read_at": NOON,
        "result": stored_result(photo_id),
        "placeholder": "",
        "state": PhotoState.VISIBLE,
        "is_kept": False,
        "is_twin": False,
        "has_original": False,
    }
    return Photo(**usual | told)
