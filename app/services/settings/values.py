"""The settings of the house: their names, defaults, and what is wrong with a value."""

from typing import Any

from app.domain.deadlines import (
    RESULT_RETENTION_HOURS_DEFAULT,
    RESULT_RETENTION_HOURS_RANGE,
    SYNC_RESPONSE_DEFAULT,
    SYNC_RESPONSE_RANGE,
)
from app.domain.zones import TIME_ZONE_DEFAULT, time_zones
from app.ports.settings import INGEST_PASSWORD_KEY, PROVIDERS_KEY

SYNC_RESPONSE = "sync_response_seconds"
RESULT_RETENTION = "result_retention_hours"
TIME_ZONE = "time_zone"
GRACE = "ingest_password_grace_hours"

DEFAULTS: dict[str, Any] = {
    SYNC_RESPONSE: SYNC_RESPONSE_DEFAULT,
    RESULT_RETENTION: RESULT_RETENTION_HOURS_DEFAULT,
    TIME_ZONE: TIME_ZONE_DEFAULT,
}
"""Those that are kept as they are entered."""

INGEST_PASSWORD_LENGTH = (4, 128)
GRACE_HOURS_RANGE = (0, 168)
GRACE_HOURS_DEFAULT = 24

_RANGES = {
    SYNC_RESPONSE: SYNC_RESPONSE_RANGE,
    RESULT_RETENTION: RESULT_RETENTION_HOURS_RANGE,
    GRACE: GRACE_HOURS_RANGE,
}
_NAMES = (*DEFAULTS, INGEST_PASSWORD_KEY, GRACE)


def problem_of(name: str, value: Any) -> dict[str, Any] | None:
    """Why `value` cannot be set, as a code with what is allowed."""
    if name in _RANGES:
        low, high = _RANGES[name]
        whole = isinstance(value, int) and not isinstance(value, bool)
        return None if whole and low <= value <= high else {"code": "out_of_range", "minimum": low, "maximum": high}
    if name == TIME_ZONE:
        return None if isinstance(value, str) and value in time_zones() else {"code": "not_a_zone"}
    if name == INGEST_PASSWORD_KEY:
        return _problem_of_password(value)
    return {"code": "unknown_field", "allowed": [*_NAMES, PROVIDERS_KEY]}


def _problem_of_password(value: Any) -> dict[str, Any] | None:
    """Nothing leaves it as it is, and null removes it."""
    low, high = INGEST_PASSWORD_LENGTH
    fits = isinstance(value, str) and low <= len(value) <= high and value.isprintable()
    return None if value is None or value == "" or fits else {"code": "bad_password", "minimum": low, "maximum": high}
