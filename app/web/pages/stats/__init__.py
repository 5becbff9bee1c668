"""How the house does: `/stats`, its tables as files, and a slot counted anew."""

from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app.domain.periods import Preset
from app.web.csv_file import csv_file
from app.web.pages.formats import language
from app.web.pages.site import blueprint, is_htmx, unless_seen
from app.web.pages.stats.question import Question
from app.web.pages.stats.view import View
from app.web.use_cases import services


@blueprint.app_template_filter()
def stats_address(question: Question, endpoint: str = "pages.stats", **values: Any) -> str:
    """Where the answer to `question` is shown, or what else `endpoint` gives of it."""
    return url_for(endpoint, **{**question.address, **values})


@blueprint.get("/stats")
def stats() -> ResponseReturnValue:
    """The page for a browser; for htmx what a choice changes, or the figures alone when they refresh."""
    question = Question.from_address(request.args)
    context = {"view": View.of(question), "presets": list(Preset), "is_fragment": is_htmx()}
    if not is_htmx():
        return render_template("stats.html", **context)
    if request.headers.get("HX-Target") == "figures":
        return unless_seen(render_template("_stats_figures.html", **context))
    return render_template("_stats.html", **context), {"HX-Push-Url": stats_address(question)}


@blueprint.get("/stats/<name>.csv")
def stats_file(name: str) -> ResponseReturnValue:
    """A table of the page with the same address, in the reader's language and as its spreadsheets write numbers."""
    view = View.of(Question.from_address(request.args))
    table = view.tables.get(name)
    if table is None:
        abort(404)
    file = csv_file(table.file_rows(), decimal_comma=language() == "ru")
    told = "-".join(filter(None, ("photochanger", name, view.question.preset.value, view.question.slot_id)))
    headers = {"Content-Disposition": f'attachment; filename="{told}.csv"'}
    return Response(file, mimetype="text/csv", headers=headers)


@blueprint.post("/stats/reset")
def stats_reset() -> ResponseReturnValue:
    """Count a slot from nothing, once somebody has said so twice."""
    slot_id = request.form.get("slot", "")
    services().statistics.reset(slot_id, current_user.id)
    flash(gettext("This slot is counted from now on."))
    return redirect(stats_address(Question.from_address(request.args).but(slot_id=slot_id)), 303)
