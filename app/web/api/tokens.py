"""Bearer tokens, and who changed what."""

from uuid import UUID

from flask import Response, jsonify, request

from app.web.api.site import blueprint, json_object, whole_argument
from app.web.auth import require_user
from app.web.representations import change_json, token_json
from app.web.use_cases import services

_PAGE_SIZE = 50
_PAGE_SIZE_MAX = 200


@blueprint.get("/tokens")
def tokens() -> Response:
    """Those that can be used now, newest first."""
    page, page_size = _page()
    found, total = services().tokens.valid(page, page_size)
    items = [token_json(token) for token in found]
    return jsonify({"items": items, "total": total, "page": page, "page_size": page_size})


@blueprint.post("/tokens")
def issue_token() -> tuple[Response, int]:
    """The only answer that ever holds the secret."""
    secret, token = services().tokens.issue(json_object(), require_user())
    return jsonify({**token_json(token), "access_token": secret}), 201


@blueprint.delete("/tokens/<uuid:token_id>")
def revoke_token(token_id: UUID) -> tuple[str, int]:
    services().tokens.revoke(token_id, require_user())
    return "", 204


@blueprint.get("/audit")
def changes() -> Response:
    """Newest first; of one `subject` or `username` where one is named."""
    page, page_size = _page()
    subject, username = request.args.get("subject"), request.args.get("username")
    found, total = services().audit.search(subject=subject, username=username, page=page, page_size=page_size)
    items = [change_json(change) for change in found]
    return jsonify({"items": items, "total": total, "page": page, "page_size": page_size})


def _page() -> tuple[int, int]:
    return whole_argument("page", 1, 1_000_000), whole_argument("page_size", _PAGE_SIZE, _PAGE_SIZE_MAX)
