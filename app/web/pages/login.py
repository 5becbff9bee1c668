"""Coming in, going out, and the language of everything."""

import math

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user, login_user, logout_user

from app.domain.errors import Reason, Refused
from app.web.auth import User, client_address
from app.web.errors import STATUS
from app.web.languages import LANGUAGES
from app.web.pages.site import blueprint, safe_next
from app.web.use_cases import services


@blueprint.get("/login")
def login() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next")))
    return render_template("login.html")


@blueprint.post("/login")
def log_in() -> ResponseReturnValue:
    username = "".join(c for c in request.form.get("username", "") if c.isprintable()).strip()
    try:
        user = services().access.log_in(username, request.form.get("password", ""), client_address())
    except Refused as refusal:
        page = render_template("login.html", username=username, problem=_problem(refusal))
        return page, STATUS[refusal.reason], _retry_after(refusal)
    _begin_session()
    login_user(User(user, services().access.session_epoch(user)))
    return redirect(safe_next(request.args.get("next")), 303)


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    services().access.end_sessions(current_user.id)
    logout_user()
    _begin_session()
    return redirect(url_for("pages.login"), 303)


@blueprint.post("/language")
def choose_language() -> ResponseReturnValue:
    language = request.form.get("language")
    if language in LANGUAGES:
        session["language"] = language
        session.permanent = True
    return redirect(safe_next(request.form.get("next")), 303)


def _begin_session() -> None:
    """Nothing that was in the cookie before survives, but the language."""
    language = session.get("language")
    session.clear()
    session.permanent = True
    if language:
        session["language"] = language


def _problem(refusal: Refused) -> str:
    if refusal.reason is not Reason.TOO_MANY_ATTEMPTS:
        return str(gettext("The user name or the password is wrong."))
    minutes = max(1, math.ceil((refusal.retry_after or 0) / 60))
    return str(
        ngettext(
            "Too many attempts. Try again in %(num)s minute.",
            "Too many attempts. Try again in %(num)s minutes.",
            minutes,
        )
    )


def _retry_after(refusal: Refused) -> dict[str, str]:
    return {"Retry-After": str(math.ceil(refusal.retry_after))} if refusal.retry_after else {}
