"""Events: named stretches of time, by which photos are found and shared together."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, jsonify

from app.domain.events import Event
from app.web.api.arguments import collection, paging
from app.web.api.site import blueprint, json_object
from app.web.auth import require_user
from app.web.use_cases import services


@blueprint.get("/events")
def events() -> Response:
    """Those that began last first."""
    page, page_size = paging()
    found, total = services().events.page(page, page_size)
    return collection([_event(event) for event in found], total, page, page_size)


@blueprint.post("/events")
def create_event() -> tuple[Response, int]:
    return jsonify(_event(services().events.create(_wanted(json_object()), require_user()))), 201


@blueprint.get("/events/<uuid:event_id>")
def event(event_id: UUID) -> Response:
    return jsonify(_event(services().events.find(event_id)))


@blueprint.put("/events/<uuid:event_id>")
def change_event(event_id: UUID) -> Response:
    return jsonify(_event(services().events.change(event_id, _wanted(json_object()), require_user())))


@blueprint.delete("/events/<uuid:event_id>")
def remove_event(event_id: UUID) -> tuple[str, int]:
    services().events.remove(event_id, require_user())
    return "", 204


def _wanted(body: Mapping[str, Any]) -> dict[str, Any]:
    """With the times as moments; what is none stays as it is, to be refused by its name."""
    return {name: _moment(value) if name in ("starts_at", "ends_at") else value for name, value in body.items()}


def _moment(value: Any) -> Any:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "name": event.name,
        "starts_at": event.starts_at.isoformat(),
        "ends_at": event.ends_at.isoformat(),
        "slot_ids": sorted(event.slot_ids),
        "created_by": event.created_by,
        "created_at": event.created_at.isoformat(),
    }
