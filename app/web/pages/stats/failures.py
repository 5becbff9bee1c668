"""What gave no picture over time, by reason: the most frequent ones and the rest."""

from datetime import UTC
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext

from app.domain.job import Source
from app.domain.periods import Period
from app.domain.statistics import Outcome, Overview
from app.web.pages.charts import Series
from app.web.pages.stats.names import ending_label
from app.web.pages.stats.panel import FILLS, REST_FILL, Entry, Panel, Steps
from app.web.pages.stats.question import Question
from app.web.pages.stats.words import count

_LOG_STATES = {Outcome.REFUSED: "refused", Outcome.CANCELLED: "cancelled"}


def failures_panel(overview: Overview, question: Question) -> Panel:
    series = _series(overview)
    steps = Steps([point.start for point in overview.course], overview.step)
    in_all = [sum(values) for values in zip(*(s.values for s in series), strict=True)]
    return Panel(
        _summary(overview),
        steps.chart(series, told=[Series(gettext("Without a picture"), "", in_all)] if series else None),
        _legend(overview, question),
        steps.table("failures", gettext("Failures by reason"), series),
    )


def _series(overview: Overview) -> list[Series]:
    shown = [(outcome, reason) for outcome, reason, _ in overview.endings[: len(FILLS)]]
    series = [
        Series(ending_label(*ending), fill, [point.endings.get(ending, 0) for point in overview.course])
        for ending, fill in zip(shown, FILLS, strict=False)
    ]
    if len(overview.endings) <= len(FILLS):
        return series
    rare = {(outcome, reason) for outcome, reason, _ in overview.endings[len(FILLS) :]}
    rest = [sum(n for ending, n in point.endings.items() if ending in rare) for point in overview.course]
    return [*series, Series(gettext("Other reasons"), REST_FILL, rest)]


def _legend(overview: Overview, question: Question) -> list[Entry]:
    frequent, rare = overview.endings[: len(FILLS)], overview.endings[len(FILLS) :]
    entries = [
        Entry(ending_label(outcome, reason), fill, count(n), _in_the_log(overview.period, question, outcome, reason))
        for (outcome, reason, n), fill in zip(frequent, FILLS, strict=False)
    ]
    if not rare:
        return entries
    return [*entries, Entry(gettext("Other reasons"), REST_FILL, count(sum(n for _, _, n in rare)))]


def _summary(overview: Overview) -> str:
    if not overview.endings:
        return str(gettext("Nothing failed."))
    outcome, reason, n = overview.endings[0]
    total = sum(number for _, _, number in overview.endings)
    return str(
        ngettext(
            "%(total)s request gave no picture; most often: %(reason)s (%(n)s).",
            "%(total)s requests gave no picture; most often: %(reason)s (%(n)s).",
            total,
            total=count(total),
            n=count(n),
            reason=ending_label(outcome, reason),
        )
    )


def _in_the_log(period: Period, question: Question, outcome: Outcome, reason: str) -> str:
    """The address of these very requests in the job log."""
    start, end = (moment.astimezone(UTC).isoformat() for moment in (period.start, period.end))
    wanted: dict[str, Any] = {"state": _LOG_STATES.get(outcome, "failed"), "reason": reason, "from": start, "to": end}
    source = None if question.with_tests else Source.INGEST.value
    return url_for("pages.jobs", slot=question.slot_id, booth=question.booth, source=source, **wanted)
