"""Jobs and their stories; refused requests where they are asked for."""

from collections.abc import Mapping
from uuid import UUID

from flask import Response, jsonify, request

from app.domain.errors import Refused
from app.domain.job import JobView, Source
from app.domain.job_log import COUNTED_MAX, ID_PREFIX_MIN, Place, State, Stretch, Wanted
from app.web.api.arguments import bad_argument, bad_arguments, collection, paging
from app.web.api.site import blueprint
from app.web.auth import require_user
from app.web.job_filters import wanted_by
from app.web.representations import event_json, job_json, refusal_json
from app.web.use_cases import services

_FILTERS = ("state", "reason", "booth", "source", "from", "to", "id")
_TIME = {"format": "a time with its offset, such as 2026-11-20T17:00:00+03:00"}
_ALLOWED: dict[str, Mapping[str, object]] = {
    "state": {"options": [state.value for state in State]},
    "source": {"options": [source.value for source in Source]},
    "from": _TIME,
    "to": _TIME,
    "id": {"format": f"the first {ID_PREFIX_MIN} hex digits of an id, or more"},
    "before": {"format": "what `next` says on the page before"},
}


@blueprint.get("/jobs")
def jobs() -> Response:
    page, page_size = paging(COUNTED_MAX)
    if page * page_size > COUNTED_MAX:
        deepest = COUNTED_MAX // page_size
        raise bad_argument("page", f"at most {deepest}; go on with before={{next}}", minimum=1, maximum=deepest)
    found = services().jobs.find(_wanted(), Stretch(_before(), (page - 1) * page_size, page_size), with_refusals=False)
    items = [job_json(entry) if isinstance(entry, JobView) else refusal_json(entry) for entry in found.entries]
    onward = str(found.next) if found.next else None
    return collection(items, found.total, page, page_size, total_is_exact=found.total_is_exact, next=onward)


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
    return bad_arguments(f"Not understood: {', '.join(names)}.", {name: _ALLOWED[name] for name in names})
