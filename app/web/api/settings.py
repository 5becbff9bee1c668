"""Settings and the providers that they are about."""

from flask import Response, jsonify

from app.web.api.site import blueprint, json_object
from app.web.auth import require_user
from app.web.representations import catalogue_json, check_json, settings_json
from app.web.use_cases import services


@blueprint.get("/providers")
def providers() -> Response:
    items = catalogue_json(services().catalogue)
    return jsonify({"items": items, "total": len(items)})


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
