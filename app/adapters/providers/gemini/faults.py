"""What Gemini answers when it refuses a call."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.adapters.providers.gemini.fields import field, objects
from app.domain.answers import at, json_object, quoted
from app.domain.errors import FaultKind, ProviderFault
from app.domain.statuses import fault_of_status
from app.ports.providers import HttpReply

_PACIFIC = ZoneInfo("America/Los_Angeles")
_DELAY = re.compile(r"(\d{1,8}(?:\.\d+)?)s")
_FILE = re.compile(r"\bfiles?\b", re.IGNORECASE)
_PLACE = re.compile(r"\b(location|country|region)\b", re.IGNORECASE)
_MONEY = re.compile(r"\b(credits are depleted|spending cap)\b", re.IGNORECASE)


class FileLost(ProviderFault):
    """An uploaded file is not there any more, or not yet."""


def fault_of(reply: HttpReply, key: str, now: datetime) -> ProviderFault:
    """The fault that an unsuccessful answer is; `now` is aware, and the day of a quota ends by it."""
    error = _Error(reply)
    message = f"Gemini answered {reply.status}: {quoted(error.message, key) or 'no reason given'}"
    if error.is_about_a_file:
        return FileLost(FaultKind.OVERLOADED, message, permanent=False, status=reply.status)
    fault = fault_of_status(reply.status, message, reply.headers, kind=error.kind)
    if fault.kind is FaultKind.QUOTA_EXHAUSTED:
        fault.retry_after = seconds_of_day_left(now)
    elif fault.kind is FaultKind.RATE_LIMITED and error.delay is not None:
        fault.retry_after = error.delay
    return fault


def seconds_of_day_left(now: datetime) -> float:
    """Until midnight of the Pacific zone, when quotas of a day are full again."""
    tomorrow = now.astimezone(_PACIFIC).date() + timedelta(days=1)
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=_PACIFIC)
    return midnight.timestamp() - now.timestamp()


class _Error:
    """`{"error": {code, message, status, details[]}}`, or whatever else came with the status."""

    def __init__(self, reply: HttpReply) -> None:
        self._status = reply.status
        self._error = at(_document(reply.body), "error")
        self.message = str(at(self._error, "message") or "")

    @property
    def kind(self) -> FaultKind | None:
        """None where the HTTP status says it all."""
        if any(at(detail, "reason") == "API_KEY_INVALID" for detail in self._details()):
            return FaultKind.KEY_REFUSED
        if at(self._error, "status") == "FAILED_PRECONDITION" and _PLACE.search(self.message):
            return FaultKind.REGION_REFUSED
        if self._status == 429 and self._is_of_the_day():
            return FaultKind.QUOTA_EXHAUSTED
        if self._status == 429 and _MONEY.search(self.message):
            return FaultKind.ACCOUNT_EMPTY
        return None

    @property
    def is_about_a_file(self) -> bool:
        return self._status in (403, 404) and bool(_FILE.search(self.message))

    @property
    def delay(self) -> float | None:
        """Seconds that Gemini asks to wait."""
        delays = (_DELAY.fullmatch(str(field(detail, "retryDelay"))) for detail in self._details())
        return next((float(delay[1]) for delay in delays if delay), None)

    def _is_of_the_day(self) -> bool:
        """Whether a quota of a day is used up, whatever shorter delay is given beside it."""
        violations = (violation for detail in self._details() for violation in objects(detail, "violations"))
        return any("PerDay" in str(field(violation, "quotaId")) for violation in violations)

    def _details(self) -> Iterator[Any]:
        yield from objects(self._error, "details")


def _document(body: bytes) -> Any:
    """Gateways in front of Gemini answer in HTML."""
    try:
        return json_object(body)
    except ProviderFault:
        return None
