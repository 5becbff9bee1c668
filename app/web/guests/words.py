"""What guests are told: how long photos stay, and why there is none."""

from datetime import datetime, timedelta

from flask_babel import format_datetime, gettext, ngettext

from app.domain.errors import Reason
from app.domain.share_link import Audience, ShareLink
from app.web.guests.site import blueprint
from app.web.pages.formats import TimeUnit, whole


@blueprint.app_template_filter()
def stays_for(duration: timedelta) -> str:
    """As `41 hours`."""
    number, unit = whole(duration)
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


def _by_status(status: int) -> tuple[str, str]:
    if status in (404, 405):
        return gettext("There is no such page"), gettext("The link may be old, or mistyped. Scan the code once more.")
    if status == 503:
        return gettext("One moment, please"), gettext("The server is catching its breath. Try again in a few seconds.")
    return gettext("Something went wrong"), gettext("Try again in a minute.")
