"""The settings' section on copies: where finished pictures are copied to, whether that works, and how it goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum, auto

from flask import flash, get_flashed_messages, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.copies import FIELDS, HIDDEN, StorageFault
from app.domain.errors import Reason, Refused
from app.ports.copies import CopyTally
from app.services.copies.destination import DestinationView, Trial
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.pages.secret_fields import ValueCard, entered, to_repeat, typed
from app.web.pages.site import answer, blueprint, is_htmx, unless_seen
from app.web.use_cases import services

_CHANGED = "copies"
"""The category of the flashed message that says that the storage was changed."""


class Standing(StrEnum):
    UNREADABLE = auto()
    NOT_SET_UP = auto()
    FAILS = auto()
    UNTRIED = auto()
    WORKS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioCard(ValueCard):
    """What the section shows; `trial` was just asked for."""

    view: DestinationView
    tally: CopyTally
    trial: Trial | None = None

    @property
    def standing(self) -> Standing:
        """Whether what is saved works: as the last trial says, or what has been copied."""
        if self.view.unreadable:
            return Standing.UNREADABLE
        if not self.view.is_ready:
            return Standing.NOT_SET_UP
        tried = self.view.last_trial
        if self.tally.error or (tried and tried.failure):
            return Standing.FAILS
        return Standing.WORKS if tried or self.tally.copied else Standing.UNTRIED

    @property
    def duration(self) -> timedelta:
        return timedelta(milliseconds=self.trial.duration_ms if self.trial else 0)


@blueprint.app_template_global()
def studio_card() -> StudioCard:
    """For the settings page that is being made."""
    changed = get_flashed_messages(category_filter=[_CHANGED])
    return _card(
        is_open=bool(changed) or "copies" in request.args,
        done=gettext("Saved") if changed else "",
    )


@blueprint.app_template_global()
def slot_copying(slot_id: str) -> CopyTally:
    """How copying of one slot's photos goes."""
    return services().copies.tally(slot_id).get(slot_id, CopyTally())


@blueprint.post("/settings/copies")
def save_copies() -> ResponseReturnValue:
    """Change what differs; the secret stays if it is blank, everything else goes."""
    try:
        services().copy_destination.change(entered(FIELDS, HIDDEN), require_user())
    except Refused as refused:
        if refused.reason is not Reason.INVALID_SETTINGS:
            raise
        problems = {name: _problem(why["code"]) for name, why in refused.details["fields"].items()}
        return _answer(_card({**problems, **to_repeat(HIDDEN, problems)}, with_typed=True), STATUS[refused.reason])
    if is_htmx():
        return _answer(_card(done=gettext("Saved")))
    flash("saved", _CHANGED)
    return redirect(url_for("pages.settings", _anchor="copies"), 303)


@blueprint.post("/settings/copies/remove")
def remove_copies_secret() -> ResponseReturnValue:
    """Remove the secret key; what was typed beside it stays typed and is not saved."""
    name = request.form.get("remove", "")
    if name not in HIDDEN:
        raise Refused(Reason.INVALID_REQUEST, "Say what to remove: secret_access_key.")
    services().copy_destination.change({name: None}, require_user())
    return _answer(_card(to_repeat(HIDDEN), done=gettext("Removed"), removed=name, with_typed=True))


@blueprint.post("/settings/copies/test")
def try_copies() -> ResponseReturnValue:
    """Write and delete a small file with what is saved; answers within five seconds."""
    trial = services().copy_destination.test()
    return answer("studio_copies.html", "_studio_tried.html", card=_card(trial=trial))


@blueprint.get("/settings/copies/state")
def copies_state() -> ResponseReturnValue:
    """How copying goes in the house, for the page that shows it already."""
    return unless_seen(render_template("_studio_tally.html", tally=services().copies.total()))


@blueprint.get("/slots/<slot_id>/copying")
def slot_copying_state(slot_id: str) -> ResponseReturnValue:
    """The same of one slot."""
    return unless_seen(render_template("_slot_copying.html", slot=services().slots.get(slot_id)))


@blueprint.app_template_filter()
def storage_fault_sentence(fault: StorageFault) -> str:
    """Why nothing can be stored, and what to look at."""
    sentences = {
        StorageFault.NOT_SET_UP: gettext("This is not set up yet: fill in the fields and save them."),
        StorageFault.BAD_ADDRESS: gettext("This is neither a folder of the server nor a bucket."),
        StorageFault.OWN_PLACE: gettext("PhotoChanger keeps its own files there: take another place."),
        StorageFault.FOLDER_MISSING: gettext(
            "There is no such folder on the server. Make it, or mount its disk: PhotoChanger does not."
        ),
        StorageFault.REFUSED: gettext("The storage did not take a file."),
        StorageFault.NO_ANSWER: gettext("There was no answer in time."),
    }
    return str(sentences[fault])


def _card(
    problems: Mapping[str, str] | None = None,
    *,
    is_open: bool = True,
    done: str = "",
    removed: str = "",
    trial: Trial | None = None,
    with_typed: bool = False,
) -> StudioCard:
    """The section as it is stored now; with what the form brought, if that is to be gone on with."""
    view = services().copy_destination.view()
    shown = {name: value.value or "" for name, value in view.fields.items() if name not in HIDDEN}
    return StudioCard(
        view=view,
        tally=services().copies.total(),
        shown=shown,
        typed=typed(shown) if with_typed else shown,
        problems=problems or {},
        is_open=is_open,
        done=done,
        removed=removed,
        trial=trial,
    )


def _answer(card: StudioCard, status: int = 200) -> ResponseReturnValue:
    return answer("studio_copies.html", "_studio_copies.html", status, card=card)


def _problem(code: str) -> str:
    sentences = {
        "bad_url": gettext("A folder such as /mnt/studio/photos, or a bucket such as s3://studio/photos."),
        "bad_key": gettext("Up to 256 Latin letters, digits and signs, without spaces."),
        "own_place": storage_fault_sentence(StorageFault.OWN_PLACE),
    }
    return str(sentences.get(code) or gettext("This value cannot be used."))
