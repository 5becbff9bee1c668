"""The settings page: the booths' password, the window, how long results are kept, and cleaning up now."""

from collections.abc import Mapping
from typing import Any

from flask import flash, get_flashed_messages, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.domain.deadlines import BOOTH_TIMEOUT_MARGIN, RESULT_RETENTION_HOURS_RANGE, SYNC_RESPONSE_RANGE
from app.domain.errors import Reason, Refused
from app.ports.settings import SettingView
from app.services.settings.values import INGEST_PASSWORD_LENGTH
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.pages.phrases import problem
from app.web.pages.providers import CHANGED, all_cards
from app.web.pages.site import answer, blueprint, is_htmx
from app.web.use_cases import services

_NUMBERS = ("sync_response_seconds", "result_retention_hours")
_PASSWORD = "ingest_password"  # noqa: S105 - the name of a field


@blueprint.get("/settings")
def settings() -> ResponseReturnValue:
    purge_id = request.args.get("purge", "")
    purge = services().retention.find(int(purge_id)) if purge_id.isdecimal() and len(purge_id) < 10 else None
    return render_template("settings.html", **_context(services().settings.read(), {}), **_beside(), purge=purge)


@blueprint.post("/settings")
def save_settings() -> ResponseReturnValue:
    current = services().settings.read()
    typed = {name: request.form.get(name, "").strip() for name in _NUMBERS}
    try:
        services().settings.change(_changes(current, typed), require_user())
    except Refused as refused:
        if refused.reason is not Reason.INVALID_SETTINGS:
            raise
        context = _context(current, typed, refused.details["fields"])
        beside = {} if is_htmx() else _beside()
        return answer("settings.html", "_settings_form.html", STATUS[refused.reason], **context, **beside)
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


def _beside() -> dict[str, Any]:
    """What the page shows beside the form."""
    changed = [str(provider_id) for provider_id in get_flashed_messages(category_filter=[CHANGED])]
    return {"cards": all_cards(request.args.get("provider"), changed[0] if changed else None)}


def _changes(current: Mapping[str, SettingView], typed: Mapping[str, str]) -> dict[str, Any]:
    """Only what differs, so that each value keeps the name of who really changed it."""
    numbers = {name: int(text) if text.isdecimal() and len(text) < 10 else text for name, text in typed.items()}
    changes: dict[str, Any] = {name: value for name, value in numbers.items() if value != current[name].value}
    password = request.form.get(_PASSWORD, "")
    return {**changes, _PASSWORD: password} if password else changes


def _context(
    current: Mapping[str, SettingView],
    typed: Mapping[str, str],
    refused: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    problems = {name: problem(why) for name, why in (refused or {}).items()}
    return {
        "settings": current,
        "values": {name: typed.get(name, current[name].value) for name in _NUMBERS},
        "problems": problems,
        "first_problem": next(iter(problems), None),
        "window_range": SYNC_RESPONSE_RANGE,
        "retention_range": RESULT_RETENTION_HOURS_RANGE,
        "password_length": INGEST_PASSWORD_LENGTH,
        "margin": BOOTH_TIMEOUT_MARGIN,
        "window": services().settings.sync_response_seconds(),
    }
