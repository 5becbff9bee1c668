"""How two versions of a slot differ, field by field, in the paths by which refusals name fields too."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from app.domain.slot import Slot, Step


@dataclass(frozen=True, slots=True)
class Difference:
    """JSON-ready values; None where there was no such field or nothing in it."""

    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of a slot and the one before it, None where nothing is known of that."""

    slot: Slot
    before: Slot | None

    @property
    def changes(self) -> dict[str, Difference] | None:
        """What the version changed of the one before."""
        return None if self.before is None else differences(self.before, self.slot)


def values_of(slot: Slot) -> dict[str, Any]:
    """All that an administrator may change of a slot, by field path such as `fallbacks.0.settings.strength`."""
    values: dict[str, Any] = {"name": slot.name, "is_active": slot.is_active}
    for place, step in enumerate((slot.step, *slot.fallbacks)):
        path = f"fallbacks.{place - 1}." if place else ""
        values |= {f"{path}{name}": value for name, value in _step_values(step)}
    values |= {f"policy.{name}": value for name, value in asdict(slot.policy).items()}
    values |= {f"output.{name}": value for name, value in asdict(slot.output).items()}
    values |= {f"keeping.{name}": value for name, value in asdict(slot.keeping).items()}
    values |= {f"publishing.{name}": value for name, value in asdict(slot.publishing).items()}
    return values


def differences(old: Slot, new: Slot) -> dict[str, Difference]:
    """By field path, in the order of `values_of`."""
    before, after = values_of(old), values_of(new)
    found = {path: Difference(before.get(path), after.get(path)) for path in {**before, **after}}
    return {path: difference for path, difference in found.items() if difference.old != difference.new}


def differ_by_pause_only(old: Slot, new: Slot) -> bool:
    """Whether nobody has edited anything between the two: pausing is no edit."""
    return differences(old, new).keys() <= {"is_active"}


def _step_values(step: Step) -> Iterator[tuple[str, Any]]:
    yield "provider", step.provider
    yield "operation", step.operation
    for name, value in step.settings.items():
        yield f"settings.{name}", value
