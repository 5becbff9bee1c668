"""For load balancers and monitoring."""

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.web.use_cases import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """This process lives and answers."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """The whole installation can take photos: database, media store and a worker are there."""
    checks = services().health.readiness()
    ready = all(checks.values())
    return jsonify({"status": "ready" if ready else "not_ready", "checks": checks}), 200 if ready else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus text format, of this process."""
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
