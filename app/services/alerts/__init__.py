"""What administrators should see on every page: whatever keeps active slots from their pictures."""

import time
from collections.abc import Callable, Iterable, Mapping

from app.domain.alerts import Alert, AlertKind, Lack, Severity, Trouble, merged
from app.domain.catalogue import Catalogue
from app.domain.errors import FaultKind
from app.domain.limits import ProviderAlert
from app.ports.alerts import Monitor
from app.ports.copies import CopyDestination
from app.ports.media import MediaStore, TemplateStore
from app.ports.providers import ProviderBudgets, ProviderGate, ProviderKeys
from app.ports.slots import SlotStore
from app.ports.upkeep import Transaction
from app.services.alerts import budgets, copies, house, posts, uploads
from app.services.alerts.lacks import Lacks
from app.services.alerts.uses import Uses


class AlertService:
    """`base_url` is this installation's public address, None if it has none. `clock` is as time.monotonic."""

    def __init__(
        self,
        *,
        gate: ProviderGate,
        slots: SlotStore,
        templates: TemplateStore,
        keys: ProviderKeys,
        budgets: ProviderBudgets,
        monitor: Monitor,
        media: MediaStore,
        catalogue: Catalogue,
        destinations: CopyDestination,
        transaction: Transaction,
        base_url: str | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gate = gate
        self._slots = slots
        self._budgets = budgets
        self._monitor = monitor
        self._media = media
        self._catalogue = catalogue
        self._transaction = transaction
        self._lacks = Lacks(
            templates=templates, keys=keys, catalogue=catalogue, destinations=destinations, base_url=base_url
        )
        self._clock = clock
        self._began = clock()

    def active(self) -> list[Alert]:
        """What is wrong with the installation, what is lacking, what the providers' last calls met: most urgent first.

        Of providers, only what active slots use counts: a trouble of a model that nobody asks any more can never be
        mended. Asks the database a fixed number of questions, whatever it finds.
        """
        with self._transaction():
            slots = self._slots.all()
            uses = Uses([slot for slot in slots if slot.is_active], self._catalogue)
            lacking = list(self._lacks.of(uses))
            limits = self._budgets.daily_budgets()
            vitals = self._monitor.vitals()
            found = self._gate.alerts()
        own = list(house.troubles(vitals, slots, self._clock() - self._began))
        own += copies.troubles(vitals, slots, lacking)
        own += posts.troubles(vitals, self._clock() - self._began)
        own += uploads.troubles(vitals, slots)
        money = list(budgets.troubles(vitals.spent_usd, uses, limits))
        faults = (_as_alert(fault, uses) for fault in found if not _is_explained(fault, [*lacking, *money]))
        known = (alert for alert in faults if alert.slots)
        alerts = merged([*own, *house.fullness(self._media), *lacking, *money, *known])
        return sorted(alerts, key=lambda alert: alert.severity is Severity.WARNING)


def _is_explained(fault: ProviderAlert, told: Iterable[Alert]) -> bool:
    """What the provider, or the slot, lacks or has used up says more plainly why it could not be called."""
    return any(
        fault.kind is _FOLLOWS.get(alert.kind)
        and alert.provider in ("", fault.provider)
        and (alert.provider != "" or fault.slot_id in {slot.id for slot in alert.slots})
        for alert in told
    )


_FOLLOWS: Mapping[AlertKind, FaultKind] = {
    **dict.fromkeys(Lack, FaultKind.NOT_CONFIGURED),
    Trouble.BUDGET_SPENT: FaultKind.LIMIT_REACHED,
}


def _as_alert(fault: ProviderAlert, uses: Uses) -> Alert:
    return Alert(
        kind=fault.kind,
        provider=fault.provider,
        model=fault.model,
        message=fault.message,
        since=fault.since,
        open_until=fault.open_until,
        slots=uses.of(fault.provider, fault.model, fault.slot_id),
    )
