"""Time zones by their IANA names."""

import zoneinfo
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

TIME_ZONE_DEFAULT = "Europe/Moscow"

_NO_PLACES = frozenset({"Factory", "localtime"})  # stand for "not set up" and for whatever this machine says


@cache
def time_zones() -> frozenset[str]:
    """The names that this machine knows, such as `Asia/Yekaterinburg`."""
    return frozenset(zoneinfo.available_timezones() - _NO_PLACES)


def moment_at(clock: datetime, zone: ZoneInfo, *, later: bool = False) -> datetime | None:
    """The moment, aware and in UTC, at which clocks in `zone` read `clock`; None if they are put forward over it.

    Where they are put back they read it twice: it is the first time, or the `later` one.
    """
    moment = clock.replace(tzinfo=zone, fold=int(later)).astimezone(UTC)
    return moment if moment.astimezone(zone).replace(tzinfo=None) == clock.replace(fold=0) else None
