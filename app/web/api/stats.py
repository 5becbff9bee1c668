"""Statistics as tables, and a slot's begun anew."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask import Response, jsonify, request

from app.domain.errors import Refused
from app.domain.job import Source
from app.domain.periods import Bounds, TimeStep
from app.domain.statistics import By, Dimension, Figures, Line, Outcome, Selection
from app.domain.text import is_storable
from app.services.statistics.tables import SORT_COLUMNS, TableOrder
from app.web.api.arguments import bad_argument, paging
from app.web.api.site import blueprint
from app.web.auth import require_user
from app.web.use_cases import services

_GROUPINGS: dict[str, By] = {by.value: by for by in (TimeStep.HOUR, TimeStep.DAY, *Dimension)}
_GROUPINGS_MAX = 2

Choice = TypeVar("Choice", bound=StrEnum)


@blueprint.get("/stats/global")
def global_stats() -> Response:
    """Of all slots, or of the requests of no slot too; resetting a slot takes nothing away here."""
    return _stats(None)


@blueprint.get("/stats/<slot_id>")
def slot_stats(slot_id: str) -> Response:
    """Of one slot since its statistics were last reset."""
    return _stats(slot_id)


@blueprint.post("/slots/<slot_id>/reset_stats")
def reset_stats(slot_id: str) -> Response:
    epoch = services().statistics.reset(slot_id, require_user())
    since = epoch.reset_at.isoformat() if epoch.reset_at else None
    return jsonify({"slot_id": slot_id, "stats_since": since, "totals": figures_json(Figures())})


def _stats(slot_id: str | None) -> Response:
    by, order, selection = _group_by(), _order(), _selection(slot_id)
    bounds = Bounds(_moment("from"), _moment("to"))
    zone = services().settings.time_zone()
    table = services().statistics.breakdown(bounds, selection, zone, [_GROUPINGS[name] for name in by], order)
    return jsonify(
        {
            "from": table.period.start.isoformat(),
            "to": table.period.end.isoformat(),
            "stats_since": table.since.isoformat() if table.since else None,
            "totals": figures_json(table.totals),
            "previous": figures_json(table.previous) if table.previous else None,
            "group_by": by,
            "items": [{"key": _key_json(by, line), **figures_json(line.figures)} for line in table.lines],
            "total": table.total,
            "page": order.page,
            "page_size": order.page_size,
        }
    )


def figures_json(figures: Figures) -> dict[str, Any]:
    """Money is in US dollars; what is unknown, or of nothing, is null."""
    counts, durations, spent = figures.counts, figures.counts.durations, figures.spent
    return {
        "photos": counts.photos,
        **{outcome.value: getattr(counts, outcome.value) for outcome in Outcome},
        "success_share": counts.success_share,
        "p50_ms": durations.percentile_ms(0.5),
        "p95_ms": durations.percentile_ms(0.95),
        "mean_ms": durations.mean_ms,
        "calls": spent.calls if spent else None,
        "cost_usd": float(spent.cost_usd) if spent else None,
    }


def _key_json(names: Iterable[str], line: Line) -> dict[str, str]:
    values = (value.isoformat() if isinstance(value, datetime) else value for value in line.key)
    return dict(zip(names, values, strict=True))


def _group_by() -> list[str]:
    names = request.args.get("group_by", "hour").split(",")
    if not set(names) <= set(_GROUPINGS) or not len(set(names)) == len(names) <= _GROUPINGS_MAX:
        raise _refused("group_by", "one or two different names, with a comma between them", _GROUPINGS)
    return names


def _order() -> TableOrder:
    text = request.args.get("sort", "key")
    column = text.removeprefix("-")
    if column not in SORT_COLUMNS:
        raise _refused("sort", "one of the columns, with - before it for the largest first", SORT_COLUMNS)
    page, page_size = paging()
    return TableOrder(
        column,
        is_descending=text.startswith("-"),
        page=page,
        page_size=page_size,
    )


def _selection(slot_id: str | None) -> Selection:
    sources = [_choice("source", Source, name) for name in request.args.get("source", "ingest").split(",")]
    outcome = request.args.get("outcome")
    return Selection(
        slot_id=slot_id,
        sources=frozenset(sources),
        outcome=_choice("outcome", Outcome, outcome) if outcome is not None else None,
        **{name: _text(name) for name in ("provider", "model", "booth", "reason")},
    )


def _text(argument: str) -> str | None:
    text = request.args.get(argument)
    if text is not None and not is_storable(text):
        raise bad_argument(argument, "text without NUL", format="text without NUL")
    return text


def _choice(argument: str, options: type[Choice], name: str) -> Choice:
    try:
        return options(name)
    except ValueError:
        raise _refused(argument, "one of these", [option.value for option in options]) from None


def _moment(argument: str) -> datetime | None:
    text = request.args.get(argument)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        shape = "a time with an offset, such as 2026-11-20T18:00:00+03:00, with + sent as %2B"
        raise bad_argument(argument, shape, format=shape)
    return moment


def _refused(argument: str, rule: str, options: Iterable[str]) -> Refused:
    return bad_argument(argument, rule, options=list(options))
