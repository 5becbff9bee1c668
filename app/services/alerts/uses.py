"""Which slots ask which models."""

from collections.abc import Sequence
from decimal import Decimal

from app.domain.alerts import Sufferer, in_order
from app.domain.catalogue import Catalogue
from app.domain.slot import Slot


class Uses:
    """What the steps of active `slots` ask. A step that the catalogue does not know asks no model of its provider."""

    def __init__(self, slots: Sequence[Slot], catalogue: Catalogue) -> None:
        self.slots = slots
        self._asked: dict[tuple[str, str], list[Slot]] = {}
        self._prices: dict[tuple[str, str], Decimal] = {}
        for slot in slots:
            for step in (slot.step, *slot.fallbacks):
                operation = catalogue.operation(step.provider, step.operation)
                model = operation.model(step.settings) if operation else None
                self._asked.setdefault((step.provider, model.id if model else ""), []).append(slot)
                if model and (price := model.price(step.settings)):
                    for key in ((step.provider, ""), ("", slot.id)):
                        self._prices[key] = min(price, self._prices.get(key, price))

    def of(self, provider: str, model: str = "", slot_id: str = "") -> tuple[Sufferer, ...]:
        """The slots that ask the provider; of the given model and with the given id, if these are not empty."""
        found = (slots for (used, asked), slots in self._asked.items() if used == provider and model in ("", asked))
        return in_order(named(slot) for slots in found for slot in slots if slot_id in ("", slot.id))

    def cheapest_of(self, provider: str) -> Decimal:
        """US dollars of the cheapest picture that is asked of the provider, zero if none costs anything."""
        return self._prices.get((provider, ""), Decimal(0))

    def cheapest_for(self, slot: Slot) -> Decimal:
        """The same of a slot's steps that cost something."""
        return self._prices.get(("", slot.id), Decimal(0))


def named(slot: Slot) -> Sufferer:
    return Sufferer(slot.id, slot.name)
