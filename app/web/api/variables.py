"""Variables of posts."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify, request

from app.domain.errors import Reason, Refused
from app.web.api.arguments import bad_argument, page_of
from app.web.api.site import blueprint, json_object
from app.web.auth import require_user
from app.web.use_cases import services


@blueprint.get("/variables")
def variables() -> Response:
    """By name; for each the value for all communities, then those of some."""
    known = services().variables.all()
    return page_of([_value(name, key, text) for name, values in known.items() for key, text in values.items()])


@blueprint.put("/variables/<name>")
def put_variable(name: str) -> Response:
    body = json_object()
    community_id, value = _community(body.get("community_id")), body.get("value")
    services().variables.put(name, community_id, value, require_user())
    return jsonify(_value(name, community_id, services().variables.all()[name][community_id]))


@blueprint.delete("/variables/<name>")
def remove_variable(name: str) -> tuple[str, int]:
    """`community_id` is that whose value goes; without one the value for all goes."""
    try:
        community_id = UUID(text) if (text := request.args.get("community_id")) else None
    except ValueError:
        raise bad_argument("community_id", "the id of a community", format="uuid") from None
    services().variables.remove(name, community_id, require_user())
    return "", 204


def _community(value: Any) -> UUID | None:
    if value is None:
        return None
    try:
        return UUID(value) if isinstance(value, str) else _refuse()
    except ValueError:
        return _refuse()


def _refuse() -> UUID:
    problem = {"community_id": {"code": "not_an_option"}}
    raise Refused(Reason.INVALID_SETTINGS, "community_id is no id.", details={"fields": problem})


def _value(name: str, community_id: UUID | None, value: str) -> dict[str, Any]:
    return {"name": name, "community_id": str(community_id) if community_id else None, "value": value}
