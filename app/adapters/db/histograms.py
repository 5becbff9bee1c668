"""Histograms of app.domain.statistics.Durations as one number each, so that sum() adds them up.

In base 10^12 the n-th digit, from the right, is how many took less than the n-th bound, the last how many took longer.
Twenty columns or an array say the same, but adding up 50,000 of them takes four times as long.
"""

from app.domain.statistics import NO_DURATIONS, Durations

_DIGITS = 12


def unpacked(number: int, total_ms: int) -> Durations:
    """What a sum of `duration_histogram` of app.adapters.db.schema.counting stands for."""
    written = str(number).zfill(_DIGITS * len(NO_DURATIONS))
    places = range(len(written) - _DIGITS, -1, -_DIGITS)
    return Durations(tuple(int(written[place : place + _DIGITS]) for place in places), total_ms)
