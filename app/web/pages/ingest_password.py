"""The booths' password on the settings page: a new one, the time of grace of the old one, and removing it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import flash, get_flashed_messages, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.errors import Reason, Refused
from app.ports.settings import INGEST_PASSWORD_KEY, SettingView
from app.services.settings.rotation import Rotation
from app.services.settings.values import GRACE, GRACE_HOURS_DEFAULT, INGEST_PASSWORD_LENGTH
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.pages.phrases import problem
from app.web.pages.site import answer, blueprint, is_htmx
from app.web.use_cases import services

_DONE = "ingest_password"


@dataclass(frozen=True, slots=True)
class PasswordCard:
    """What the card shows. `problems` are sentences by field, `done` says what was just done."""

    view: SettingView
    rotation: Rotation | None
    grace: str = str(GRACE_HOURS_DEFAULT)
    problems: Mapping[str, str] = field(default_factory=dict)
    done: str = ""

    @property
    def focus(self) -> str | None:
        return next(iter(self.problems), None)

    @property
    def seen(self) -> str:
        """Tells whether somebody has changed the password since the card was drawn."""
        return self.view.updated_at.isoformat() if self.view.updated_at else ""

    @property
    def longest(self) -> int:
        return INGEST_PASSWORD_LENGTH[1]

    @property
    def graces(self) -> dict[str, str]:
        return {
            "0": gettext("not at all"),
            "1": gettext("1 hour"),
            "24": gettext("24 hours"),
            "168": gettext("7 days"),
        }


def card(settings: Mapping[str, SettingView]) -> PasswordCard:
    """For the page that shows these settings."""
    done = get_flashed_messages(category_filter=[_DONE])
    return _card(settings=settings, done=str(done[0]) if done else "")


@blueprint.post("/settings/ingest-password")
def change_ingest_password() -> ResponseReturnValue:
    """Blank leaves it as it is; so does a password that somebody else has replaced since the page was drawn."""
    password, hours = request.form.get(INGEST_PASSWORD_KEY, ""), request.form.get(GRACE, "")
    current = _card()
    if password and request.form.get("seen", current.seen) != current.seen:
        sentence = gettext(
            "%(who)s has changed the password meanwhile. Enter yours again to put it in its place.",
            who=current.view.updated_by or "—",
        )
        return _answer(_card({INGEST_PASSWORD_KEY: sentence}, grace=hours), STATUS[Reason.VERSION_CONFLICT])
    changes = {INGEST_PASSWORD_KEY: password, GRACE: int(hours) if hours.isdecimal() and len(hours) < 6 else hours}
    return _changed(changes if password else {}, gettext("Saved"), hours)


@blueprint.post("/settings/ingest-password/end")
def end_previous_password() -> ResponseReturnValue:
    return _changed({GRACE: 0}, gettext("The old password is not accepted any more."))


@blueprint.post("/settings/ingest-password/remove")
def remove_ingest_password() -> ResponseReturnValue:
    return _changed({INGEST_PASSWORD_KEY: None}, gettext("Removed"))


def _changed(changes: Mapping[str, object], done: str, grace: str = "") -> ResponseReturnValue:
    try:
        services().settings.change(changes, require_user())
    except Refused as refused:
        if refused.reason is not Reason.INVALID_SETTINGS:
            raise
        problems = {name: problem(why, request.form.get(name)) for name, why in refused.details["fields"].items()}
        return _answer(_card(problems, grace=grace), STATUS[refused.reason])
    if is_htmx():
        return _answer(_card(done=done))
    flash(done, _DONE)
    return redirect(url_for("pages.settings", _anchor="ingest-password"), 303)


def _card(
    problems: Mapping[str, str] | None = None,
    *,
    settings: Mapping[str, SettingView] | None = None,
    grace: str = "",
    done: str = "",
) -> PasswordCard:
    house = services().settings
    return PasswordCard(
        (settings or house.read())[INGEST_PASSWORD_KEY],
        house.rotation(),
        grace or str(GRACE_HOURS_DEFAULT),
        problems or {},
        done,
    )


def _answer(shown: PasswordCard, status: int = 200) -> ResponseReturnValue:
    context = {"title": gettext("Ingest password"), "anchor": "ingest-password", "password_card": shown}
    return answer("settings_part.html", "_ingest_password.html", status, **context)
