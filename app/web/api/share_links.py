"""Links by which guests come to photos: listed with their addresses, given out, prolonged, revoked."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify, request

from app.domain.share_link import ShareLink
from app.web.api.arguments import bad_argument, collection, paging
from app.web.api.site import blueprint, json_object
from app.web.auth import require_user
from app.web.links import gallery_url, wall_url
from app.web.representations import time_json
from app.web.use_cases import services


@blueprint.get("/share-links")
def share_links() -> Response:
    """Open ones first, the newest of them; of one `slot` or `event` where one is named."""
    page, page_size = paging()
    found, total = services().share_links.page(
        page, page_size, slot_id=request.args.get("slot"), event_id=_uuid_argument("event")
    )
    return collection([_link(link) for link in found], total, page, page_size)


@blueprint.post("/share-links")
def create_share_link() -> tuple[Response, int]:
    return jsonify(_link(services().share_links.create(json_object(), require_user()))), 201


@blueprint.get("/share-links/<uuid:link_id>")
def share_link(link_id: UUID) -> Response:
    return jsonify(_link(services().share_links.find(link_id)))


@blueprint.post("/share-links/<uuid:link_id>/revoke")
def revoke_share_link(link_id: UUID) -> Response:
    return jsonify(_link(services().share_links.revoke(link_id, require_user())))


@blueprint.post("/share-links/<uuid:link_id>/prolong")
def prolong_share_link(link_id: UUID) -> Response:
    days = json_object().get("expires_in_days")
    return jsonify(_link(services().share_links.prolong(link_id, days, require_user())))


def _uuid_argument(name: str) -> UUID | None:
    text = request.args.get(name)
    try:
        return UUID(text) if text is not None else None
    except ValueError:
        raise bad_argument(name, "an id as it was given", format="uuid") from None


def _link(link: ShareLink) -> dict[str, Any]:
    return {
        "id": str(link.id),
        "name": link.name,
        "slot_id": link.slot_id,
        "event_id": str(link.event.id) if link.event else None,
        "audience": link.audience.value,
        "allows_archive": link.allows_archive,
        "has_password": link.has_password,
        "is_open": link.is_open,
        "url": gallery_url(link),
        "wall_url": wall_url(link),
        "created_by": link.created_by,
        "created_at": link.created_at.isoformat(),
        "expires_at": link.expires_at.isoformat(),
        "revoked_by": link.revoked_by,
        "revoked_at": time_json(link.revoked_at),
        "last_opened_at": time_json(link.last_opened_at),
    }
