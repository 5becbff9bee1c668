"""Bearer tokens, and who changed what."""

from uuid import UUID

from flask import Response, jsonify, request
from flask_login import current_user

from app.web.api.arguments import collection, paging
from app.web.api.site import blueprint, json_object
from app.web.auth import require_user
from app.web.representations import change_json, token_json
from app.web.use_cases import services


@blueprint.get("/tokens")
def tokens() -> Response:
    """Those that can be used now, newest first."""
    page, page_size = paging()
    found, total = services().tokens.valid(page, page_size)
    return collection([token_json(token) for token in found], total, page, page_size)


@blueprint.post("/tokens")
def issue_token() -> tuple[Response, int]:
    """The only answer that ever holds the secret. Who comes by a token cannot stay longer by making another."""
    secret, token = services().tokens.issue(json_object(), require_user(), current_user.expires_at)
    return jsonify({**token_json(token), "access_token": secret}), 201


@blueprint.delete("/tokens/<uuid:token_id>")
def revoke_token(token_id: UUID) -> tuple[str, int]:
    services().tokens.revoke(token_id, require_user())
    return "", 204


@blueprint.get("/audit")
def changes() -> Response:
    """Newest first; of one `subject` or `username` where one is named."""
    page, page_size = paging()
    subject, username = request.args.get("subject"), request.args.get("username")
    found, total = services().audit.search(subject=subject, username=username, page=page, page_size=page_size)
    return collection([change_json(change) for change in found], total, page, page_size)
