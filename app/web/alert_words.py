"""Alerts in words: for the pages, and for people whom only a message reaches."""

import gettext as catalogues
from collections.abc import Callable
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from app.domain.alerts import Alert, AlertKind, Lack, Severity, Trouble
from app.domain.catalogue import Catalogue
from app.domain.errors import FaultKind
from app.ports.alerts import Event, Notice
from app.web.fault_words import Say, fault_sentence

_TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"
_MESSAGE_MAX = 600
_SLOTS_NAMED = 5


def subject(alert: Alert, catalogue: Catalogue, language: str) -> str:
    """Whose trouble it is, such as `Gemini (Google) · gemini-3-pro-image`; empty where it is no provider's."""
    spec = catalogue.provider(alert.provider)
    label = (spec.label.get(language) or spec.label["en"]) if spec else alert.provider
    return " · ".join(part for part in (label, alert.model) if part)


def sentence(alert: Alert, gettext: Say, day_ends: str = "00:00 UTC") -> str:
    """What is wrong. `day_ends` is when the day of the budgets ends, as the reader's clock shows it."""
    if isinstance(alert.kind, FaultKind):
        return fault_sentence(alert.kind, gettext)
    if alert.kind is Lack.PUBLIC_ADDRESS and alert.provider:
        return gettext("It fetches images from this server, which has no public address.")
    if isinstance(alert.kind, Lack):
        return _lacks(gettext)[alert.kind]
    return _of_budget(alert, gettext, day_ends) or _troubles(gettext)[alert.kind]


def remedy(alert: Alert, gettext: Say) -> str:
    """What an administrator can do about it; empty where there is nothing but to wait."""
    if alert.kind in (Trouble.BUDGET_SPENT, Trouble.BUDGET_LOW) and not alert.provider:
        return gettext("Raise it in the slot.")
    remedies: dict[AlertKind, str] = {
        Lack.KEY: gettext("Enter it in the settings."),
        Lack.READABLE_KEY: gettext("Enter it again in the settings."),
        Lack.PUBLIC_ADDRESS: gettext("Set PUBLIC_BASE_URL."),
        Lack.TEMPLATE: gettext("Choose another one there."),
        Lack.COPY_STORAGE: gettext("Say in the settings where to."),
        Trouble.NO_WORKER: gettext("Start queue_worker.py on the server."),
        Trouble.QUEUE_STUCK: gettext("Restart queue_worker.py on the server."),
        Trouble.DISK_FULL: gettext("Free some space, or keep finished pictures for a shorter time."),
        Trouble.DISK_LOW: gettext("Free some space, or keep finished pictures for a shorter time."),
        Trouble.CLEANUP_STALE: gettext("Start cleanup.py on the server."),
        Trouble.BUDGET_SPENT: gettext("Raise it in the settings."),
        Trouble.BUDGET_LOW: gettext("Raise it in the settings."),
        Trouble.COPIES_FAILING: gettext("Try the studio’s storage in the settings."),
        Trouble.COPIES_LOST: gettext("Try the studio’s storage in the settings."),
        Trouble.NO_TRACKER: gettext("Start post_tracker.py on the server."),
        Trouble.POST_FAILED: gettext("The post says why; mend that, or look at the wall, and try it again."),
        Trouble.POST_NEEDS_PERSON: gettext("Do what the post’s page says, or publish it by hand."),
        Trouble.COMMUNITY_REFUSED: gettext("Enter a new token in the community’s settings, then try its posts again."),
        Trouble.UPLOADS_FAILING: gettext("Check the tokens on the community’s page. They go as soon as VK takes them."),
        Trouble.UPLOADS_LOST: gettext("The photos’ pages say why. Send those that are still there once more."),
        Trouble.POST_LATE: gettext("Decide on the community’s page “Posts” whether it is still to appear."),
        Trouble.WRONG_PASSWORD: gettext("Type the ingest password into it again."),
        FaultKind.KEY_REFUSED: gettext("Check the key in the settings."),
        FaultKind.REGION_REFUSED: gettext("Enter a proxy in the settings."),
        FaultKind.MODEL_GONE: gettext("Choose another one in the slot."),
        FaultKind.QUOTA_EXHAUSTED: gettext("Wait for the next one, or ask for a larger one there."),
        FaultKind.ACCOUNT_EMPTY: gettext("Top up the account there."),
        FaultKind.BAD_ARGUMENT: gettext("Check the settings of the slot."),
        FaultKind.TLS: gettext("Check the address and the proxy in the settings."),
        FaultKind.NOT_CONFIGURED: gettext("Check its connection in the settings and the images of the slot."),
    }
    return remedies.get(alert.kind, "")


def _lacks(gettext: Say) -> dict[Lack, str]:
    return {
        Lack.KEY: gettext("There is no key."),
        Lack.READABLE_KEY: gettext("What is stored cannot be decrypted."),
        Lack.PUBLIC_ADDRESS: gettext("This server has no public address, so QR codes are not printed."),
        Lack.TEMPLATE: gettext("An image that the slot uses was deleted."),
        Lack.COPY_STORAGE: gettext("Finished pictures are to be copied, and nobody has said where to."),
    }


