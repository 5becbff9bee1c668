"""Settings and the providers that they are about."""

from flask import Response, jsonify, request

from app.domain.errors import Reason, Refused
from app.web.api.site import blueprint, json_object, whole
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
    """Read after the version: a change between the two makes the tag too old, and never too new."""
    version = services().settings.version()
    response = jsonify(_now())
    response.set_etag(str(version))
    return response


@blueprint.put("/settings")
def change_settings() -> Response:
    try:
        services().settings.change(json_object(), require_user(), _version_to_match())
    except Refused as refused:
        if refused.reason is Reason.VERSION_CONFLICT:
            refused.details["settings"] = _now()
        raise
    return settings()


def _now() -> dict[str, object]:
    house = services().settings
    return settings_json(house.read(), house.rotation(), services().connections.views())


def _version_to_match() -> int | None:
    """The version in If-Match, None without one; raises Refused(INVALID_REQUEST)."""
    tag = next(iter(request.if_match.as_set()), None)
    version = None if tag is None else whole(tag)
    if tag is not None and version is None:
        raise Refused(Reason.INVALID_REQUEST, 'If-Match must be the ETag of the settings, such as "4".')
    return version
