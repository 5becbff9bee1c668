"""What is wrong now, and where it is told."""

from typing import Any

from flask import Response, jsonify

from app.domain.channels import HIDDEN
from app.ports.alerts import ChannelState
from app.services.notices.channels import ChannelView
from app.web.api.arguments import page_of
from app.web.api.site import blueprint, json_object
from app.web.auth import require_user
from app.web.representations import secret_json, time_json
from app.web.use_cases import services


@blueprint.get("/alerts")
def alerts() -> Response:
    return page_of([alert.snapshot() for alert in services().alerts.active()])


@blueprint.get("/alert-channels")
def alert_channels() -> Response:
    views = services().channels.views()
    channels = {channel.value: _channel(view) for channel, view in views.items()}
    return jsonify({"language": services().channels.language().value, **channels})


@blueprint.put("/alert-channels")
def change_alert_channels() -> Response:
    services().channels.change(json_object(), require_user())
    return alert_channels()


@blueprint.post("/alert-channels/<channel>/test")
def test_alert_channel(channel: str) -> Response:
    """Send a message with what is saved; a refusal of the other side's is no error of ours."""
    trial = services().channels.test(services().channels.known(channel))
    return jsonify(
        {
            "ok": trial.failure is None,
            "duration_ms": trial.duration_ms,
            "mishap": trial.failure.mishap.value if trial.failure else None,
            "message": trial.failure.message if trial.failure else None,
        }
    )


def _channel(view: ChannelView) -> dict[str, Any]:
    fields = {name: secret_json(field) if name in HIDDEN else field.value for name, field in view.fields.items()}
    return {**fields, "is_ready": view.is_ready, "state": _state(view.state)}


def _state(state: ChannelState) -> dict[str, Any]:
    return {
        "told_at": time_json(state.told_at),
        "failed_at": time_json(state.failed_at),
        "mishap": state.mishap.value if state.mishap else None,
        "message": state.message,
        "is_stopped": state.is_stopped,
    }
