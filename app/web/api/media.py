"""Images that programs register, and the cleanup of what has had its time."""

from uuid import UUID

from flask import Response, jsonify, request

from app.domain.errors import Reason, Refused
from app.web.api.arguments import flag, page_of
from app.web.api.site import blueprint, image_part, json_object
from app.web.auth import require_user
from app.web.representations import media_json, purge_json, template_json
from app.web.use_cases import services


@blueprint.post("/media/register")
def register_media() -> tuple[Response, int]:
    """Give an image a public address while a photo's window lasts."""
    upload = image_part()
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
    return page_of([template_json(template) for template in services().templates.all()])


@blueprint.post("/template-media/register")
def register_template() -> tuple[Response, int]:
    upload = image_part()
    label = request.form.get("label") or upload.filename
    template = services().templates.register(upload.stream, upload.size_bytes, label, require_user())
    return jsonify(template_json(template)), 201


@blueprint.patch("/template-media/<uuid:template_id>")
def rename_template(template_id: UUID) -> Response:
    label = json_object().get("label")
    return jsonify(template_json(services().templates.rename(template_id, label, require_user())))


@blueprint.delete("/template-media/<uuid:template_id>")
def delete_template(template_id: UUID) -> tuple[str, int]:
    """Refused while slots use it, unless `?force=true`."""
    services().templates.delete(template_id, require_user(), force=flag("force"))
    return "", 204