def _of_budget(alert: Alert, gettext: Say, day_ends: str) -> str:
    if alert.kind is Trouble.BUDGET_SPENT and alert.provider:
        return gettext(
            "Its budget for the day is spent: until %(time)s photos go to the next step of their slot.", time=day_ends
        )
    if alert.kind is Trouble.BUDGET_SPENT:
        return gettext("The slot’s budget for the day is spent: until %(time)s only free steps run.", time=day_ends)
    if alert.kind is Trouble.BUDGET_LOW and alert.provider:
        return gettext("Its budget for the day is nearly spent.")
    return ""


def _troubles(gettext: Say) -> dict[AlertKind, str]:
    return {
        Trouble.NO_WORKER: gettext("No worker is running: photos wait until their time is over."),
        Trouble.QUEUE_STUCK: gettext("Photos are waiting, and the worker takes none."),
        Trouble.DISK_FULL: gettext("The disk for photos is nearly full: soon no shot can be taken in."),
        Trouble.DISK_LOW: gettext("The disk for photos is filling up."),
        Trouble.CLEANUP_STALE: gettext("Nothing was cleaned up for 45 minutes: expired pictures stay on the disk."),
        Trouble.BUDGET_LOW: gettext("The slot’s budget for the day is nearly spent."),
        Trouble.COPIES_FAILING: gettext(
            "Finished pictures wait to be copied to the studio’s storage. What expires first will be missing there."
        ),
        Trouble.COPIES_LOST: gettext("Finished pictures were not copied to the studio’s storage before they expired."),
        Trouble.NO_TRACKER: gettext("Nothing is published to VK or read from it: the post tracker is not running."),
        Trouble.POST_FAILED: gettext("A post has not come to its community’s wall, or may not have."),
        Trouble.POST_NEEDS_PERSON: gettext("VK publishes a post only after a person has confirmed it."),
        Trouble.COMMUNITY_REFUSED: gettext("VK no longer lets this house publish to a community."),
        Trouble.POST_LATE: gettext("The time of a post passed while nothing could publish it."),
        Trouble.UPLOADS_FAILING: gettext("Photos do not come to an album of a community."),
        Trouble.UPLOADS_LOST: gettext("Photos have not come to an album of a community, and are not tried any more."),
        Trouble.WRONG_PASSWORD: gettext("A booth keeps sending a wrong password, and gets no pictures."),
    }


class TelegramWords:
    """Implements ports.AlertWords. `base_url`: where the pages are, None if nobody knows."""

    def __init__(self, catalogue: Catalogue, base_url: str | None) -> None:
        self._catalogue = catalogue
        self._base_url = base_url

    def text(self, notice: Notice, language: str) -> str:
        gettext = _translator(language)
        lines = self._lines(notice, notice.alert, language, gettext) if notice.alert else [_greeting(gettext)]
        return "\n".join([*lines, *([escape(self._base_url, quote=False)] if self._base_url else [])])

    def _lines(self, notice: Notice, alert: Alert, language: str, gettext: Say) -> list[str]:
        title = subject(alert, self._catalogue, language) or "PhotoChanger"
        lines = [f"{_sign(notice, alert)} <b>{_plain(title)}</b>", _plain(_story(notice, alert, gettext))]
        if alert.message and notice.event is not Event.ENDED:
            lines.append(f"<i>{_plain(alert.message)}</i>")
        return [*lines, _plain(_slots(alert, gettext))] if alert.slots else lines


def _story(notice: Notice, alert: Alert, gettext: Say) -> str:
    what = sentence(alert, gettext)
    if notice.event is Event.ENDED:
        return gettext("Over after %(time)s: %(what)s", time=_lasted(notice, gettext), what=what)
    advised = f"{what} {remedy(alert, gettext)}".rstrip()
    if notice.event is Event.REMINDED:
        return gettext("Still so after %(time)s: %(what)s", time=_lasted(notice, gettext), what=advised)
    return advised


def _greeting(gettext: Say) -> str:
    return "🔔 " + _plain(gettext("A test: alerts of PhotoChanger will come here."))


def _sign(notice: Notice, alert: Alert) -> str:
    if notice.event is Event.ENDED:
        return "✅"
    return "🔴" if alert.severity is Severity.BAD else "⚠️"


def _slots(alert: Alert, gettext: Say) -> str:
    names = ", ".join(slot.name for slot in alert.slots[:_SLOTS_NAMED])
    more = len(alert.slots) - _SLOTS_NAMED
    listed = [names, gettext("and %(n)s more", n=more)] if more > 0 else [names]
    return gettext("Slots: %(names)s", names=" ".join(listed))


def _lasted(notice: Notice, gettext: Say) -> str:
    since: datetime = notice.raised_at or notice.at
    minutes = max(1, round((notice.at - since).total_seconds() / 60))
    return gettext("%(n)s h", n=round(minutes / 60)) if minutes >= 120 else gettext("%(n)s min", n=minutes)


def _plain(text: str) -> str:
    """Text as HTML, no longer than a message has room for."""
    return escape(text if len(text) <= _MESSAGE_MAX else f"{text[: _MESSAGE_MAX - 1]}…", quote=False)


@cache
def _translator(language: str) -> Say:
    """The pages' own translations, outside of any request."""
    lookup: Callable[[str], str] = catalogues.translation("messages", _TRANSLATIONS, [language], fallback=True).gettext

    def say(text: str, **values: Any) -> str:
        return lookup(text) % values if values else lookup(text)

    return say
