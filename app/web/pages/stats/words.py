"""Figures as people read them: never a share of nothing, and no share of 100 % while something failed."""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from flask_babel import format_datetime, format_decimal, format_percent, gettext

from app.domain.periods import Preset, TimeStep
from app.web.pages.formats import in_brief, language, usd
from app.web.pages.site import blueprint

_CENT = Decimal("0.01")
_STEP_FORMATS = {TimeStep.FIVE_MINUTES: "HH:mm", TimeStep.HOUR: "EEE HH:mm", TimeStep.DAY: "EEE, d MMM"}


@blueprint.app_template_filter()
def count(number: int) -> str:
    return str(format_decimal(number))


@blueprint.app_template_filter()
def share(part: float | None) -> str:
    """A part of one in percent, rounded down to a tenth; a dash for a share of nothing."""
    return "–" if part is None else _percent(math.floor(part * 1000 + 1e-9) / 1000)


@blueprint.app_template_filter()
def took(milliseconds: int | None) -> str:
    """A length of time, or a dash."""
    return "–" if milliseconds is None else in_brief(timedelta(milliseconds=milliseconds))


@blueprint.app_template_filter()
def money(amount: Decimal) -> str:
    """US dollars, in cents once there are some."""
    return usd(amount.quantize(_CENT) if amount >= _CENT else amount)


def step_name(start: datetime, step: TimeStep) -> str:
    """When a step of a course over time begins, in the time zone of the house."""
    return str(format_datetime(start, _STEP_FORMATS[step]))


@blueprint.app_template_filter()
def preset_name(preset: Preset) -> str:
    """On the link that leads to it."""
    names = {
        Preset.HOUR: gettext("1 hour"),
        Preset.DAY: gettext("24 hours"),
        Preset.WEEK: gettext("7 days"),
        Preset.MONTH: gettext("30 days"),
    }
    return str(names[preset])


def within(preset: Preset) -> str:
    """The end of a sentence such as `12 photos in the last hour`."""
    ends = {
        Preset.HOUR: gettext("in the last hour"),
        Preset.DAY: gettext("in the last 24 hours"),
        Preset.WEEK: gettext("in the last 7 days"),
        Preset.MONTH: gettext("in the last 30 days"),
    }
    return str(ends[preset])


@blueprint.app_template_filter()
def against(preset: Preset) -> str:
    """What a change is a change against, after its number."""
    ends = {
        Preset.HOUR: gettext("to the hour before"),
        Preset.DAY: gettext("to the 24 hours before"),
        Preset.WEEK: gettext("to the 7 days before"),
        Preset.MONTH: gettext("to the 30 days before"),
    }
    return str(ends[preset])


def change(now: float | None, before: float | None, word: Callable[[float], str]) -> str | None:
    """`now` against `before` with an arrow, the difference put into words; None if there is nothing to compare."""
    if now is None or before is None:
        return None
    arrow = "↑ " if now > before else "↓ " if now < before else ""
    return arrow + word(abs(now - before)) if arrow else str(gettext("no change"))


def relative_change(now: float, before: float) -> str | None:
    """In percent of `before`."""
    if not before:
        return None
    return change(now, before, lambda difference: _percent(round(difference / before, 2)))


def _percent(part: float) -> str:
    return str(format_percent(part, "#,##0.#\N{NO-BREAK SPACE}%" if language() == "ru" else "#,##0.#%"))


def points(difference: float) -> str:
    """Between two shares of one."""
    return str(gettext("%(n)s pp", n=format_decimal(round(difference * 100, 1))))
