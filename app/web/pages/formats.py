"""How templates show moments, sizes and texts that come in several languages."""

import hashlib
import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum, auto
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location
from flask_babel import (
    format_currency,
    format_date,
    format_datetime,
    format_decimal,
    get_locale,
    get_timezone,
    gettext,
    ngettext,
    to_user_timezone,
)
from markupsafe import Markup

from app.domain.catalogue import Label
from app.web.pages.site import blueprint

_KIB = 1024
_HOURS_MAX = 72
_CSRF_TOKEN = re.compile(r'(?<=name="csrf_token" value=")[^"]*')


def house_zone() -> ZoneInfo:
    """Where a day begins and ends."""
    return ZoneInfo(str(get_timezone()))  # the library's own object would be off by minutes as a tzinfo


@blueprint.app_template_filter()
def zone_name(zone: ZoneInfo) -> str:
    """The town by which people know it, and how far it is from UTC, unless clocks are changed there."""
    town = get_timezone_location(zone, locale=get_locale(), return_city=True)
    now = datetime.now(zone)
    offset, half_a_year_later = (moment.utcoffset() or timedelta() for moment in (now, now + timedelta(days=182)))
    return f"{town} ({_from_utc(offset)})" if offset == half_a_year_later else town


@blueprint.app_template_filter()
def in_language(label: Label) -> str:
    """A catalogue label in the reader's language."""
    return label.get(str(get_locale())) or label["en"]


@blueprint.app_template_filter()
def moment(when: datetime, style: str = "absolute") -> Markup:
    """The house's time, pointed at: in full. Of a `relative` one static/app.js says how long ago it was, for a day."""
    is_this_year = to_user_timezone(when).year == to_user_timezone(datetime.now(UTC)).year
    text = format_datetime(when, "d MMM, HH:mm" if is_this_year else "d MMM yyyy, HH:mm")
    html = Markup('<time datetime="{}" data-moment="{}" title="{}">{}</time>')
    return html.format(when.isoformat(), style, format_datetime(when, "d MMMM yyyy, HH:mm:ss"), text)


@blueprint.app_template_filter()
def day(when: datetime) -> str:
    """The day on which it is, in the house."""
    return str(format_date(when, "d MMMM yyyy"))


@blueprint.app_template_filter()
def clock(when: datetime) -> str:
    """Hours and minutes in the house."""
    return str(format_datetime(when, "HH:mm"))


@blueprint.app_template_global()
def budget_day_ends() -> str:
    """When the day of the budgets ends, at midnight UTC, by the house's clock."""
    return clock(datetime.now(UTC).replace(hour=0, minute=0) + timedelta(days=1))


@blueprint.app_template_filter()
def size(size_bytes: int) -> str:
    """Bytes as people read them."""
    if size_bytes < _KIB**2:
        return str(gettext("%(n)s KB", n=format_decimal(math.ceil(size_bytes / _KIB))))
    if size_bytes < _KIB**3:
        return str(gettext("%(n)s MB", n=format_decimal(round(size_bytes / _KIB**2, 1))))
    return str(gettext("%(n)s GB", n=format_decimal(round(size_bytes / _KIB**3, 1))))


@blueprint.app_template_filter()
def usd(amount: Decimal) -> str:
    """US dollars, with as many digits as a price of a few cents needs."""
    pattern = "#,##0.00## ¤" if language() == "ru" else "¤#,##0.00##"
    return str(format_currency(amount, "USD", pattern, currency_digits=False))


@blueprint.app_template_filter()
def plain_number(amount: Decimal) -> str:
    """As people type it into a field."""
    return str(format_decimal(amount, "0.######"))


@blueprint.app_template_filter()
def seconds(duration: timedelta) -> str:
    return str(format_decimal(round(duration.total_seconds(), 1)))


@blueprint.app_template_filter()
def in_brief(duration: timedelta) -> str:
    """Seconds, or milliseconds within the first one."""
    if duration < timedelta(seconds=1):
        return str(gettext("%(n)s ms", n=round(duration.total_seconds() * 1000)))
    return str(gettext("%(n)s s", n=seconds(duration)))


class TimeUnit(StrEnum):
    DAYS = auto()
    HOURS = auto()
    MINUTES = auto()


def whole(left: timedelta) -> tuple[int, TimeUnit]:
    """As people are told it, never more than there is: hours up to 72 of them, days beyond, minutes in the last one.

    Of less than a minute there are 0.
    """
    minutes = max(0, int(left.total_seconds() // 60))
    hours = minutes // 60
    if hours > _HOURS_MAX:
        return hours // 24, TimeUnit.DAYS
    return (hours, TimeUnit.HOURS) if hours else (minutes, TimeUnit.MINUTES)


@blueprint.app_template_filter()
def time_left(duration: timedelta) -> str:
    """As `41 h left`."""
    number, unit = whole(duration)
    if not number:
        return str(gettext("less than a minute left"))
    if unit is TimeUnit.DAYS:
        return str(ngettext("%(num)s day left", "%(num)s days left", number))
    return str(gettext("%(n)s h left", n=number) if unit is TimeUnit.HOURS else gettext("%(n)s min left", n=number))


def _from_utc(offset: timedelta) -> str:
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"UTC{'−' if offset < timedelta() else '+'}{hours}" + (f":{minutes:02}" if minutes else "")


@blueprint.app_template_filter()
def digest(html: str) -> str:
    """Tells two renderings of the same part apart, by more than the tokens of its forms: those differ each second."""
    return hashlib.sha256(_CSRF_TOKEN.sub("", html).encode()).hexdigest()[:16]


@blueprint.app_template_global()
def language() -> str:
    """The code of the language that this page is in."""
    return str(get_locale())
