"""What calls of providers cost, by day and provider."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from flask_babel import gettext

from app.domain.periods import TimeStep
from app.domain.statistics import DayCost, Overview
from app.web.pages.charts import Series
from app.web.pages.stats.names import Names
from app.web.pages.stats.panel import FILLS, REST_FILL, Entry, Panel, Steps
from app.web.pages.stats.tables import Kind
from app.web.pages.stats.words import money, step_name


def costs_panel(overview: Overview, names: Names, days: Sequence[datetime]) -> Panel | None:
    """`days` are those of the period; None where calls cannot be told apart as asked."""
    if overview.costs is None:
        return None
    amounts = _by_provider(overview.costs, days)
    providers = sorted((p for p in amounts if any(amounts[p])), key=lambda p: (-sum(amounts[p]), p))
    told = [Series(names.provider(provider), fill, amounts[provider]) for provider, fill in _filled(providers)]
    steps = Steps(days, TimeStep.DAY)
    return Panel(
        _summary(overview.costs),
        steps.chart(told, lambda amount: money(Decimal(str(amount))), whole=False),
        [Entry(s.label, s.fill, money(sum(amounts[p], Decimal()))) for p, s in zip(providers, told, strict=True)],
        steps.table("costs", gettext("Cost by day and provider"), told, Kind.MONEY),
    )


def _filled(providers: Sequence[str]) -> list[tuple[str, str]]:
    """Each with a fill of its own, those beyond the fifth with the same."""
    return [(provider, FILLS[n] if n < len(FILLS) else REST_FILL) for n, provider in enumerate(providers)]


def _by_provider(costs: Sequence[DayCost], days: Sequence[datetime]) -> Mapping[str, list[Decimal]]:
    """Of each provider what it cost on each of the days."""
    found = {(cost.provider, cost.start): cost.cost_usd for cost in costs}
    return {p: [found.get((p, day), Decimal()) for day in days] for p in sorted({cost.provider for cost in costs})}


def _summary(costs: Sequence[DayCost]) -> str:
    total = sum((cost.cost_usd for cost in costs), Decimal())
    if not total:
        return str(gettext("Nothing was spent."))
    days: dict[datetime, Decimal] = {}
    for cost in costs:
        days[cost.start] = days.get(cost.start, Decimal()) + cost.cost_usd
    dearest = max(days, key=lambda day: days[day])
    return str(
        gettext(
            "%(total)s in all; the most expensive day was %(day)s with %(amount)s.",
            total=money(total),
            day=step_name(dearest, TimeStep.DAY),
            amount=money(days[dearest]),
        )
    )
