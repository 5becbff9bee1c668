"""Tables of slots, booths and providers, the busiest first; their links leave the chosen one alone."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext

from app.domain.statistics import Counts, Overview, ProviderCalls, Spent
from app.web.pages.stats.names import Names, booth_label
from app.web.pages.stats.photos import failed
from app.web.pages.stats.question import Question
from app.web.pages.stats.tables import Column, Kind, Row, Table

_Line = tuple[tuple[Any, ...], Question | None]


def slots_table(overview: Overview, question: Question, names: Names) -> Table:
    """What a slot cost stands there if calls can be told apart as asked."""
    lines: list[_Line] = [
        (
            (names.slot(slot_id), *_of_photos(found.counts), *((found.spent.cost_usd,) if found.spent else ())),
            question.but(slot_id=slot_id),
        )
        for slot_id, found in overview.slots
        if found.counts.photos
    ]
    cost = (Column(gettext("Cost"), Kind.MONEY),) if overview.totals.spent else ()
    return Table("slots", gettext("By slot"), (*_photo_columns(gettext("Slot")), *cost), _rows(lines))


def booths_table(overview: Overview, question: Question) -> Table:
    lines: list[_Line] = [
        ((booth_label(booth), *_of_photos(counts)), question.but(booth=booth) if booth else None)
        for booth, counts in overview.booths
        if counts.photos
    ]
    return Table("booths", gettext("By booth"), _photo_columns(gettext("Booth")), _rows(lines))


def providers_table(calls: Sequence[ProviderCalls], question: Question, names: Names) -> Table:
    """Of calls rather than photos: one photo may have needed several."""
    columns = (
        Column(gettext("Provider and model"), Kind.TEXT),
        Column(gettext("Calls")),
        Column(gettext("Successful"), Kind.SHARE),
        Column(gettext("95 of 100 within"), Kind.TOOK),
        Column(gettext("Failed")),
        Column(gettext("Cost"), Kind.MONEY),
    )
    lines: list[_Line] = [
        ((names.model(c.provider, c.model), *_of_calls(c.spent)), question.but(provider=c.provider)) for c in calls
    ]
    return Table("providers", gettext("By provider and model"), columns, _rows(lines))


def _photo_columns(first: str) -> tuple[Column, ...]:
    return (
        Column(first, Kind.TEXT),
        Column(gettext("Photos")),
        Column(gettext("Successful"), Kind.SHARE),
        Column(gettext("95 of 100 within"), Kind.TOOK),
        Column(gettext("Failed")),
    )


def _of_photos(counts: Counts) -> tuple[Any, ...]:
    return counts.photos, counts.success_share, counts.durations.percentile_ms(0.95), failed(counts)


def _of_calls(spent: Spent) -> tuple[Any, ...]:
    successful = 1 - spent.failed / spent.calls if spent.calls else None
    return spent.calls, successful, spent.durations.percentile_ms(0.95), spent.failed, spent.cost_usd


def _rows(lines: Iterable[_Line]) -> list[Row]:
    """The second cell of each is its number of photos or calls."""
    found = list(lines)
    most = max((cells[1] for cells, _ in found), default=0)
    return [Row(cells, narrower, round(100 * cells[1] / most, 1) if most else 0.0) for cells, narrower in found]
