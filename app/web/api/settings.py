"""Settings and the providers that they are about."""

import hashlib

from flask import Response, jsonify

from app.domain.errors import Reason, Refused
from app.web.api.arguments import page_of, version_to_match
from app.web.api.site import blueprint, json_object
from app.web.auth import require_user
from app.web.representations import catalogue_json, check_json, settings_json
from app.web.use_cases import services


@blueprint.get("/providers")
def providers() -> Response:
    return page_of(catalogue_json(services().catalogue))


@blueprint.post("/providers/<provider_id>/check")
def check_provider(provider_id: str) -> Response:
    """Call the provider with what is saved; a refusal of its is no error of ours."""
    return jsonify(check_json(services().connections.check(provider_id)))


@blueprint.get("/settings")
def settings() -> Response:
    """Read after the version: a change between the two makes the tag too old, and never too new.

    The tag tells the content too: a booth's use of an old password, or its end, makes no version.
    """
    version = services().settings.version()
    response = jsonify(_now())
    response.set_etag(f"{version}-{hashlib.sha256(response.get_data()).hexdigest()[:16]}")
    return response


@blueprint.put("/settings")
def change_settings() -> Response:
    try:
        services().settings.change(json_object(), require_user(), version_to_match(with_digest=True))
    except Refused as refused:
        if refused.reason is Reason.VERSION_CONFLICT:
            refused.details["settings"] = _now()
        raise
    return settings()


def _now() -> dict[str, object]:
    house = services().settings
    return settings_json(house.read(), house.rotation(), services().connections.views())
