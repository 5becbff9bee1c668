"""What the gallery can be narrowed to, each choice with the number of photos that it would show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import format_date, format_decimal, gettext

from app.web.pages.formats import house_zone
from app.web.pages.gallery.look import Look
from app.web.pages.site import blueprint
from app.web.pages.stats.names import Names
from app.web.use_cases import services

_EVENTS_MAX = 100

Choices = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Filters:
    """Texts by value, for the lists to choose from."""

    slots: Choices
    events: Choices
    days: Choices
    booths: Choices

    @classmethod
    def of(cls, look: Look, names: Names) -> "Filters":
        """One statement for each list; each counts what would be left if another of it were chosen."""
        gallery = services().gallery
        events, _ = services().events.page(1, _EVENTS_MAX)
        slots = {slot: _counted(names.slot(slot), n) for slot, n in gallery.slots(look.without("slot").wanted)}
        asked = str(look.asked.get("slot", ""))
        if asked in names.slots:
            slots.setdefault(asked, _counted(names.slot(asked), 0))
        return cls(
            slots=slots,
            events={str(event.id): f"{event.name} · {day_title(event.starts_at)}" for event in events},
            days={day.isoformat(): _counted(day_title(day), n) for day, n in gallery.days(look.without("day").wanted)},
            booths={booth: _counted(booth, n) for booth, n in gallery.booths(look.without("booth").wanted)},
        )

    def chosen(self, asked: Mapping[str, Any]) -> list[str]:
        """What is chosen in the lists, in words."""
        lists = {"slot": self.slots, "event": self.events, "day": self.days, "booth": self.booths}
        return [lists[name].get(value, value) for name, value in asked.items() if name in lists]


@blueprint.app_template_filter()
def day_title(day: date | datetime) -> str:
    """Today and yesterday are called so; a moment is told by its day in the house."""
    zone = house_zone()
    day = day.astimezone(zone).date() if isinstance(day, datetime) else day
    today = datetime.now(zone).date()
    names = {today: gettext("today"), today - timedelta(days=1): gettext("yesterday")}
    told = format_date(day, "d MMMM" if day.year == today.year else "d MMMM yyyy")
    return f"{told}, {names.get(day) or format_date(day, 'EEEE')}"


def _counted(text: str, photos: int) -> str:
    return f"{text} · {format_decimal(photos)}"
