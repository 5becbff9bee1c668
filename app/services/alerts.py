"""What administrators should see on every page: whatever keeps active slots from their pictures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.domain.catalogue import Catalogue
from app.domain.errors import FaultKind
from app.domain.limits import ProviderAlert
from app.domain.slot import Slot, Step
from app.ports.media import TemplateStore
from app.ports.providers import ProviderGate, ProviderKeys
from app.ports.slots import SlotStore
from app.ports.upkeep import Transaction


class Lack(StrEnum):
    """What this installation has not been given."""

    KEY = "key_missing"
    READABLE_KEY = "key_unreadable"
    PUBLIC_ADDRESS = "public_address_missing"
    TEMPLATE = "template_missing"


@dataclass(frozen=True, slots=True)
class Alert:
    """One trouble. `provider` is an id of the catalogue, empty where it is none's, as is `model`.

    `message` is an English sentence, safe to show, and may be empty. Of what is lacking nobody knows since when.
    `slots` are those that suffer.
    """

    kind: FaultKind | Lack
    provider: str = ""
    model: str = ""
    message: str = ""
    since: datetime | None = None
    open_until: datetime | None = None
    slots: tuple[Slot, ...] = ()

    @property
    def leaves_without_key(self) -> bool:
        return self.kind in (Lack.KEY, Lack.READABLE_KEY)


_Uses = Mapping[tuple[str, str], Sequence[Slot]]
"""The slots by the provider and the model that a step of theirs asks."""


class AlertService:
    """`base_url` is this installation's public address, None if it has none."""

    def __init__(
        self,
        *,
        gate: ProviderGate,
        slots: SlotStore,
        templates: TemplateStore,
        keys: ProviderKeys,
        catalogue: Catalogue,
        transaction: Transaction,
        base_url: str | None,
    ) -> None:
        self._gate = gate
        self._slots = slots
        self._templates = templates
        self._keys = keys
        self._catalogue = catalogue
        self._transaction = transaction
        self._base_url = base_url

    def active(self) -> list[Alert]:
        """What is lacking, then what the providers' last calls met, the most urgent first.

        Only what active slots use counts: a trouble of a model that nobody asks any more can never be mended.
        """
        with self._transaction():
            slots = [slot for slot in self._slots.all() if slot.is_active]
            uses = self._uses(slots)
            lacking = [*self._without_key(uses), *self._without_address(slots, uses), *self._without_image(slots)]
            found = self._gate.alerts()
        faults = (_as_alert(fault, uses) for fault in found if not _is_explained(fault, lacking))
        return [*lacking, *_merged(alert for alert in faults if alert.slots)]

    def _uses(self, slots: Iterable[Slot]) -> _Uses:
        uses: dict[tuple[str, str], list[Slot]] = {}
        for slot in slots:
            for step in (slot.step, *slot.fallbacks):
                operation = self._catalogue.operation(step.provider, step.operation)
                model = operation.model(step.settings).id if operation else ""
                uses.setdefault((step.provider, model), []).append(slot)
        return uses

    def _without_key(self, uses: _Uses) -> Iterator[Alert]:
        used = [spec for spec in self._catalogue.providers if spec.needs_key and _users(uses, spec.id)]
        for provider, loss in self._keys.without_key(used).items() if used else ():
            kind = Lack.READABLE_KEY if loss else Lack.KEY
            yield Alert(kind, provider, message=loss, slots=_users(uses, provider))

    def _without_address(self, slots: Iterable[Slot], uses: _Uses) -> Iterator[Alert]:
        """Without a provider it is about QR codes."""
        if self._base_url is not None:
            return
        for spec in self._catalogue.providers:
            if spec.needs_public_address and (users := _users(uses, spec.id)):
                yield Alert(Lack.PUBLIC_ADDRESS, spec.id, slots=users)
        if printing := tuple(slot for slot in slots if slot.output.qr_corner):
            yield Alert(Lack.PUBLIC_ADDRESS, slots=printing)

    def _without_image(self, slots: Iterable[Slot]) -> Iterator[Alert]:
        """An image that slots use may be deleted all the same, and their settings go on naming it."""
        wanted = [(slot, images) for slot in slots if (images := set(self._images_of(slot)))]
        there = {str(template.id) for template in self._templates.all()} if wanted else set()
        if bereft := tuple(slot for slot, images in wanted if images - there):
            yield Alert(Lack.TEMPLATE, slots=bereft)

    def _images_of(self, slot: Slot) -> Iterator[str]:
        if slot.output.overlay:
            yield slot.output.overlay
        for step in (slot.step, *slot.fallbacks):
            yield from self._images_in(step)

    def _images_in(self, step: Step) -> Iterator[str]:
        """Of the fields that the step's model knows: others are never sent."""
        if operation := self._catalogue.operation(step.provider, step.operation):
            known = operation.known_to(operation.model(step.settings), step.settings)
            yield from (known[f.name] for f in operation.template_fields if known.get(f.name))


def _users(uses: _Uses, provider: str, model: str = "", slot_id: str = "") -> tuple[Slot, ...]:
    """The slots that ask the provider; of the given model and with the given id, if these are not empty."""
    found = (slots for (used, asked), slots in uses.items() if used == provider and model in ("", asked))
    return _in_order(slot for slots in found for slot in slots if slot_id in ("", slot.id))


def _in_order(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """By id, each once."""
    return tuple(sorted({slot.id: slot for slot in slots}.values(), key=lambda slot: slot.id))


def _is_explained(fault: ProviderAlert, lacking: Iterable[Alert]) -> bool:
    """That a provider is not set up is said more plainly by what it, or the slot, lacks."""
    return fault.kind is FaultKind.NOT_CONFIGURED and any(
        fault.provider == lack.provider or (lack.kind is Lack.TEMPLATE and fault.slot_id in _ids(lack.slots))
        for lack in lacking
    )


def _ids(slots: Iterable[Slot]) -> set[str]:
    return {slot.id for slot in slots}


def _as_alert(fault: ProviderAlert, uses: _Uses) -> Alert:
    return Alert(
        kind=fault.kind,
        provider=fault.provider,
        model=fault.model,
        message=fault.message,
        since=fault.since,
        open_until=fault.open_until,
        slots=_users(uses, fault.provider, fault.model, fault.slot_id),
    )


def _merged(alerts: Iterable[Alert]) -> list[Alert]:
    """What several slots suffer from in the same words is told once, as old as it is for the first of them."""
    merged: dict[tuple[str, ...], Alert] = {}
    for alert in alerts:
        same = merged.get(words := (alert.kind, alert.provider, alert.model, alert.message))
        merged[words] = _united(same, alert) if same else alert
    return list(merged.values())


def _united(one: Alert, other: Alert) -> Alert:
    since = min((moment for moment in (one.since, other.since) if moment), default=None)
    return replace(one, since=since, slots=_in_order((*one.slots, *other.slots)))
