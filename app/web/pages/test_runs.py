"""Trying a slot with a photo before saving it; one fragment draws every state and polls itself while waiting."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.domain.errors import Reason, Refused
from app.domain.job import Source
from app.domain.job_log import JobRecord
from app.domain.media import PREVIEW_SIZES
from app.domain.slot import Slot
from app.web.errors import STATUS
from app.web.ingest import as_upload
from app.web.pages import phrases, slot_form
from app.web.pages.labels import field_labels
from app.web.pages.site import answer, blueprint, is_htmx
from app.web.pages.slot_form import SlotForm
from app.web.pages.stories import told
from app.web.use_cases import services

_GRACE = timedelta(seconds=5)  # after its deadline a job that nobody ended had no worker


@blueprint.post("/slots/<slot_id>/test-runs")
def start_test_run(slot_id: str) -> ResponseReturnValue:
    """Run with the form's values where it sends them, saved or not, else with the slot as it is."""
    slot = services().slots.get(slot_id)
    form = slot_form.posted(request.form, services().catalogue) if "provider" in request.form else None
    try:
        job_id = _submit(slot, form)
    except Refused as refused:
        context = _refused(form, refused)
        return answer("test_run.html", "_test_run.html", STATUS[Reason.INVALID_SETTINGS], slot=slot, **context)
    if is_htmx():
        return render_template("_test_run.html", slot=slot, **_state(services().jobs.record(job_id)))
    return redirect(url_for("pages.test_run", slot_id=slot_id, job_id=job_id), 303)


@blueprint.get("/slots/<slot_id>/test-runs/<uuid:job_id>")
def test_run(slot_id: str, job_id: UUID) -> ResponseReturnValue:
    record = _record(slot_id, job_id)
    return answer("test_run.html", "_test_run.html", slot=services().slots.get(slot_id), **_state(record))


@blueprint.get("/slots/<slot_id>/test-runs/<uuid:job_id>/shot")
def test_run_shot(slot_id: str, job_id: UUID) -> Response:
    """The photo that was tried, upright whatever its format, to be laid beside the result."""
    shot = services().results.shot(_record(slot_id, job_id).view.id, PREVIEW_SIZES["large"])
    response = Response(shot, mimetype="image/webp")
    response.headers["Cache-Control"] = "private, max-age=900"
    return response


def _record(slot_id: str, job_id: UUID) -> JobRecord:
    record = services().jobs.record(job_id)
    if record.view.slot_id != slot_id or record.view.source is not Source.TEST:
        raise Refused(Reason.NOT_FOUND, "The slot has no such test run.")
    return record


def _submit(slot: Slot, form: SlotForm | None) -> UUID:
    draft = services().slots.draft(slot.id, form.content(services().catalogue)) if form else slot
    part = request.files.get("file")
    if part is None:
        raise Refused(Reason.INVALID_REQUEST, "There is no photo.")
    return services().ingest.submit(draft, as_upload(part), Source.TEST).id


def _state(record: JobRecord) -> dict[str, Any]:
    job = record.view
    return {
        "job": job,
        "has_shot": record.payload is not None,
        "elapsed": (job.finalized_at or job.read_at) - job.created_at,
        "overdue": not job.is_finalized and job.read_at > job.expires_at + _GRACE,
        "story": told(job, record.events, services().catalogue),
    }


def _refused(form: SlotForm | None, refused: Refused) -> dict[str, Any]:
    """The sentence, and for each refused field its label with what is wrong."""
    problems = form.with_problems(refused).problems if form else {}
    labels = field_labels(form.steps, services().catalogue) if form else {}
    return {
        "refusal": phrases.refusal(refused.reason),
        "problems": [(labels.get(path), sentence) for path, sentence in problems.items()],
    }
