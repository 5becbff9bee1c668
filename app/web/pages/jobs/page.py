"""One job: what has become of it, where its time went, and what can still be done about it."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.errors import FaultKind, Reason, Refused
from app.domain.job import JobView
from app.domain.job_log import JobRecord
from app.logs import without_secrets
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.pages.alerts import current_alerts
from app.web.pages.formats import usd
from app.web.pages.jobs.support import support_text
from app.web.pages.jobs.timeline import timeline
from app.web.pages.phrases import refusal
from app.web.pages.site import blueprint, is_htmx, unless_seen
from app.web.pages.stats.names import Names
from app.web.use_cases import services

_PARTS = {"now": "_job_now.html", "actions": "_job_actions.html", "facts": "_job_facts.html"}


@blueprint.get("/jobs/<uuid:job_id>")
def job(job_id: UUID) -> ResponseReturnValue:
    record = services().jobs.record(job_id)
    part = _PARTS.get(request.args.get("part", ""))
    if part and is_htmx():
        return unless_seen(render_template(part, **_context(record)))
    return _page(record)


@blueprint.post("/jobs/<uuid:job_id>/cancel")
def cancel_job(job_id: UUID) -> ResponseReturnValue:
    try:
        services().jobs.cancel(job_id, require_user())
    except Refused as refused:
        return _refused(job_id, refused)
    return redirect(url_for("pages.job", job_id=job_id), 303)


@blueprint.post("/jobs/<uuid:job_id>/rerun")
def rerun_job(job_id: UUID) -> ResponseReturnValue:
    """The shot goes through the slot once more; its new job is what one wants to see then."""
    try:
        queued = services().reruns.start(job_id, require_user())
    except Refused as refused:
        return _refused(job_id, refused)
    return redirect(url_for("pages.job", job_id=queued.id), 303)


def _refused(job_id: UUID, refused: Refused) -> ResponseReturnValue:
    """The page says why it cannot be done, if there is such a job at all."""
    if refused.reason is Reason.NOT_FOUND:
        raise refused
    return _page(services().jobs.record(job_id), refusal=_sentence(refused.reason)), STATUS[refused.reason]


def _sentence(reason: Reason) -> str:
    sentences = {
        Reason.JOB_FINISHED: gettext("This job has ended already."),
        Reason.PAYLOAD_EXPIRED: gettext("The shot has been deleted, so it cannot be run again."),
    }
    return str(sentences.get(reason) or refusal(reason))


def _page(record: JobRecord, **more: Any) -> str:
    return render_template("job.html", **_context(record), **more)


def _context(record: JobRecord) -> dict[str, Any]:
    return {
        "record": record,
        "job": record.view,
        "timeline": timeline(record, services().catalogue),
        "is_without_key": _is_without_key(record.view),
        "names": Names.of(services().slots.all(), services().catalogue),
        "rerun_price": _price(record.view.slot_id),
        "support": support_text(record),
        "booth_fields": {name: without_secrets(name, value) for name, value in record.booth_fields.items()},
    }


def _is_without_key(job: JobView) -> bool:
    """Whether it failed for want of a key that its provider does not have yet."""
    if job.failure is None or job.failure.code != FaultKind.NOT_CONFIGURED:
        return False
    return any(alert.leaves_without_key and alert.provider == job.provider for alert in current_alerts())


def _price(slot_id: str) -> str:
    """What running the shot again would cost, in a sentence."""
    first, *others = services().reruns.prices(slot_id)
    if not first and not any(others):
        return str(gettext("It costs nothing: this slot’s providers are free."))
    if not any(others):
        return str(gettext("It costs about %(price)s.", price=usd(first)))
    most = usd(first + sum(others))
    return str(gettext("It costs about %(price)s, with all fallbacks up to %(most)s.", price=usd(first), most=most))
