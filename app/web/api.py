"""The JSON API. Programs bring a bearer token, the pages' scripts the session cookie with the CSRF header."""

import json
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from app.domain.errors import Reason, Refused
from app.domain.job import Source
from app.services.ingest import Upload
from app.services.slots import SlotContent
from app.web.auth import client_address, require_user
from app.web.ingest import as_upload
from app.web.representations import (
    catalogue_json,
    check_json,
    event_json,
    job_json,
    media_json,
    purge_json,
    settings_json,
    slot_json,
    template_json,
)
from app.web.use_cases import services

blueprint = Blueprint("api", __name__, url_prefix="/api")

_PAGE_SIZE = 50
_PAGE_SIZE_MAX = 200
_JSON_MAX_BYTES = 1 << 20
_VERSION_MAX = 2**31 - 1
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


@blueprint.before_request
def _only_users() -> None:
    if request.endpoint != "api.log_in":
        require_user()


@blueprint.post("/login")
def log_in() -> Response:
    """Exchange user name and password for a bearer token."""
    body = json_object()
    name, password = body.get("username"), body.get("password")
    if not isinstance(name, str) or not isinstance(password, str):
        raise Refused(Reason.INVALID_REQUEST, 'Send JSON: {"username": "…", "password": "…"}.')
    secret, token = services().access.issue_token(name, password, client_address())
    return jsonify({"access_token": secret, "token_type": "Bearer", "expires_at": token.expires_at.isoformat()})


@blueprint.get("/providers")
def providers() -> Response:
    items = catalogue_json(services().catalogue)
    return jsonify({"items": items, "total": len(items)})


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
    upload = _image_part()
    draft = services().slots.draft(slot_id, slot_content(slot_id, _slot_part()))
    job = services().ingest.submit(draft, upload, Source.TEST)
    return jsonify(job_json(services().jobs.get(job.id))), 202


@blueprint.post("/providers/<provider_id>/check")
def check_provider(provider_id: str) -> Response:
    """Call the provider with what is saved; a refusal of its is no error of ours."""
    return jsonify(check_json(services().connections.check(provider_id)))


@blueprint.get("/settings")
def settings() -> Response:
    return jsonify(settings_json(services().settings.read(), services().connections.views()))


@blueprint.put("/settings")
def change_settings() -> Response:
    services().settings.change(json_object(), require_user())
    return settings()


@blueprint.post("/media/register")
def register_media() -> tuple[Response, int]:
    """Give an image a public address while a photo's window lasts."""
    upload = _image_part()
    found = services().media.register(upload.stream, upload.size_bytes, require_user())
    return jsonify(media_json(found)), 201


@blueprint.post("/media/cache/purge")
def purge() -> tuple[Response, int]:
    """Ask the cleanup process to run now."""
    return jsonify(purge_json(services().retention.request(require_user()))), 202


@blueprint.get("/media/cache/purge/<int:purge_id>")
def purge_state(purge_id: int) -> Response:
    found = services().retention.find(purge_id)
    if found is None:
        raise Refused(Reason.NOT_FOUND, "There is no such purge.")
    return jsonify(purge_json(found))


@blueprint.get("/template-media")
def templates() -> Response:
    items = [template_json(template) for template in services().templates.all()]
    return jsonify({"items": items, "total": len(items)})


@blueprint.post("/template-media/register")
def register_template() -> tuple[Response, int]:
    upload = _image_part()
    label = request.form.get("label") or upload.filename
    template = services().templates.register(upload.stream, upload.size_bytes, label, require_user())
    return jsonify(template_json(template)), 201


@blueprint.delete("/template-media/<uuid:template_id>")
def delete_template(template_id: UUID) -> tuple[str, int]:
    """Refused while slots use it, unless `?force=true`."""
    services().templates.delete(template_id, force=_flag("force"))
    return "", 204


@blueprint.get("/jobs")
def jobs() -> Response:
    page, page_size = _page("page", 1, 1_000_000), _page("page_size", _PAGE_SIZE, _PAGE_SIZE_MAX)
    found, total = services().jobs.search(slot_id=request.args.get("slot_id"), page=page, page_size=page_size)
    return jsonify({"items": [job_json(job) for job in found], "total": total, "page": page, "page_size": page_size})


@blueprint.get("/jobs/<uuid:job_id>")
def job(job_id: UUID) -> Response:
    found, timeline = services().jobs.with_timeline(job_id)
    return jsonify({**job_json(found), "timeline": [event_json(event) for event in timeline]})


def json_object() -> dict[str, Any]:
    """The request's JSON object; raises Refused(INVALID_REQUEST)."""
    request.max_content_length = _JSON_MAX_BYTES
    body = _object(request.get_data()) if request.is_json else None
    if body is None:
        raise Refused(Reason.INVALID_REQUEST, "The body must be a JSON object, sent as application/json.")
    return body


def _object(text: str | bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


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


def _image_part() -> Upload:
    part = request.files.get("file")
    if part is None:
        raise Refused(Reason.INVALID_REQUEST, "The form has no image: send it as a file part named file.")
    return as_upload(part)


def _slot_part() -> dict[str, Any]:
    body = _object(request.form.get("slot", "{}"))
    if body is None:
        raise Refused(Reason.INVALID_REQUEST, "The part slot must hold a JSON object.")
    return body


def _expected_version(body: dict[str, Any]) -> int:
    tag = next(iter(request.if_match.as_set()), None)
    version = body.get("version") if tag is None else _whole(tag)
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= _VERSION_MAX:
        raise Refused(Reason.INVALID_REQUEST, "Say which version you changed: `version`, or its ETag in If-Match.")
    return version


def _flag(name: str) -> bool:
    text = request.args.get(name, "false")
    if text not in _FLAGS:
        raise Refused(Reason.INVALID_REQUEST, f"{name} must be true or false.")
    return _FLAGS[text]


def _page(name: str, default: int, maximum: int) -> int:
    number = _whole(request.args.get(name, str(default)))
    if number is None or not 1 <= number <= maximum:
        raise Refused(Reason.INVALID_REQUEST, f"{name} must be a whole number from 1 to {maximum}.")
    return number


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= len(str(_VERSION_MAX)) else None
