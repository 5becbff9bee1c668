"""What guests are told: how long photos stay, and why there is none."""

from datetime import datetime, timedelta

from flask_babel import format_datetime, gettext, ngettext

from app.domain.errors import Reason
from app.domain.photo import KEPT_HOURS
from app.domain.share_link import Audience, ShareLink
from app.services.settings.values import RESULT_RETENTION
from app.web.guests.site import blueprint
from app.web.pages.formats import TimeUnit, whole
from app.web.use_cases import services

_AFTERWARDS = {Audience.ALL: timedelta(0), Audience.OWN: timedelta(hours=KEPT_HOURS)}


@blueprint.app_template_filter()
def stays_for(duration: timedelta) -> str:
    """As `41 hours`."""
    number, unit = whole(duration)
    if not number:
        return str(gettext("minute at most"))
    if unit is TimeUnit.DAYS:
        return str(ngettext("%(num)s day", "%(num)s days", number))
    if unit is TimeUnit.HOURS:
        return str(ngettext("%(num)s hour", "%(num)s hours", number))
    return str(ngettext("%(num)s minute", "%(num)s minutes", number))


@blueprint.app_template_filter()
def title_of(link: ShareLink) -> str:
    """What the photos behind the link are called."""
    own = gettext("Your photos") if link.audience is Audience.OWN else gettext("All photos")
    return link.name or (link.event.name if link.event else "") or str(own)


@blueprint.app_template_filter()
def until(when: datetime) -> str:
    """Day and minute by the house's clock, on one line."""
    return str(format_datetime(when, "d MMMM, HH:mm")).replace(" ", "\N{NO-BREAK SPACE}")


@blueprint.app_template_global()
def kept_for() -> str:
    """How long a photo stays that is finished now, as `72 hours`."""
    return stays_for(_retention())


@blueprint.app_template_global()
def is_over(link: ShareLink) -> bool:
    """Whether nothing can come any more: the event has ended, and where guests see their own, none of it is kept."""
    return link.event is not None and link.event.ends_at + _AFTERWARDS[link.audience] <= link.read_at


@blueprint.app_template_global()
def empty_texts(link: ShareLink, has_photos: bool) -> tuple[str, str]:
    """Title and advice for when nothing is left behind the link, which `has_photos` now or has none."""
    kept = _retention()
    if is_over(link):
        return gettext("The event is over"), gettext(
            "There are no photos here now: each is kept for %(time)s. Perhaps the photographer has a copy.",
            time=stays_for(kept),
        )
    if link.audience is Audience.OWN:
        advice = gettext("Scan the code on your printed photo with this phone, then come back.")
        return gettext("Here you will find your own photos"), advice
    if has_photos or _age(link) > kept:
        return gettext("No photos at the moment"), gettext(
            "Each is kept for %(time)s, then it is deleted. New ones will appear here by themselves.",
            time=stays_for(kept),
        )
    return gettext("No photos yet"), gettext("They will appear here by themselves. Smile at the photo booth!")


@blueprint.app_template_global()
def guest_error_texts(code: str, status: int) -> tuple[str, str]:
    """Title and advice of an error page for guests, who know of no slots and no log."""
    texts = {
        Reason.RESULT_EXPIRED: (
            gettext("The time of this photo is over"),
            gettext("Photos are kept for a few days only, then they are deleted. Perhaps the photographer has a copy."),
        ),
        Reason.RESULT_WITHDRAWN: (
            gettext("This photo was taken down"),
            gettext("The photographer has removed it from view. If you miss it, ask at the photo booth."),
        ),
        Reason.LINK_CLOSED: (
            gettext("This gallery is closed"),
            gettext("Its time is over, or the photographer has closed it. A code on a print still opens that photo."),
        ),
        Reason.TOO_MANY_ATTEMPTS: (
            gettext("Too many attempts"),
            gettext("Wait a few minutes, then open the link again."),
        ),
        Reason.ARCHIVES_BUSY: (
            gettext("Many are downloading now"),
            gettext("Try again in a minute."),
        ),
        Reason.ARCHIVE_TOO_LARGE: (
            gettext("Too many photos for one file"),
            gettext("Save the ones that you like one by one."),
        ),
    }
    return texts.get(code) or _by_status(status)  # type: ignore[call-overload]


def _retention() -> timedelta:
    return timedelta(hours=services().settings.read()[RESULT_RETENTION].value)


def _age(link: ShareLink) -> timedelta:
    """For how long photos may have come: after more than they are kept for some may have gone."""
    first = max(link.created_at, link.event.starts_at) if link.event else link.created_at
    return link.read_at - first


def _by_status(status: int) -> tuple[str, str]:
    if status in (404, 405):
        return gettext("There is no such page"), gettext("The link may be old, or mistyped. Scan the code once more.")
    if status == 503:
        return gettext("One moment, please"), gettext("The server is catching its breath. Try again in a few seconds.")
    return gettext("Something went wrong"), gettext("Try again in a minute.")
