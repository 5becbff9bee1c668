"""The address that a guest's QR code leads to."""

from uuid import UUID

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from app.web.use_cases import services

blueprint = Blueprint("guests", __name__)


@blueprint.get("/r/<uuid:job_id>")
def photo(job_id: UUID) -> ResponseReturnValue:
    """To the picture while it is there; afterwards a page that says so."""
    with services().results.open(job_id).stream:
        return redirect(url_for("public.result", job_id=job_id))
