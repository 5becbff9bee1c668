"""The first-run guide: what is left to do until a real booth has its first picture."""

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.domain.guide import Progress
from app.web.auth import require_user
from app.web.links import absolute, ingest_url
from app.web.pages.alerts import current_alerts
from app.web.pages.site import blueprint, is_htmx, unless_seen
from app.web.use_cases import services

FIRST_SLOT = "slot-001"


class Step(StrEnum):
    """In the order in which people do them; each ticks itself."""

    ADDRESS = "address"
    SLOT = "slot"
    KEYS = "keys"
    TEST = "test"
    BOOTH = "booth"
    SHOT = "shot"


@dataclass(frozen=True, slots=True)
class Guide:
    """What the templates show. `done` are the steps that need nothing more, `current` the first of the others."""

    progress: Progress
    done: frozenset[Step]
    address: str
    link: str

    @property
    def steps(self) -> list[Step]:
        return list(Step)

    @property
    def current(self) -> Step | None:
        return next((step for step in Step if step not in self.done), None)


def current_guide() -> Guide | None:
    """For the home page: none once it is over, or while nobody wants it there."""
    progress = services().guide.progress()
    return None if progress.is_over or progress.is_hidden else _guide(progress)


@blueprint.get("/guide")
def guide() -> ResponseReturnValue:
    """A page that is always there, and the part of the home page that looks for news."""
    found = _guide(services().guide.progress())
    if is_htmx():
        return unless_seen(render_template("_guide.html", guide=found))
    return render_template("guide.html", guide=found)


@blueprint.post("/guide")
def hide_guide() -> ResponseReturnValue:
    services().guide.hide(request.form.get("hidden") == "yes", require_user())
    return redirect(url_for("pages.slots"), 303)


def _guide(progress: Progress) -> Guide:
    came = progress.last_request is not None
    done = {
        Step.ADDRESS: came or not _is_loopback(),
        Step.SLOT: progress.slot_was_changed or progress.photo_came_out,
        Step.KEYS: not any(alert.leaves_without_key for alert in current_alerts()),
        Step.TEST: progress.photo_came_out,
        Step.BOOTH: came,
        Step.SHOT: progress.is_over,
    }
    ticked = frozenset(step for step, is_done in done.items() if is_done or progress.is_over)
    return Guide(progress, ticked, absolute("/").rstrip("/"), ingest_url(FIRST_SLOT))


def _is_loopback() -> bool:
    """Whether only programs of this computer can come by the address that is shown to booths."""
    host = urlsplit(absolute("/")).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
