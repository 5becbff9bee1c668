"""The home page: fifteen slots and their links."""

from collections.abc import Set
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from app.domain.catalogue import Catalogue, Label
from app.domain.job import LastPhoto
from app.domain.slot import Slot
from app.web.links import ingest_url
from app.web.pages.alerts import current_alerts
from app.web.pages.site import blueprint, is_htmx, unless_seen
from app.web.use_cases import services


@dataclass(frozen=True, slots=True)
class Row:
    """One slot in the list; `last` is its newest photo of a booth that is still kept.

    `is_without_key`: its provider cannot be called, so that every photo needs a fallback.
    """

    slot: Slot
    provider: Label
    operation: Label
    last: LastPhoto | None
    link: str
    is_without_key: bool


@blueprint.get("/")
def slots() -> ResponseReturnValue:
    last = services().jobs.last_photos()
    without_key = {alert.provider for alert in current_alerts() if alert.leaves_without_key}
    rows = [_row(slot, last.get(slot.id), without_key) for slot in services().slots.all()]
    if is_htmx():
        return unless_seen(render_template("_slots.html", rows=rows))
    return render_template("slots.html", rows=rows)


def _row(slot: Slot, last: LastPhoto | None, without_key: Set[str]) -> Row:
    provider, operation = labels(services().catalogue, slot.step.provider, slot.step.operation)
    return Row(slot, provider, operation, last, ingest_url(slot.id), slot.step.provider in without_key)


def labels(catalogue: Catalogue, provider_id: str, operation_id: str) -> tuple[Label, Label]:
    """What a provider and its operation are called; their ids if the catalogue knows them no longer."""
    provider = catalogue.provider(provider_id)
    operation = catalogue.operation(provider_id, operation_id)
    return (
        provider.label if provider else {"en": provider_id},
        operation.label if operation else {"en": operation_id},
    )
