"""A house whose alerts are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.domain.catalogue import Catalogue, ProviderSpec
from app.domain.copies import Destination
from app.domain.errors import FaultKind, ProviderFault
from app.domain.limits import Ask
from app.domain.slot import Step
from app.ports.providers import Connection
from app.services.alerts import AlertService
from tests.services.house import CATALOGUE, House
from tests.twins.scripted_provider import PlainConnections

ALL = Catalogue(tuple(replace(spec, needs_public_address=spec.id == "orders") for spec in CATALOGUE.providers))


class Locked(PlainConnections):
    """What is stored for these providers cannot be decrypted."""

    def __init__(self, *providers: str) -> None:
        super().__init__()
        self._locked = providers

    def without_key(self, specs: Sequence[ProviderSpec]) -> Mapping[str, str]:
        locked = {spec.id: "It cannot be decrypted." for spec in specs if spec.id in self._locked}
        return {**super().without_key(specs), **locked}


class SavedDestination:
    """Implements ports.CopyDestination."""

    def __init__(self) -> None:
        self.saved: Destination | None = None

    def current(self) -> Destination | None:
        return self.saved


class Studio(House):
    """A house with the service of alerts, in a process that has been up for `up_seconds`."""

    def __init__(self, connections: PlainConnections | None = None, base_url: str | None = "https://a.example") -> None:
        super().__init__()
        self.gate = self.stores.gate
        self.connections = connections or PlainConnections()
        self.destination = SavedDestination()
        self.up_seconds = 0.0
        self.service = AlertService(
            gate=self.gate,
            slots=self.stores.slots,
            templates=self.stores.templates,
            keys=self.connections,
            budgets=self.connections,
            monitor=self.stores.monitor,
            media=self.media,
            catalogue=ALL,
            destinations=self.destination,
            transaction=self.stores.transaction,
            base_url=base_url,
            clock=lambda: self.up_seconds,
        )

    def set_up(self, slot_id: str, *steps: Step, **changes: Any) -> None:
        slot = self.slot(slot_id)
        changed = replace(slot, step=steps[0], fallbacks=steps[1:], **changes)
        assert self.stores.slots.save(changed, slot.version, "serg")

    def forget_key(self, provider: str) -> None:
        self.connections.changed[provider] = Connection("https://a.example", None)

    def note(self, provider: str, kind: FaultKind, model: str = "fast", slot_id: str = "slot-001") -> None:
        ask = Ask(provider, model, slot_id, Decimal(0))
        self.gate.note(ask, ProviderFault(kind, "In its own words.", permanent=True))

    def told(self) -> list[tuple[str, str]]:
        return [(alert.provider, alert.kind.value) for alert in self.service.active()]

    def works_well(self) -> None:
        """A worker lives and the last purge has just ended."""
        self.stores.heartbeats.beat("worker-1", "worker")
        self.stores.purges.request(None)
        purge = self.stores.purges.start()
        assert purge is not None
        assert self.stores.purges.finish(purge, {})

    def spend(self, slot_id: str, usd: str, provider: str = "backup") -> None:
        """Calls of the slot have cost so much today."""
        ask = Ask(provider, "fast", slot_id, Decimal(0))
        self.gate.settle(ask, self.gate.admit(ask), cost_usd=Decimal(usd), fault=None)
