"""Copies for the studio: where they go, how that goes, and a file to try it."""

from typing import Any

from flask import Response, jsonify

from app.domain.copies import ACCESS_KEY_ID, SECRET_ACCESS_KEY, URL
from app.ports.copies import CopyTally
from app.web.api.site import blueprint, json_object
from app.web.auth import require_user
from app.web.representations import secret_json, time_json
from app.web.use_cases import services


@blueprint.get("/copies")
def copies() -> Response:
    view, tallies = services().copy_destination.view(), services().copies.tally()
    return jsonify(
        {
            URL: view.fields[URL].value,
            ACCESS_KEY_ID: view.fields[ACCESS_KEY_ID].value,
            SECRET_ACCESS_KEY: secret_json(view.fields[SECRET_ACCESS_KEY]),
            "is_ready": view.is_ready,
            "slots": {slot_id: _tally(tally) for slot_id, tally in sorted(tallies.items())},
        }
    )


@blueprint.put("/copies")
def change_copies() -> Response:
    services().copy_destination.change(json_object(), require_user())
    return copies()


@blueprint.post("/copies/test")
def test_copies() -> Response:
    """Write and delete a small file with what is saved; that the storage takes none is no error of ours."""
    trial = services().copy_destination.test()
    return jsonify(
        {
            "ok": trial.failure is None,
            "duration_ms": trial.duration_ms,
            "fault": trial.failure.fault.value if trial.failure else None,
            "message": trial.failure.message if trial.failure else None,
        }
    )


def _tally(tally: CopyTally) -> dict[str, Any]:
    return {
        "copied": tally.copied,
        "waiting": tally.waiting,
        "withheld": tally.withheld,
        "lost": tally.lost,
        "oldest_waiting_at": time_json(tally.oldest_waiting_at),
        "error": tally.error,
    }
