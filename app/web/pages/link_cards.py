"""What the booth program is told of a slot: a card to print, and a QR code of the ingest link."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from app.web.codes import svg_code
from app.web.links import ingest_url
from app.web.pages.site import blueprint
from app.web.pages.slot_view import connection
from app.web.use_cases import services


@blueprint.get("/slots/<slot_id>/link.svg")
def link_code(slot_id: str) -> Response:
    slot = services().slots.get(slot_id)
    return svg_code(ingest_url(slot.id), f"{slot.id}-link")


@blueprint.get("/slots/<slot_id>/card")
def link_card(slot_id: str) -> ResponseReturnValue:
    """For the wall beside the booth."""
    slot = services().slots.get(slot_id)
    return render_template("link_card.html", slot=slot, **connection(slot))
