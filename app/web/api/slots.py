"""Slots: reading them, changing one, trying one."""

from typing import Any

from flask import Response, jsonify, request

from app.domain.errors import Reason, Refused
from app.domain.job import Source
from app.services.slots import SlotContent
from app.web.api.site import WHOLE_MAX, blueprint, image_part, json_object, parsed_object, whole
from app.web.auth import require_user
from app.web.representations import job_json, slot_json
from app.web.use_cases import services


@blueprint.get("/slots")
def slots() -> Response:
    items = [slot_json(slot) for slot in services().slots.all()]
    return jsonify({"items": items, "total": len(items)})


@blueprint.get("/slots/<slot_id>")
def slot(slot_id: str) -> Response:
    found = services().slots.get(slot_id)
    response = jsonify(slot_json(found))
    response.set_etag(str(found.version))
    return response


@blueprint.put("/slots/<slot_id>")
def change_slot(slot_id: str) -> Response:
    """Replace what `GET` gave; a field left out stays as it is. `version` or If-Match says what it was based on."""
    body = json_object()
    content = slot_content(slot_id, body)
    saved = services().slots.change(slot_id, content, _expected_version(body), require_user())
    response = jsonify(slot_json(saved))
    response.set_etag(str(saved.version))
    return response


@blueprint.post("/slots/<slot_id>/test-run")
def test_run(slot_id: str) -> tuple[Response, int]:
    """Try the slot with a photo, as stored, or as the JSON in the form's part `slot` says."""
    upload = image_part()
    draft = services().slots.draft(slot_id, slot_content(slot_id, _slot_part()))
    job = services().ingest.submit(draft, upload, Source.TEST)
    return jsonify(job_json(services().jobs.get(job.id))), 202


def slot_content(slot_id: str, body: dict[str, Any]) -> SlotContent:
    """`body` over the slot as stored, output and policy field by field; raises Refused for names of no slot."""
    current = slot_json(services().slots.get(slot_id))
    unknown = sorted(set(body) - set(current))
    if unknown:
        raise Refused(
            Reason.INVALID_SETTINGS,
            "Some fields are unknown.",
            details={"fields": {name: {"code": "unknown_field", "allowed": sorted(current)} for name in unknown}},
        )
    merged = {**current, **body}
    for part in ("output", "policy"):
        if isinstance(body.get(part), dict):
            merged[part] = {**current[part], **body[part]}
    return SlotContent(
        **{
            name: merged[name]
            for name in ("name", "provider", "operation", "settings", "fallbacks", "output", "policy", "is_active")
        }
    )


def _slot_part() -> dict[str, Any]:
    body = parsed_object(request.form.get("slot", "{}"))
    if body is None:
        raise Refused(Reason.INVALID_REQUEST, "The part slot must hold a JSON object.")
    return body


def _expected_version(body: dict[str, Any]) -> int:
    tag = next(iter(request.if_match.as_set()), None)
    version = body.get("version") if tag is None else whole(tag)
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= WHOLE_MAX:
        raise Refused(Reason.INVALID_REQUEST, "Say which version you changed: `version`, or its ETag in If-Match.")
    return version
