"""Every shot that came, newest first, refused ones too; what is looked for stands in the address."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.domain.job_log import LogPage, Place, Stretch
from app.web.job_filters import FILTERS, wanted_by
from app.web.pages.formats import house_zone
from app.web.pages.jobs.choices import reason_choices, source_choices, state_choices
from app.web.pages.site import blueprint, is_htmx, unless_seen
from app.web.pages.stats.names import Names
from app.web.use_cases import services

_PAGE_SIZE = 50
_PERIOD = ("from", "to")
_NOTHING = LogPage([], 0, True, None)


@blueprint.get("/jobs")
def jobs() -> ResponseReturnValue:
    asked: dict[str, Any] = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    wanted, problems = wanted_by(asked, house_zone())
    before = Place.parse(request.args.get("before", ""))
    page = _NOTHING if problems else services().jobs.find(wanted, Stretch(before, 0, _PAGE_SIZE))
    part: dict[str, Any] = {
        "page": page,
        "is_first": before is None,
        "asked": asked,
        "wanted": wanted,
        "names": Names.of(services().slots.all(), services().catalogue),
        "here": url_for("pages.jobs", **asked),
        "older": url_for("pages.jobs", **asked, before=str(page.next)) if page.next else None,
    }
    if is_htmx():
        return unless_seen(render_template("_jobs.html", **part))
    return render_template("jobs.html", **part, **_form(asked, problems, part["names"]))


def _form(asked: Mapping[str, Any], problems: list[str], names: Names) -> dict[str, Any]:
    """What the filters offer; a period that another page's link asks for stays until it is taken back."""
    states, reasons, sources = state_choices(), reason_choices(), source_choices()
    why = {code: text for kind in reasons.values() for code, text in kind.items()}
    words = {**names.slots, **states, **why, **sources}
    return {
        "problems": problems,
        "chosen": [words.get(value, value) for name, value in asked.items() if name not in _PERIOD],
        "states": states,
        "reasons": reasons,
        "sources": sources,
        "booths": services().jobs.booths(),
        "without_period": url_for("pages.jobs", **{k: v for k, v in asked.items() if k not in _PERIOD}),
    }
