"""The order of a table of statistics, and its pages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.statistics import Figures, Line

_OF_FIGURES: Mapping[str, Callable[[Figures], Any]] = {
    "photos": lambda f: f.counts.photos,
    "success": lambda f: f.counts.success,
    "timeout": lambda f: f.counts.timeout,
    "provider_error": lambda f: f.counts.provider_error,
    "cancelled": lambda f: f.counts.cancelled,
    "refused": lambda f: f.counts.refused,
    "success_share": lambda f: f.counts.success_share,
    "p50_ms": lambda f: f.counts.durations.percentile_ms(0.5),
    "p95_ms": lambda f: f.counts.durations.percentile_ms(0.95),
    "mean_ms": lambda f: f.counts.durations.mean_ms,
    "calls": lambda f: f.spent and f.spent.calls,
    "cost_usd": lambda f: f.spent and f.spent.cost_usd,
}
SORT_COLUMNS = ("key", *_OF_FIGURES)


@dataclass(frozen=True, slots=True)
class TableOrder:
    """How the lines of a table are sorted and paged; `column` is one of SORT_COLUMNS.

    Lines without a value come last either way.
    """

    column: str = "key"
    is_descending: bool = False
    page: int = 1
    page_size: int = 100

    def sorted(self, lines: Iterable[Line]) -> list[Line]:
        by_key = sorted(lines, key=lambda line: line.key, reverse=self.is_descending and self.column == "key")
        if self.column == "key":
            return by_key
        valued = [(_OF_FIGURES[self.column](line.figures), line) for line in by_key]
        known = [pair for pair in valued if pair[0] is not None]
        unknown = [line for value, line in valued if value is None]
        return [line for _, line in sorted(known, key=lambda p: p[0], reverse=self.is_descending)] + unknown

    def page_of(self, lines: Sequence[Line]) -> Sequence[Line]:
        return lines[(self.page - 1) * self.page_size :][: self.page_size]
