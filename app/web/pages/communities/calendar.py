"""The calendar of a community: what stands on its wall, and what is to come, by the house's days."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext

from app.domain.vk.community import Community
from app.domain.vk.posts import WallPost
from app.web.pages.communities.frame import community_page, opened
from app.web.pages.communities.posts import PostRow, moment_of, rows_of
from app.web.pages.formats import house_zone
from app.web.pages.site import blueprint
from app.web.use_cases import services

_YEARS = range(2000, 2100)
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Day:
    """`is_outside`: it belongs to the month before or after."""

    date: date
    entries: Sequence[PostRow | WallPost]
    is_today: bool
    is_past: bool
    is_outside: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """`view` is `month` or `week`; `before` and `after` are days of the pages beside it."""

    view: str
    title: str
    day: date
    today: date
    days: Sequence[Day]
    before: date
    after: date

    @property
    def weeks(self) -> list[Sequence[Day]]:
        return [self.days[start : start + _WEEK] for start in range(0, len(self.days), _WEEK)]

    @property
    def is_empty(self) -> bool:
        return not any(day.entries for day in self.days)


@blueprint.get("/communities/<uuid:community_id>/calendar")
def community_calendar(community_id: UUID) -> ResponseReturnValue:
    """`day` is any of those to be seen; what cannot be understood is today."""
    community, zone = opened(community_id), house_zone()
    today = datetime.now(zone).date()
    view = "week" if request.args.get("view") == "week" else "month"
    return community_page(
        "community_calendar.html", community, calendar=_calendar(community, view, _day(today), today, zone)
    )


def _calendar(community: Community, view: str, day: date, today: date, zone: ZoneInfo) -> Calendar:
    first, end = _span(view, day)
    entries = _entries(community, first, end, zone)
    dates = [first + timedelta(days=n) for n in range((end - first).days)]
    days = [
        Day(one, entries.get(one, ()), one == today, one < today, view == "month" and one.month != day.month)
        for one in dates
    ]
    before, after = _beside(view, day)
    return Calendar(view, _title(view, day, first), day, today, days, before, after)


def _span(view: str, day: date) -> tuple[date, date]:
    """Whole weeks from Monday on, and the day after them."""
    first = day if view == "week" else day.replace(day=1)
    monday = first - timedelta(days=first.weekday())
    if view == "week":
        return monday, monday + timedelta(days=_WEEK)
    last = _next_month(day) - timedelta(days=1)
    return monday, last + timedelta(days=_WEEK - last.weekday())


def _beside(view: str, day: date) -> tuple[date, date]:
    if view == "week":
        return day - timedelta(days=_WEEK), day + timedelta(days=_WEEK)
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1), _next_month(day)


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _entries(
    community: Community, first: date, end: date, zone: ZoneInfo
) -> Mapping[date, Sequence[PostRow | WallPost]]:
    """By the house's days, each in the order of its times."""
    start, stop = (datetime.combine(day, time(), zone) for day in (first, end))
    ours: list[PostRow | WallPost] = [*rows_of(community.id, services().posts.planned(community.id, start, stop))]
    found: dict[date, list[PostRow | WallPost]] = defaultdict(list)
    for entry in sorted([*ours, *services().posts.on_wall(community.id, start, stop)], key=moment_of):
        found[moment_of(entry).astimezone(zone).date()].append(entry)
    return found


def _title(view: str, day: date, first: date) -> str:
    if view == "month":
        return str(format_date(day, "LLLL y")).capitalize()
    last = first + timedelta(days=_WEEK - 1)
    start = format_date(first, "d" if first.month == last.month else "d MMMM")
    return str(gettext("%(first)s – %(last)s", first=start, last=format_date(last, "d MMMM y")))


def _day(today: date) -> date:
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return today
    return day if day.year in _YEARS else today
