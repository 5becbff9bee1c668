"""A bearer token for a program that has a password."""

from flask import Response, jsonify

from app.domain.errors import Reason, Refused
from app.web.api.site import blueprint, json_object
from app.web.auth import client_address
from app.web.use_cases import services


@blueprint.post("/login")
def log_in() -> Response:
    """Exchange user name and password for a bearer token."""
    body = json_object()
    name, password = body.get("username"), body.get("password")
    if not isinstance(name, str) or not isinstance(password, str):
        raise Refused(Reason.INVALID_REQUEST, 'Send JSON: {"username": "…", "password": "…"}.')
    user = services().access.log_in(name, password, client_address())
    secret, token = services().tokens.issue_for_login(user)
    return jsonify({"access_token": secret, "token_type": "Bearer", "expires_at": token.expires_at.isoformat()})
