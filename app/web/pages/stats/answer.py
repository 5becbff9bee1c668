"""First of all: whether everything is all right, in one sentence and four figures."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from flask_babel import gettext, ngettext

from app.domain.periods import Preset
from app.domain.statistics import Counts, Figures, Overview
from app.web.pages.stats.photos import failed
from app.web.pages.stats.words import Comparison, count, money, share, took, within

_GOOD_SHARE = 0.97
_POOR_SHARE = 0.9
_NEAR_THE_WINDOW = 0.85
"""A p95 beyond this part of the window: a few more seconds, and photos come too late."""


class Mood(StrEnum):
    QUIET = "quiet"
    GOOD = "good"
    UNEASY = "uneasy"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` and a `note` on it; `change` is None where the period before cannot be compared.

    `part` is how much of the window was used, in percent, where the figure is a time.
    """

    label: str
    value: str
    note: str = ""
    change: str | None = None
    part: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    mood: Mood
    sentence: str
    figures: tuple[Figure, ...]


def answer_of(overview: Overview, preset: Preset, window_ms: int) -> Answer:
    now, before, compared = overview.totals, overview.previous or Figures(Counts(), None), Comparison(preset)
    figures = (
        _photos(now.counts, before.counts, compared),
        _successful(now.counts, before.counts, compared),
        _times(now.counts, before.counts, compared, window_ms),
        _cost(now, before, compared),
    )
    mood = mood_of(now.counts, window_ms)
    return Answer(mood, _sentence(mood, now.counts, preset, window_ms), tuple(f for f in figures if f))


def mood_of(counts: Counts, window_ms: int) -> Mood:
    """How the house does: by the share of photos that succeeded and by how near to the window the slow ones come."""
    successful, slow = counts.success_share, counts.durations.percentile_ms(0.95) or 0
    if successful is None:
        return Mood.QUIET
    if successful < _POOR_SHARE:
        return Mood.BAD
    return Mood.GOOD if successful >= _GOOD_SHARE and slow <= _NEAR_THE_WINDOW * window_ms else Mood.UNEASY


def _sentence(mood: Mood, counts: Counts, preset: Preset, window_ms: int) -> str:
    """The verdict with the one figure that decided it, and what was refused; all figures stand below."""
    when = within(preset)
    if mood is Mood.QUIET:
        return str(gettext("No photos %(when)s.", when=when))
    openings = {
        Mood.GOOD: gettext("All is well"),
        Mood.UNEASY: gettext("Almost all is well"),
        Mood.BAD: gettext("Something is wrong"),
    }
    verdict = f"{openings[mood]}: {_decisive(mood, counts, window_ms)}, {when}"
    return "; ".join(filter(None, [verdict, _refused(counts)])) + "."


def _decisive(mood: Mood, counts: Counts, window_ms: int) -> str:
    if mood is Mood.UNEASY and counts.success_share and counts.success_share >= _GOOD_SHARE:
        slow = took(counts.durations.percentile_ms(0.95))
        return str(gettext("95 of 100 ready within %(p95)s of %(window)s", p95=slow, window=took(window_ms)))
    return str(gettext("%(share)s successful", share=share(counts.success_share)))


def _refused(counts: Counts) -> str:
    """Requests that never became photos, or nothing."""
    refused = counts.refused
    return ngettext("%(n)s request refused", "%(n)s requests refused", refused, n=count(refused)) if refused else ""


def _photos(now: Counts, before: Counts, compared: Comparison) -> Figure:
    notes = [
        ngettext("%(n)s failed", "%(n)s failed", failed(now), n=count(failed(now))) if failed(now) else "",
        _refused(now),
    ]
    value = count(now.photos) if now.photos else gettext("none")
    change = compared.in_percent(now.photos, before.photos)
    return Figure(gettext("Photos"), value, ", ".join(filter(None, notes)), change)


def _successful(now: Counts, before: Counts, compared: Comparison) -> Figure:
    value = gettext("no photos") if now.success_share is None else share(now.success_share)
    return Figure(gettext("Successful"), value, "", compared.in_points(now.success_share, before.success_share))


def _times(now: Counts, before: Counts, compared: Comparison, window_ms: int) -> Figure:
    slow, was = now.durations.percentile_ms(0.95), before.durations.percentile_ms(0.95)
    label, note = gettext("95 of 100 ready within"), gettext("of the window of %(n)s", n=took(window_ms))
    if slow is None:
        return Figure(label, gettext("no photos"), note)
    return Figure(label, took(slow), note, compared.in_seconds(slow, was), min(100.0, round(100 * slow / window_ms, 1)))


def _cost(now: Figures, before: Figures, compared: Comparison) -> Figure | None:
    if now.spent is None:
        return None
    spent, photos = now.spent.cost_usd, now.counts.success
    note = gettext("%(n)s a picture", n=money(spent / photos)) if spent and photos else ""
    was = before.spent.cost_usd if before.spent else Decimal()
    value = money(spent) if spent else gettext("nothing")
    return Figure(gettext("Cost"), value, note, compared.in_percent(float(spent), float(was)))
