"""Events: the list of them, a new one, and one to change or to remove."""

from datetime import UTC, datetime
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime, gettext, to_user_timezone

from app.domain.errors import Reason, Refused
from app.domain.events import Event
from app.domain.photo import PhotoFilter
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.pages.event_form import EventForm, form_of, new_form, refused_form, wanted_by
from app.web.pages.formats import house_zone
from app.web.pages.paging import page_count, page_number
from app.web.pages.site import blueprint
from app.web.use_cases import services

_PAGE_SIZE = 50


@blueprint.get("/gallery/events")
def events() -> ResponseReturnValue:
    """`slot` is ticked in the new one's form."""
    now = datetime.now(house_zone())
    return _list(new_form(now, frozenset(filter(None, [request.args.get("slot")]))))


@blueprint.post("/gallery/events")
def create_event() -> ResponseReturnValue:
    zone = house_zone()
    try:
        event = services().events.create(wanted_by(request.form, zone), require_user())
    except Refused as refused:
        return _list(refused_form(request.form, zone, _only_fields(refused))), STATUS[refused.reason]
    flash(gettext("The event is there. Give guests a link to its photos, or look at them in the gallery."))
    return redirect(url_for("pages.event", event_id=event.id), 303)


@blueprint.get("/gallery/events/<uuid:event_id>")
def event(event_id: UUID) -> ResponseReturnValue:
    found = services().events.find(event_id)
    return _one(found, form_of(found, house_zone()))


@blueprint.post("/gallery/events/<uuid:event_id>")
def change_event(event_id: UUID) -> ResponseReturnValue:
    stored, zone = services().events.find(event_id), house_zone()
    try:
        services().events.change(event_id, wanted_by(request.form, zone, stored), require_user())
    except Refused as refused:
        return _one(stored, refused_form(request.form, zone, _only_fields(refused))), STATUS[refused.reason]
    flash(gettext("Saved."))
    return redirect(url_for("pages.event", event_id=event_id), 303)


@blueprint.post("/gallery/events/<uuid:event_id>/removal")
def remove_event(event_id: UUID) -> ResponseReturnValue:
    services().events.remove(event_id, require_user())
    flash(gettext("The event is removed. Its photos stay."))
    return redirect(url_for("pages.events"), 303)


@blueprint.app_template_filter()
def event_window(event: Event) -> str:
    """From when to when, by the clocks of the house; the day is said once where it is one."""
    start, end = to_user_timezone(event.starts_at), to_user_timezone(event.ends_at)
    ends = "HH:mm" if start.date() == end.date() else "d MMMM, HH:mm"
    return f"{format_datetime(event.starts_at, 'd MMMM yyyy, HH:mm')} – {format_datetime(event.ends_at, ends)}"


def _only_fields(refused: Refused) -> Refused:
    """Whatever is wrong with more than the form's fields is no answer of this page."""
    if refused.reason is not Reason.INVALID_SETTINGS:
        raise refused
    return refused


def _list(form: EventForm) -> str:
    page = page_number()
    found, total = services().events.page(page, _PAGE_SIZE)
    return render_template(
        "events.html",
        events=found,
        now=datetime.now(UTC),
        form=form,
        slots=_slot_names(),
        zone=house_zone(),
        page=page,
        pages=page_count(total, _PAGE_SIZE),
    )


def _one(event: Event, form: EventForm) -> str:
    _, links = services().share_links.page(1, 1, event_id=event.id)
    wanted = PhotoFilter(event.slot_ids or None, start=event.starts_at, end=event.ends_at)
    return render_template(
        "event.html",
        event=event,
        form=form,
        slots=_slot_names(),
        zone=house_zone(),
        photos=services().gallery.tally(wanted).photos,
        links=links,
    )


def _slot_names() -> dict[str, str]:
    return {slot.id: slot.name for slot in services().slots.all()}
