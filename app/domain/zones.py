"""Time zones by their IANA names."""

import zoneinfo
from functools import cache

TIME_ZONE_DEFAULT = "Europe/Moscow"

_NO_PLACES = frozenset({"Factory", "localtime"})  # stand for "not set up" and for whatever this machine says


@cache
def time_zones() -> frozenset[str]:
    """The names that this machine knows, such as `Asia/Yekaterinburg`."""
    return frozenset(zoneinfo.available_timezones() - _NO_PLACES)
