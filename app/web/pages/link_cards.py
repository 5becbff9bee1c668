"""What the booth program is told of a slot: a card to print, and a QR code of the ingest link."""

import io

import segno
from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from app.web.links import ingest_url
from app.web.pages.site import blueprint
from app.web.pages.slot_view import connection
from app.web.use_cases import services

_MODULE = 8  # pixels of the SVG's own size; it is scaled without loss
_QUIET_MODULES = 4  # ISO/IEC 18004, 5.3.8


@blueprint.get("/slots/<slot_id>/link.svg")
def link_code(slot_id: str) -> Response:
    """`?download=1` asks the browser to save it."""
    slot = services().slots.get(slot_id)
    image = io.BytesIO()
    code = segno.make(ingest_url(slot.id), error="m", micro=False)
    code.save(image, kind="svg", scale=_MODULE, border=_QUIET_MODULES, dark="#000", light="#fff")
    response = Response(image.getvalue(), mimetype="image/svg+xml")
    disposition = "attachment" if request.args.get("download") == "1" else "inline"
    response.headers["Content-Disposition"] = f'{disposition}; filename="{slot.id}-link.svg"'
    return response


@blueprint.get("/slots/<slot_id>/card")
def link_card(slot_id: str) -> ResponseReturnValue:
    """For the wall beside the booth."""
    slot = services().slots.get(slot_id)
    return render_template("link_card.html", slot=slot, **connection(slot))
