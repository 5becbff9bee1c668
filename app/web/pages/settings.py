"""The settings page: the window, how long results are kept, where the house is, and cleaning up now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import flash, get_flashed_messages, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.deadlines import BOOTH_TIMEOUT_MARGIN, RESULT_RETENTION_HOURS_RANGE, SYNC_RESPONSE_RANGE
from app.domain.errors import Reason, Refused
from app.domain.zones import time_zones
from app.ports.settings import SettingView
from app.services.settings.values import DEFAULTS, TIME_ZONE
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.pages import ingest_password, tokens
from app.web.pages.phrases import problem
from app.web.pages.providers import CHANGED, all_cards
from app.web.pages.site import answer, blueprint, is_htmx
from app.web.use_cases import services

_REGIONS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific", "UTC")


@dataclass(frozen=True, slots=True)
class _Edit:
    """A form as it was sent; `conflicts` are sentences by field that somebody else has changed meanwhile."""

    changes: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)


@blueprint.get("/settings")
def settings() -> ResponseReturnValue:
    purge_id = request.args.get("purge", "")
    purge = services().retention.find(int(purge_id)) if purge_id.isdecimal() and len(purge_id) < 10 else None
    current = services().settings.read()
    return render_template("settings.html", **_context(current, {}), **_beside(current), purge=purge)


@blueprint.post("/settings")
def save_settings() -> ResponseReturnValue:
    current = services().settings.read()
    edit = _posted(current)
    if edit.conflicts:
        return _refused(current, edit.typed, edit.conflicts, STATUS[Reason.VERSION_CONFLICT])
    try:
        services().settings.change(edit.changes, require_user())
    except Refused as refused:
        if refused.reason is not Reason.INVALID_SETTINGS:
            raise
        problems = {name: problem(why) for name, why in refused.details["fields"].items()}
        return _refused(current, edit.typed, problems, STATUS[refused.reason])
    if is_htmx():
        return render_template("_settings_form.html", **_context(services().settings.read(), {}), saved=True)
    flash("saved")
    return redirect(url_for("pages.settings"), 303)


@blueprint.post("/settings/purges")
def start_purge() -> ResponseReturnValue:
    purge = services().retention.request(require_user())
    if is_htmx():
        return render_template("_purge.html", purge=purge)
    return redirect(url_for("pages.settings", purge=purge.id, _anchor="purge"), 303)


@blueprint.get("/settings/purges/<int:purge_id>")
def purge_state(purge_id: int) -> ResponseReturnValue:
    """The purge's fragment, which polls itself until it is done."""
    purge = services().retention.find(purge_id)
    if purge is None:
        raise Refused(Reason.NOT_FOUND, "There is no such purge.")
    return render_template("_purge.html", purge=purge)


def _refused(
    current: Mapping[str, SettingView], typed: Mapping[str, str], problems: Mapping[str, str], status: int
) -> ResponseReturnValue:
    beside = {} if is_htmx() else _beside(current)
    return answer("settings.html", "_settings_form.html", status, **_context(current, typed, problems), **beside)


def _beside(current: Mapping[str, SettingView]) -> dict[str, Any]:
    """What the page shows beside the form."""
    changed = [str(provider_id) for provider_id in get_flashed_messages(category_filter=[CHANGED])]
    return {
        "cards": all_cards(request.args.get("provider"), changed[0] if changed else None),
        "password_card": ingest_password.card(current),
        "tokens_card": tokens.card(),
    }


def _posted(current: Mapping[str, SettingView]) -> _Edit:
    """Only what was really edited, so that each value keeps the name of who changed it, and nobody's work is undone."""
    edit = _Edit()
    for name, now in _shown(current).items():
        seen = request.form.get(f"seen.{name}", now)
        text = request.form.get(name, seen).strip()
        if text in (seen, now):
            continue
        edit.typed[name] = text
        edit.changes[name] = int(text) if name != TIME_ZONE and text.isdecimal() and len(text) < 10 else text
        if seen != now:
            edit.conflicts[name] = gettext(
                "%(who)s has made it %(value)s meanwhile. Save again to put yours in its place.",
                who=current[name].updated_by or "—",
                value=now,
            )
    return edit


def _shown(current: Mapping[str, SettingView]) -> dict[str, str]:
    return {name: str(current[name].value) for name in DEFAULTS}


def _context(
    current: Mapping[str, SettingView], typed: Mapping[str, str], problems: Mapping[str, str] | None = None
) -> dict[str, Any]:
    house = services().settings
    return {
        "settings": current,
        "shown": _shown(current),
        "values": {**_shown(current), **typed},
        "problems": problems or {},
        "focus": next(iter(problems or {}), None),
        "window_range": SYNC_RESPONSE_RANGE,
        "retention_range": RESULT_RETENTION_HOURS_RANGE,
        "zones": sorted(zone for zone in time_zones() if zone.partition("/")[0] in _REGIONS),
        "now": datetime.now(UTC),
        "margin": BOOTH_TIMEOUT_MARGIN,
        "window": house.sync_response_seconds(),
    }
