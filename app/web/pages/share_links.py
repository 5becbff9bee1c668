"""Links for guests: the list of them, a new one, and one with its codes, its card for print and its end."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.errors import Reason, Refused
from app.domain.share_link import ShareLink
from app.domain.text import uuid_in
from app.web.auth import require_user
from app.web.codes import png_code, svg_code
from app.web.errors import STATUS
from app.web.links import gallery_url, wall_url
from app.web.pages.formats import day
from app.web.pages.link_form import (
    LinkForm,
    Scopes,
    audience_choices,
    days_choices,
    end_choices,
    going_on,
    kept_end,
    new_form,
    refused_form,
    wanted_by,
)
from app.web.pages.paging import page_count, page_number
from app.web.pages.phrases import problem
from app.web.pages.site import blueprint
from app.web.pages.typed import integer
from app.web.use_cases import services

PAPERS = ("a6", "a4")

_PAGE_SIZE = 50


@blueprint.get("/gallery/links")
def share_links() -> ResponseReturnValue:
    """With `slot` or `event` the new link's form is open and leads there: that and one button are two clicks.

    With `new` it is open too and leads to what is going on now, if anything is.
    """
    event_id, slot_id = uuid_in(request.args.get("event", "")), request.args.get("slot", "")
    if not event_id and not slot_id and request.args.get("new"):
        event_id = going_on(datetime.now(UTC))
    scope = f"event:{event_id}" if event_id else f"slot:{slot_id}" if slot_id else ""
    return _list(new_form(scope), event_id)


@blueprint.post("/gallery/links")
def create_share_link() -> ResponseReturnValue:
    wanted = wanted_by(request.form)
    try:
        link = services().share_links.create(wanted, require_user())
    except Refused as refused:
        if refused.reason is not Reason.INVALID_SETTINGS:
            raise
        return _list(refused_form(request.form, refused)), STATUS[refused.reason]
    flash(gettext("The link is there. Copy it, or print the card with the code."))
    return redirect(url_for("pages.share_link", link_id=link.id), 303)


@blueprint.get("/gallery/links/<uuid:link_id>")
def share_link(link_id: UUID) -> ResponseReturnValue:
    """`paper` is the size of the card that is printed."""
    return _one(services().share_links.find(link_id))


@blueprint.post("/gallery/links/<uuid:link_id>/end")
def prolong_share_link(link_id: UUID) -> ResponseReturnValue:
    days, old = integer(request.form.get("expires_in_days", "")), services().share_links.find(link_id)
    try:
        link = services().share_links.prolong(link_id, days, require_user())
    except Refused as refused:
        if refused.reason is not Reason.INVALID_SETTINGS:
            raise
        found = refused.details["fields"]
        problems = {name: problem(why) for name, why in found.items()}
        return _one(old, problems), STATUS[refused.reason]
    flash(_end_said(old, link))
    return redirect(url_for("pages.share_link", link_id=link_id), 303)


@blueprint.post("/gallery/links/<uuid:link_id>/revocation")
def revoke_share_link(link_id: UUID) -> ResponseReturnValue:
    services().share_links.revoke(link_id, require_user())
    flash(gettext("The link is closed. Whoever opens it reads that the gallery is closed."))
    return redirect(url_for("pages.share_link", link_id=link_id), 303)


@blueprint.get("/gallery/links/<uuid:link_id>/code.<any(svg, png):kind>")
def share_code(link_id: UUID, kind: str) -> Response:
    """The QR code of the guests' gallery."""
    link = services().share_links.find(link_id)
    address = gallery_url(link) if link.is_open else None
    if address is None:
        raise Refused(Reason.NOT_FOUND, "The link has no address any more.")
    return (svg_code if kind == "svg" else png_code)(address, f"photos-{link.id.hex[:8]}")


@blueprint.app_template_global()
def share_address(link: ShareLink) -> str | None:
    """Where an open link leads guests; None if that cannot be shown again."""
    return gallery_url(link) if link.is_open else None


def _list(form: LinkForm, event_id: UUID | None = None) -> str:
    page, slots = page_number(), services().slots.all()
    found, total = services().share_links.page(page, _PAGE_SIZE)
    return render_template(
        "share_links.html",
        links=found,
        slots={slot.id: slot.name for slot in slots},
        form=form,
        scopes=Scopes.of(slots, event_id),
        days=days_choices(),
        audiences=audience_choices(),
        page=page,
        pages=page_count(total, _PAGE_SIZE),
    )


def _one(link: ShareLink, problems: Mapping[str, str] | None = None) -> str:
    paper = request.args.get("paper", "")
    context: dict[str, Any] = {"slot": services().slots.get(link.slot_id).name} if link.slot_id else {}
    return render_template(
        "share_link.html",
        link=link,
        address=share_address(link),
        wall=wall_url(link) if link.is_open else None,
        paper=paper if paper in PAPERS else PAPERS[0],
        papers=PAPERS,
        ends=end_choices(link),
        kept_end=kept_end(link),
        audiences=audience_choices(),
        problems=problems or {},
        **context,
    )


def _end_said(old: ShareLink, new: ShareLink) -> str:
    if new.expires_at < old.expires_at:
        return str(gettext("The link is open until %(day)s now: shorter than before.", day=day(new.expires_at)))
    return str(gettext("The link is open until %(day)s now.", day=day(new.expires_at)))
