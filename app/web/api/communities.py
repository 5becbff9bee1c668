"""Communities of VK: connected, changed, examined, their Callback set up, and disconnected."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify

from app.domain.vk.callback_state import CallbackState
from app.domain.vk.community import Community
from app.domain.vk.diagnosis import Diagnosis, TokenReport
from app.web.api.arguments import page_of
from app.web.api.site import blueprint, json_object
from app.web.auth import require_user
from app.web.representations import secret_json
from app.web.use_cases import services


@blueprint.get("/communities")
def communities() -> Response:
    """By name."""
    return page_of([_brief(community) for community in services().communities.all()])


@blueprint.post("/communities")
def add_community() -> tuple[Response, int]:
    return jsonify(_whole(services().communities.add(json_object(), require_user()))), 201


@blueprint.get("/communities/<uuid:community_id>")
def community(community_id: UUID) -> Response:
    return jsonify(_whole(services().communities.find(community_id)))


@blueprint.put("/communities/<uuid:community_id>")
def change_community(community_id: UUID) -> Response:
    return jsonify(_whole(services().communities.change(community_id, json_object(), require_user())))


@blueprint.delete("/communities/<uuid:community_id>")
def remove_community(community_id: UUID) -> tuple[str, int]:
    """Our Callback server goes from VK too, if VK lets it."""
    services().callback_setup.take_down(services().communities.find(community_id))
    services().communities.remove(community_id, require_user())
    return "", 204


@blueprint.post("/communities/<uuid:community_id>/check")
def check_community(community_id: UUID) -> Response:
    return jsonify(_diagnosis(services().token_doctor.examine(community_id)))


@blueprint.get("/communities/<uuid:community_id>/callback")
def community_callback(community_id: UUID) -> Response:
    """As VK tells."""
    return jsonify(_callback(services().callback_setup.state(community_id)))


@blueprint.post("/communities/<uuid:community_id>/callback")
def set_up_community_callback(community_id: UUID) -> Response:
    return jsonify(_callback(services().callback_setup.set_up(community_id, require_user())))


def _brief(community: Community) -> dict[str, Any]:
    return {
        "id": str(community.id),
        "group_id": community.group_id,
        "name": community.name,
        "screen_name": community.screen_name,
        "url": community.url,
        "photo_url": community.photo_url,
        "late_policy": community.late_policy.value,
        "confirmation_code": community.confirmation_code,
        "has_callback": community.callback_server_id is not None,
        "version": community.version,
        "created_by": community.created_by,
        "created_at": community.created_at.isoformat(),
    }


def _whole(community: Community) -> dict[str, Any]:
    secrets = services().communities.secrets(community.id).fields
    return {**_brief(community), **{name.value: secret_json(view) for name, view in secrets.items()}}


def _diagnosis(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "checked_at": diagnosis.checked_at.isoformat(),
        "can_publish": diagnosis.is_fit,
        "user_token": _report(diagnosis.user),
        "community_token": _report(diagnosis.community),
    }


def _report(report: TokenReport) -> dict[str, Any]:
    return {
        "owner": report.owner,
        "role": report.role,
        "rights": list(report.rights),
        "is_lasting": report.is_lasting,
        "findings": [
            {"code": found.ailment.value, "is_grave": found.is_grave, "details": dict(found.details)}
            for found in report.findings
        ],
    }


def _callback(state: CallbackState) -> dict[str, Any]:
    return {
        "works": state.works,
        "url": state.address or None,
        "trouble": state.trouble.value if state.trouble else None,
        "details": dict(state.details),
    }
