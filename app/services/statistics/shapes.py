"""What the counters found, in the shapes that pages and tables want."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from app.domain.statistics import (
    Counts,
    DayCost,
    Figures,
    Line,
    Outcome,
    Point,
    ProviderCalls,
    Spent,
    all_calls,
    all_photos,
)
from app.ports.statistics import Key


def total(counts: Mapping[Key, Counts], spent: Mapping[Key, Spent] | None) -> Figures:
    return Figures(all_photos(counts.values()), all_calls(spent.values()) if spent is not None else None)


def lines(counts: Mapping[Key, Counts], spent: Mapping[Key, Spent] | None) -> list[Line]:
    """One for each key that either knows; `spent` is None where calls cannot be told apart like photos."""
    if spent is None:
        return [Line(key, Figures(found, None)) for key, found in counts.items()]
    keys = {**dict.fromkeys(counts), **dict.fromkeys(spent)}
    return [Line(key, Figures(counts.get(key, Counts()), spent.get(key, Spent()))) for key in keys]


def course(starts: Iterable[datetime], by_step_and_reason: Mapping[Key, Counts]) -> list[Point]:
    """A point for each of `starts`."""
    of_step: dict[object, dict[Key, Counts]] = defaultdict(dict)
    for (start, reason), counts in by_step_and_reason.items():
        of_step[start][(reason,)] = counts
    return [Point(start, all_photos(of_step[start].values()), _by_ending(of_step[start])) for start in starts]


def endings(by_step_and_reason: Mapping[Key, Counts]) -> list[tuple[Outcome, str, int]]:
    """What was no success, the most frequent first."""
    found = [(*ending, number) for ending, number in _by_ending(by_step_and_reason).items()]
    failed = [ending for ending in found if ending[0] is not Outcome.SUCCESS]
    return sorted(failed, key=lambda ending: (-ending[2], ending))


def calls_by_model(by_day_provider_model: Mapping[Key, Spent]) -> list[ProviderCalls]:
    """The most called first."""
    found: dict[tuple[str, str], list[Spent]] = defaultdict(list)
    for (_, provider, model), spent in by_day_provider_model.items():
        found[str(provider), str(model)].append(spent)
    calls = [ProviderCalls(*names, all_calls(spent)) for names, spent in found.items()]
    return sorted(calls, key=lambda c: (-c.spent.calls, c.provider, c.model))


def costs_by_day(by_day_provider_model: Mapping[Key, Spent]) -> list[DayCost]:
    costs: dict[tuple[datetime, str], Decimal] = defaultdict(Decimal)
    for (start, provider, _), spent in by_day_provider_model.items():
        if isinstance(start, datetime):
            costs[start, str(provider)] += spent.cost_usd
    return [DayCost(start, provider, cost) for (start, provider), cost in sorted(costs.items())]


def most_photos(counts: Mapping[Key, Counts]) -> list[tuple[str, Counts]]:
    """Of a grouping by one column, the largest first."""
    named = [(str(key[0]), found) for key, found in counts.items()]
    return sorted(named, key=lambda item: (-item[1].requests, item[0]))


def with_cost(slots: Iterable[tuple[str, Counts]], spent: Mapping[Key, Spent] | None) -> list[tuple[str, Figures]]:
    return [(slot, Figures(counts, None if spent is None else spent.get((slot,), Spent()))) for slot, counts in slots]


def _by_ending(by_reason: Mapping[Key, Counts]) -> Mapping[tuple[Outcome, str], int]:
    """The reason is the key's last part."""
    found: Counter[tuple[Outcome, str]] = Counter()
    for (*_, reason), counts in by_reason.items():
        for outcome in Outcome:
            found[outcome, str(reason)] += getattr(counts, outcome.value)
    return +found
