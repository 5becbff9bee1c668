"""What is looked for in the job log, as addresses of pages and of the API say it."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from app.domain.job import Source
from app.domain.job_log import ID_PREFIX_MIN, State, Wanted

FILTERS = ("slot", "state", "reason", "booth", "source", "day", "from", "to", "id")

_ID = re.compile(f"[0-9a-f]{{{ID_PREFIX_MIN},32}}")


def wanted_by(arguments: Mapping[str, str], zone: tzinfo | None = None) -> tuple[Wanted, list[str]]:
    """What is wanted, and the names of the arguments that cannot be understood.

    A day, and a time without offset, are of `zone`; without one neither is understood.
    """
    found: dict[str, Any] = {}
    problems = []
    for name in FILTERS:
        if name in arguments:
            try:
                found |= _READERS[name](arguments[name].strip(), zone)
            except (ValueError, OverflowError):
                problems.append(name)
    return Wanted(**found), problems


def _day(text: str, zone: tzinfo | None) -> dict[str, datetime]:
    start = _aware(datetime.combine(date.fromisoformat(text), time.min), zone)
    return {"start": start, "end": _aware(start.replace(tzinfo=None) + timedelta(days=1), zone)}


def _moment(text: str, zone: tzinfo | None) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else _aware(moment, zone)


def _aware(moment: datetime, zone: tzinfo | None) -> datetime:
    if zone is None:
        raise ValueError("a time without offset")
    return moment.replace(tzinfo=zone)


def _id_prefix(text: str) -> str:
    digits = text.lower().replace("-", "")
    if not _ID.fullmatch(digits):
        raise ValueError("not the beginning of an id")
    return digits


_READERS: dict[str, Callable[[str, tzinfo | None], dict[str, Any]]] = {
    "slot": lambda text, _: {"slot_id": text},
    "state": lambda text, _: {"state": State(text)},
    "reason": lambda text, _: {"reason": text},
    "booth": lambda text, _: {"booth": text},
    "source": lambda text, _: {"source": Source(text)},
    "day": _day,
    "from": lambda text, zone: {"start": _moment(text, zone)},
    "to": lambda text, zone: {"end": _moment(text, zone)},
    "id": lambda text, _: {"id_prefix": _id_prefix(text)},
}
