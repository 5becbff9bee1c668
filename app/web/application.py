"""The Flask application: configuration, blueprints, headers."""

import secrets

import structlog
from flask import Flask, Response, g, request
from flask_compress import Compress
from werkzeug.exceptions import NotFound

from app import __version__
from app.config import Settings
from app.web import api, docs, guests, health, ingest, pages, public, vk_callback, wall
from app.web.auth import register_auth
from app.web.booth_requests import register_booth_requests
from app.web.errors import register_errors
from app.web.languages import register_languages
from app.web.metrics import register_metrics
from app.web.use_cases import Services

FORM_OVERHEAD_BYTES = 1 << 20
"""What a form may hold beside its file, so that a file of exactly the allowed size still fits."""

_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:{pictures}; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def build(settings: Settings, services: Services) -> Flask:
    app = assembled()
    install(app, settings, services)
    return app


def assembled() -> Flask:
    """The application without the installation that it serves: nothing can be asked of it before `install`."""
    app = Flask("app", template_folder="../templates", static_folder="../static")
    # Styles and scripts only: the length of a compressed page could tell a listener its CSRF token.
    app.config["COMPRESS_MIMETYPES"] = ["text/css", "text/javascript"]
    app.jinja_env.globals["version"] = __version__
    register_metrics(app)
    register_auth(app)
    register_languages(app)
    register_errors(app)
    register_booth_requests(app)
    Compress(app)
    for part in (ingest, vk_callback, public, guests, wall, health, api, docs, pages):
        app.register_blueprint(part.blueprint)
    app.before_request(_bind_log_context)
    app.before_request(_refuse_nul)
    app.after_request(_set_headers)
    return app


def install(app: Flask, settings: Settings, services: Services) -> None:
    """Whose photos the application serves, and with what; another installation may take its place later."""
    app.config.update(_configuration(settings))
    app.extensions["photochanger"] = services


def _configuration(settings: Settings) -> dict[str, object]:
    base_url = settings.public_base_url or ""
    return {
        "SECRET_KEY": settings.secret_key,
        "MAX_CONTENT_LENGTH": settings.max_upload_bytes + FORM_OVERHEAD_BYTES,
        "TRUSTED_HOSTS": list(settings.trusted_hosts) or None,
        "PUBLIC_BASE_URL": settings.public_base_url,
        "VK_API_BASE_URL": settings.vk_api_base_url,
        "SESSION_COOKIE_NAME": "photochanger",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": base_url.startswith("https://"),
        "PERMANENT_SESSION_LIFETIME": 12 * 3600,
    }


def _bind_log_context() -> None:
    structlog.contextvars.unbind_contextvars("job_id", "slot_id")
    structlog.contextvars.bind_contextvars(request_id=secrets.token_hex(8))


def _refuse_nul() -> None:
    """PostgreSQL takes no NUL, so nothing that it knows has such an address."""
    if "\x00" in request.path:
        raise NotFound


def _set_headers(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    # Over HTTPS the CSRF check wants to see the referring page of our own forms.
    response.headers.setdefault("Referrer-Policy", "same-origin")
    policy = _CONTENT_SECURITY_POLICY.format(pictures=g.get("pictures", ""))
    response.headers.setdefault("Content-Security-Policy", policy)
    if not request.path.startswith(("/static/", "/public/")):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
