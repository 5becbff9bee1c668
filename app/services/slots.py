"""The fifteen slots: reading them, and changing one without overwriting somebody else's change."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from app.domain.catalogue import Catalogue, Problem, check_settings
from app.domain.errors import Reason, Refused
from app.domain.media import Output
from app.domain.slot import Slot, Step
from app.domain.slot_rules import check_flag, check_name, check_output, check_policy
from app.ports.media import TemplateStore
from app.ports.slots import SlotStore
from app.ports.upkeep import Transaction

MAX_FALLBACKS = 3
_STEP_FIELDS = {"provider", "operation", "settings"}


@dataclass(frozen=True, slots=True)
class SlotContent:
    """What an administrator may change of a slot, as given, unchecked."""

    name: Any
    provider: Any
    operation: Any
    settings: Any
    fallbacks: Any
    output: Any
    policy: Any
    is_active: Any


class SlotService:
    def __init__(
        self, *, slots: SlotStore, templates: TemplateStore, catalogue: Catalogue, transaction: Transaction
    ) -> None:
        self._slots = slots
        self._templates = templates
        self._catalogue = catalogue
        self._transaction = transaction

    def all(self) -> list[Slot]:
        return self._slots.all()

    def get(self, slot_id: str) -> Slot:
        """Raises Refused(SLOT_NOT_FOUND)."""
        slot = self._slots.get(slot_id)
        if slot is None:
            raise Refused(Reason.SLOT_NOT_FOUND, "There is no such slot.", details={"slot_id": slot_id})
        return slot

    def draft(self, slot_id: str, content: SlotContent) -> Slot:
        """The slot with `content` in place of what is stored, checked but not saved.

        Raises Refused(INVALID_SETTINGS) with `details["fields"]`: problem by field path, such as `settings.strength`.
        """
        slot = self.get(slot_id)
        problems: dict[str, Problem] = {}
        step = self._step(content.provider, content.operation, content.settings, "", problems)
        draft = replace(
            slot,
            name=check_name(content.name, problems),
            step=step,
            fallbacks=self._fallbacks(content.fallbacks, problems),
            output=self._output(content.output, problems),
            policy=check_policy(content.policy, problems),
            is_active=check_flag("is_active", content.is_active, problems),
        )
        if problems:
            raise _invalid(problems)
        return draft

    def change(self, slot_id: str, content: SlotContent, expected_version: int, author: str) -> Slot:
        """Save; raises Refused as `draft` does, and VERSION_CONFLICT with who changed it when."""
        with self._transaction():
            draft = self.draft(slot_id, content)
            saved = self._slots.save(draft, expected_version, author)
            if saved is None:
                raise _conflict(self.get(slot_id), expected_version)
            self._bind(draft)
        return saved

    def _bind(self, slot: Slot) -> None:
        """Tell the templates who uses them; one may have been deleted since the draft was checked."""
        bindings = self._bindings(slot)
        try:
            self._templates.bind(slot.id, bindings)
        except KeyError as error:
            gone = [path for path, template_id in bindings.items() if template_id in error.args]
            raise _invalid({path: Problem("not_a_template") for path in gone}) from None

    def _step(self, provider: Any, operation: Any, settings: Any, path: str, problems: dict[str, Problem]) -> Step:
        spec = self._catalogue.provider(provider) if isinstance(provider, str) else None
        if spec is None:
            problems[f"{path}provider"] = Problem(
                "not_an_option", {"options": [p.id for p in self._catalogue.providers]}
            )
            return Step("", "")
        chosen = spec.operation(operation) if isinstance(operation, str) else None
        if chosen is None:
            problems[f"{path}operation"] = Problem("not_an_option", {"options": [o.id for o in spec.operations]})
            return Step("", "")
        if not isinstance(settings, Mapping):
            problems[f"{path}settings"] = Problem("not_an_object")
            return Step("", "")
        clean, found = check_settings(chosen, settings)
        found.update(
            {f.name: Problem("not_a_template") for f in chosen.template_fields if self._is_gone(clean.get(f.name))}
        )
        problems.update({f"{path}settings.{name}": problem for name, problem in found.items()})
        return Step(spec.id, chosen.id, clean)

    def _output(self, given: Any, problems: dict[str, Problem]) -> Output:
        output = check_output(given, problems)
        if "output.overlay" not in problems and self._is_gone(output.overlay):
            problems["output.overlay"] = Problem("not_a_template")
        return output

    def _is_gone(self, template_id: str | None) -> bool:
        return template_id is not None and self._templates.get(UUID(template_id)) is None

    def _fallbacks(self, given: Any, problems: dict[str, Problem]) -> tuple[Step, ...]:
        if not isinstance(given, list) or len(given) > MAX_FALLBACKS or not all(isinstance(s, Mapping) for s in given):
            problems["fallbacks"] = Problem("not_a_list", {"maximum": MAX_FALLBACKS})
            return ()
        for index, step in enumerate(given):
            for name in set(step) - _STEP_FIELDS:
                problems[f"fallbacks.{index}.{name}"] = Problem("unknown_field", {"allowed": sorted(_STEP_FIELDS)})
        return tuple(
            self._step(s.get("provider"), s.get("operation"), s.get("settings", {}), f"fallbacks.{i}.", problems)
            for i, s in enumerate(given)
        )

    def _bindings(self, slot: Slot) -> dict[str, UUID]:
        """Every template that any step of the slot or its output uses, by the path of its field."""
        bindings = {"output.overlay": UUID(slot.output.overlay)} if slot.output.overlay else {}
        paths = ["", *(f"fallbacks.{index}." for index in range(len(slot.fallbacks)))]
        for path, step in zip(paths, (slot.step, *slot.fallbacks), strict=True):
            operation = self._catalogue.operation(step.provider, step.operation)
            for spec in operation.template_fields if operation else ():
                if spec.name in step.settings:
                    bindings[f"{path}settings.{spec.name}"] = UUID(step.settings[spec.name])
        return bindings


def _invalid(problems: Mapping[str, Problem]) -> Refused:
    fields = {path: {"code": p.code, **p.allowed} for path, p in problems.items()}
    return Refused(Reason.INVALID_SETTINGS, "Some fields cannot be used.", details={"fields": fields})


def _conflict(current: Slot, expected_version: int) -> Refused:
    return Refused(
        Reason.VERSION_CONFLICT,
        f"The slot was changed in the meantime by {current.updated_by}; load it again.",
        details={
            "expected_version": expected_version,
            "version": current.version,
            "updated_by": current.updated_by,
            "updated_at": current.updated_at.isoformat(),
        },
    )

