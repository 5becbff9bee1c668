"""Money of the day: what is spent, and what soon will be."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from app.domain.alerts import Alert, Trouble
from app.services.alerts.uses import Uses, named

_LOW_SHARE = Decimal("0.8")
_STEP = 5  # per cent: a message that changed with every photo would be read out with every photo


def troubles(spent: Mapping[str, Decimal], uses: Uses, limits: Mapping[str, Decimal]) -> Iterator[Alert]:
    """Of providers (`limits`) and of slots; `spent` by `provider:ID` and `slot:ID`, all in US dollars of this day.

    A budget is spent when not even the cheapest picture fits in any more, as the gate decides it.
    """
    for provider, limit in limits.items():
        used, price = spent.get(f"provider:{provider}", Decimal(0)), uses.cheapest_of(provider)
        if price and (found := _trouble(used, price, limit)):
            yield Alert(found[0], provider, message=found[1], slots=uses.of(provider))
    yield from _of_slots(spent, uses)


def _of_slots(spent: Mapping[str, Decimal], uses: Uses) -> Iterator[Alert]:
    for slot in uses.slots:
        if slot.policy.daily_budget_usd is None or not (price := uses.cheapest_for(slot)):
            continue
        limit, used = Decimal(str(slot.policy.daily_budget_usd)), spent.get(f"slot:{slot.id}", Decimal(0))
        if found := _trouble(used, price, limit):
            yield Alert(found[0], message=found[1], slots=(named(slot),))


def _trouble(used: Decimal, price: Decimal, limit: Decimal) -> tuple[Trouble, str] | None:
    if used + price > limit:
        return Trouble.BUDGET_SPENT, ""
    share = used / limit
    return (Trouble.BUDGET_LOW, f"{int(share * 100) // _STEP * _STEP} %") if share >= _LOW_SHARE else None
