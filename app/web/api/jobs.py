"""Jobs and their stories; refused requests where they are asked for."""

from uuid import UUID

from flask import Response, jsonify, request

from app.domain.errors import Reason, Refused
from app.domain.job import JobView, Source
from app.domain.job_log import COUNTED_MAX, ID_PREFIX_MIN, Place, State, Stretch, Wanted
from app.web.api.site import blueprint, whole_argument
from app.web.auth import require_user
from app.web.job_filters import wanted_by
from app.web.representations import event_json, job_json, refusal_json
from app.web.use_cases import services

_PAGE_SIZE = 50
_PAGE_SIZE_MAX = 200
_FILTERS = ("state", "reason", "booth", "source", "from", "to", "id")
_ALLOWED: dict[str, object] = {
    "state": [state.value for state in State],
    "source": [source.value for source in Source],
    "from": "a time with its offset, such as 2026-11-20T17:00:00+03:00",
    "to": "a time with its offset, such as 2026-11-20T17:00:00+03:00",
    "id": f"the first {ID_PREFIX_MIN} hex digits of an id, or more",
    "before": "what `next` says on the page before",
}


@blueprint.get("/jobs")
def jobs() -> Response:
    page, page_size = whole_argument("page", 1, COUNTED_MAX), whole_argument("page_size", _PAGE_SIZE, _PAGE_SIZE_MAX)
    if page * page_size > COUNTED_MAX:
        message = f"page × page_size is at most {COUNTED_MAX}; go on with before={{next}} of an earlier page."
        raise Refused(Reason.INVALID_REQUEST, message)
    found = services().jobs.find(_wanted(), Stretch(_before(), (page - 1) * page_size, page_size), with_refusals=False)
    items = [job_json(entry) if isinstance(entry, JobView) else refusal_json(entry) for entry in found.entries]
    return jsonify(
        {
            "items": items,
            "total": found.total,
            "total_is_exact": found.total_is_exact,
            "page": page,
            "page_size": page_size,
            "next": str(found.next) if found.next else None,
        }
    )


@blueprint.get("/jobs/<uuid:job_id>")
def job(job_id: UUID) -> Response:
    record = services().jobs.record(job_id)
    timeline = [event_json(event) for event in record.events]
    return jsonify({**job_json(record.view), "booth_fields": dict(record.booth_fields), "timeline": timeline})


@blueprint.post("/jobs/<uuid:job_id>/cancel")
def cancel_job(job_id: UUID) -> Response:
    return jsonify(job_json(services().jobs.cancel(job_id, require_user())))


@blueprint.post("/jobs/<uuid:job_id>/rerun")
def rerun_job(job_id: UUID) -> tuple[Response, int]:
    """Send the shot through the slot once more, as the slot is now."""
    queued = services().reruns.start(job_id, require_user())
    return jsonify(job_json(services().jobs.get(queued.id))), 202


def _wanted() -> Wanted:
    arguments = {name: request.args[name] for name in _FILTERS if name in request.args}
    if "slot_id" in request.args:
        arguments["slot"] = request.args["slot_id"]
    wanted, problems = wanted_by(arguments)
    if problems:
        raise _refused(problems)
    return wanted


def _before() -> Place | None:
    if "before" not in request.args:
        return None
    place = Place.parse(request.args["before"])
    if place is None:
        raise _refused(["before"])
    return place


def _refused(names: list[str]) -> Refused:
    allowed = {name: _ALLOWED[name] for name in names}
    return Refused(Reason.INVALID_REQUEST, f"Not understood: {', '.join(names)}.", details={"allowed": allowed})
