"""Slots: reading them, changing one, trying one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, TypeGuard

from flask import Response, jsonify, request

from app.domain.errors import Reason, Refused
from app.domain.job import Source
from app.domain.slot import Slot
from app.services.slots import SlotContent
from app.web.api.arguments import WHOLE_MAX, collection, page_of, paging, version_to_match
from app.web.api.site import blueprint, image_part, json_object, parsed_object
from app.web.auth import require_user
from app.web.representations import job_json, revision_json, slot_json
from app.web.use_cases import services


@blueprint.get("/slots")
def slots() -> Response:
    return page_of([slot_json(slot) for slot in services().slots.all()])


@blueprint.get("/slots/<slot_id>")
def slot(slot_id: str) -> Response:
    return _tagged(services().slots.get(slot_id))


@blueprint.put("/slots/<slot_id>")
def change_slot(slot_id: str) -> Response:
    """Replace what `GET` gave; a field left out stays as it is. `version` or If-Match says what it was based on."""
    body = json_object()
    content = slot_content(slot_id, body)
    with _telling_what_is_there(slot_id):
        return _tagged(services().slots.change(slot_id, content, _expected_version(body), require_user()))


@blueprint.get("/slots/<slot_id>/versions")
def slot_versions(slot_id: str) -> Response:
    """What the slot has been, newest first."""
    page, page_size = paging()
    found, total = services().slots.history(slot_id, page=page, page_size=page_size)
    return collection([revision_json(revision) for revision in found], total, page, page_size)


@blueprint.post("/slots/<slot_id>/restore")
def restore_slot(slot_id: str) -> Response:
    """Make an earlier `version` the newest one; If-Match says which one that replaces."""
    version = json_object().get("version")
    if not _is_version(version):
        raise Refused(Reason.INVALID_REQUEST, "Say which version is to be restored: `version`, a whole number.")
    with _telling_what_is_there(slot_id):
        return _tagged(services().slots.restore(slot_id, version, version_to_match(), require_user()))


@blueprint.post("/slots/<slot_id>/copy")
def copy_slot(slot_id: str) -> Response:
    """Take chain, policy and output of the slot `from`; name and pause stay."""
    source_id = json_object().get("from")
    if not isinstance(source_id, str):
        raise Refused(Reason.INVALID_REQUEST, "Say which slot is to be copied: `from`, such as slot-002.")
    with _telling_what_is_there(slot_id):
        return _tagged(services().slots.copy(slot_id, source_id, version_to_match(), require_user()))


@blueprint.post("/slots/<slot_id>/test-run")
def test_run(slot_id: str) -> tuple[Response, int]:
    """Try the slot with a photo, as stored, or as the JSON in the form's part `slot` says."""
    upload = image_part()
    draft = services().slots.draft(slot_id, slot_content(slot_id, _slot_part()))
    job = services().ingest.submit(draft, upload, Source.TEST)
    return jsonify(job_json(services().jobs.get(job.id))), 202


def slot_content(slot_id: str, body: dict[str, Any]) -> SlotContent:
    """`body` over the slot as stored, its parts field by field; raises Refused for names that no slot has."""
    current = slot_json(services().slots.get(slot_id))
    unknown = sorted(set(body) - set(current))
    if unknown:
        raise Refused(
            Reason.INVALID_SETTINGS,
            "Some fields are unknown.",
            details={"fields": {name: {"code": "unknown_field", "allowed": sorted(current)} for name in unknown}},
        )
    merged = {**current, **body}
    for part in ("output", "policy", "keeping", "publishing"):
        if isinstance(body.get(part), dict):
            merged[part] = {**current[part], **body[part]}
    return SlotContent(**{field.name: merged[field.name] for field in fields(SlotContent)})


def _tagged(slot: Slot) -> Response:
    response = jsonify(slot_json(slot))
    response.set_etag(str(slot.version))
    return response


@contextmanager
def _telling_what_is_there(slot_id: str) -> Iterator[None]:
    """Whoever comes second gets the slot as it is now, to begin again from."""
    try:
        yield
    except Refused as refused:
        if refused.reason is Reason.VERSION_CONFLICT:
            refused.details["slot"] = slot_json(services().slots.get(slot_id))
        raise


def _slot_part() -> dict[str, Any]:
    body = parsed_object(request.form.get("slot", "{}"))
    if body is None:
        raise Refused(Reason.INVALID_REQUEST, "The part slot must hold a JSON object.")
    return body


def _expected_version(body: dict[str, Any]) -> int:
    version = version_to_match() or body.get("version")
    if not _is_version(version):
        raise Refused(Reason.INVALID_REQUEST, "Say which version you changed: `version`, or its ETag in If-Match.")
    return version


def _is_version(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= WHOLE_MAX
