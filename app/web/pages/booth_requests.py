"""What the booths of one slot really sent, and what they were told."""

from flask import render_template
from flask.typing import ResponseReturnValue

from app.web.links import ingest_url
from app.web.pages.site import blueprint, is_htmx, unless_seen
from app.web.use_cases import services


@blueprint.get("/slots/<slot_id>/requests")
def booth_requests(slot_id: str) -> ResponseReturnValue:
    slot = services().slots.get(slot_id)
    told = {"latest": services().booth_requests.latest(slot_id), "astray": services().booth_requests.astray()}
    if is_htmx():
        return unless_seen(render_template("_booth_requests.html", slot=slot, **told))
    return render_template("booth_requests.html", slot=slot, link=ingest_url(slot_id), **told)
