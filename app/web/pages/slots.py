"""The home page: fifteen slots, what they have been doing, and their links."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.domain.activity import SlotActivity
from app.domain.catalogue import Catalogue, Label
from app.domain.job import LastPhoto
from app.domain.slot import Slot
from app.web.links import ingest_url
from app.web.pages.alerts import current_alerts
from app.web.pages.formats import house_zone, in_language
from app.web.pages.guide import current_guide
from app.web.pages.heartbeat import Heartbeat, heartbeat
from app.web.pages.site import blueprint, is_htmx, unless_seen
from app.web.use_cases import services

_LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One slot in the list; `last` is its newest photo of a booth that is still kept.

    `last_at` is when a photo last came out, be it kept or not. `heartbeat` is None where there were no photos at all.
    """

    slot: Slot
    provider: Label
    operation: Label
    link: str
    last: LastPhoto | None
    last_at: datetime | None
    activity: SlotActivity
    heartbeat: Heartbeat | None


@blueprint.get("/")
def slots() -> ResponseReturnValue:
    wanted = request.args.get("q", "").strip()[:_LONGEST_SEARCH]
    rows = [row for row in _rows() if _is_like(row, wanted)]
    if is_htmx():
        return unless_seen(render_template("_slots.html", rows=rows, wanted=wanted))
    return render_template("slots.html", rows=rows, wanted=wanted, guide=None if wanted else current_guide())


def _rows() -> Iterator[Row]:
    zone = house_zone()
    today = datetime.now(zone).date()
    last = services().jobs.last_photos()
    activities = services().activity.by_slot(zone)
    for slot in services().slots.all():
        activity = activities.get(slot.id, SlotActivity())
        provider, operation = labels(services().catalogue, slot.step.provider, slot.step.operation)
        yield Row(
            slot=slot,
            provider=provider,
            operation=operation,
            link=ingest_url(slot.id),
            last=(photo := last.get(slot.id)),
            last_at=photo.finalized_at if photo else activity.last_success_at,
            activity=activity,
            heartbeat=heartbeat(activity, zone, today) if activity.beats else None,
        )


@blueprint.app_template_test("without_key")
def is_without_key(slot: Slot) -> bool:
    """Whether its provider cannot be called, so that every photo needs a fallback."""
    return any(alert.leaves_without_key and alert.provider == slot.step.provider for alert in current_alerts())


def _is_like(row: Row, wanted: str) -> bool:
    """Every word of what is wanted is in the slot's name, its id, or what its provider is called."""
    told = (row.slot.name, row.slot.id, row.slot.step.provider, in_language(row.provider), in_language(row.operation))
    text = " ".join(told).casefold()
    return all(word in text for word in wanted.casefold().split())


def labels(catalogue: Catalogue, provider_id: str, operation_id: str) -> tuple[Label, Label]:
    """What a provider and its operation are called; their ids if the catalogue knows them no longer."""
    provider = catalogue.provider(provider_id)
    operation = catalogue.operation(provider_id, operation_id)
    return (
        provider.label if provider else {"en": provider_id},
        operation.label if operation else {"en": operation_id},
    )
