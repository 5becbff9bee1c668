"""Jobs and their stories."""

from uuid import UUID

from flask import Response, jsonify, request

from app.web.api.site import blueprint, whole_argument
from app.web.representations import event_json, job_json
from app.web.use_cases import services

_PAGE_SIZE = 50
_PAGE_SIZE_MAX = 200


@blueprint.get("/jobs")
def jobs() -> Response:
    page, page_size = whole_argument("page", 1, 1_000_000), whole_argument("page_size", _PAGE_SIZE, _PAGE_SIZE_MAX)
    found, total = services().jobs.search(slot_id=request.args.get("slot_id"), page=page, page_size=page_size)
    return jsonify({"items": [job_json(job) for job in found], "total": total, "page": page, "page_size": page_size})


@blueprint.get("/jobs/<uuid:job_id>")
def job(job_id: UUID) -> Response:
    found, timeline = services().jobs.with_timeline(job_id)
    return jsonify({**job_json(found), "timeline": [event_json(event) for event in timeline]})
