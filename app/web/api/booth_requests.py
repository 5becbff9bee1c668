"""What the booths of a slot really sent."""

from typing import Any

from flask import Response

from app.domain.booth_request import BoothRequest
from app.web.api.arguments import page_of
from app.web.api.site import blueprint
from app.web.use_cases import services


@blueprint.get("/slots/<slot_id>/requests")
def booth_requests(slot_id: str) -> Response:
    """The newest requests, secrets masked."""
    services().slots.get(slot_id)
    return page_of([_json(request) for request in services().booth_requests.latest(slot_id)])


def _json(request: BoothRequest) -> dict[str, Any]:
    return {
        "at": request.at.isoformat() if request.at else None,
        "status": request.status,
        "code": request.code or None,
        "job_id": str(request.job_id) if request.job_id else None,
        "client": request.client,
        "method": request.method,
        "path": request.path,
        "query": [{"name": name, "value": value} for name, value in request.query],
        "headers": [{"name": name, "value": value} for name, value in request.headers],
        "parts": [
            {
                "name": part.name,
                "value": None if part.is_file else part.value,
                "filename": part.filename if part.is_file else None,
                "content_type": part.content_type if part.is_file else None,
                "size_bytes": part.size_bytes,
            }
            for part in request.parts
        ],
        "seconds": request.seconds,
    }
