"""Who changed what: a page of the audit log."""

from collections.abc import Mapping

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.services.settings import SUBJECT
from app.web.pages.change_values import Vocabulary
from app.web.pages.change_words import entry, subject_name
from app.web.pages.paging import page_count, page_number
from app.web.pages.site import blueprint
from app.web.use_cases import services

_PAGE_SIZE = 50


@blueprint.get("/changes")
def changes() -> ResponseReturnValue:
    """Newest first; `subject` and `username` pick some, and a page that does not exist is empty."""
    page = page_number()
    subject, username = (request.args.get(name, "").strip() for name in ("subject", "username"))
    found, total = services().audit.search(
        subject=subject or None, username=username or None, page=page, page_size=_PAGE_SIZE
    )
    slots = {slot.id: slot.name for slot in services().slots.all()}
    images = {str(image.id): image.label for image in services().templates.all()}
    vocabulary = Vocabulary(services().catalogue, images, slots)
    return render_template(
        "changes.html",
        entries=[entry(change, vocabulary) for change in found],
        subjects=_subjects(subject, slots),
        subject=subject,
        username=username,
        page=page,
        pages=page_count(total, _PAGE_SIZE),
    )


def _subjects(chosen: str, slots: Mapping[str, str]) -> dict[str, str]:
    """What can be picked, by subject; what was picked by an address is among it."""
    catalogue = services().catalogue
    remote = [provider.id for provider in catalogue.providers if provider.is_remote]
    listed = {slot_id: f"{slot_id} · {name}" for slot_id, name in slots.items()}
    named = {name: subject_name(name, catalogue) for name in (*remote, *filter(None, [chosen]))}
    communities = {str(one.id): one.name for one in services().communities.all()}
    return {"": gettext("Everything"), **named, **listed, **communities, SUBJECT: gettext("Settings")}
