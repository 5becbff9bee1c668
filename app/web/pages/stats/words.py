"""Figures as people read them: never a share of nothing, and no share of 100 % while something failed."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from flask_babel import format_datetime, format_decimal, format_percent, gettext

from app.domain.periods import Preset, TimeStep
from app.web.pages.formats import in_brief, language, usd
from app.web.pages.site import blueprint

_CENT = Decimal("0.01")
_NO_BREAK = "\N{NO-BREAK SPACE}"
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
    """A length of time on one line, or a dash."""
    return "–" if milliseconds is None else in_brief(timedelta(milliseconds=milliseconds)).replace(" ", _NO_BREAK)


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


def _against(preset: Preset) -> str:
    """What a change is a change against, after its number."""
    ends = {
        Preset.HOUR: gettext("to the hour before"),
        Preset.DAY: gettext("to the 24 hours before"),
        Preset.WEEK: gettext("to the 7 days before"),
        Preset.MONTH: gettext("to the 30 days before"),
    }
    return str(ends[preset])


@dataclass(frozen=True, slots=True)
class Comparison:
    """Words how something has changed since the period before `preset`; None where that cannot be said."""

    preset: Preset

    def told(self, now: float | None, before: float | None, word: Callable[[float], str]) -> str | None:
        """The difference, made words by `word`, behind an arrow."""
        if now is None or before is None:
            return None
        if now == before:
            return str(gettext("no change"))
        return f"{'↑' if now > before else '↓'} {word(abs(now - before))} {_against(self.preset)}"

    def in_percent(self, now: float, before: float) -> str | None:
        """The difference in percent of what was before."""
        return self.told(round(now / before - 1, 2), 0.0, _percent) if before else None

    def in_seconds(self, now: int | None, before: int | None) -> str | None:
        """The difference of two times in milliseconds, in tenths of a second."""
        now_s, before_s = (None if ms is None else round(ms / 1000, 1) for ms in (now, before))
        return self.told(now_s, before_s, _seconds)

    def in_points(self, now: float | None, before: float | None) -> str | None:
        """The difference of two shares of one, in tenths of a percentage point."""
        now, before = (None if part is None else round(part, 3) for part in (now, before))
        return self.told(now, before, _points)


def _percent(part: float) -> str:
    return str(format_percent(part, f"#,##0.#{_NO_BREAK}%" if language() == "ru" else "#,##0.#%"))


def _seconds(difference: float) -> str:
    return str(gettext("%(n)s s", n=format_decimal(round(difference, 1)))).replace(" ", _NO_BREAK)


def _points(difference: float) -> str:
    return str(gettext("%(n)s pp", n=format_decimal(round(difference * 100, 1))))
