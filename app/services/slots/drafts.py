"""Content becomes a slot once everything in it has been looked at."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.domain.catalogue import Catalogue, Problem, check_settings
from app.domain.errors import Reason, Refused
from app.domain.media import Output
from app.domain.slot import Publishing, Slot, Step
from app.domain.slot_rules import (
    check_flag,
    check_keeping,
    check_name,
    check_output,
    check_policy,
    check_publishing,
)
from app.ports.media import TemplateStore
from app.ports.vk.communities import CommunityStore
from app.services.slots.content import UNCHANGED, SlotContent

MAX_FALLBACKS = 3
_STEP_FIELDS = {"provider", "operation", "settings"}


class Drafts:
    """Checks content against the catalogue, the template images and the communities that there are now."""

    def __init__(self, *, templates: TemplateStore, communities: CommunityStore, catalogue: Catalogue) -> None:
        self._templates = templates
        self._communities = communities
        self._catalogue = catalogue

    def of(self, slot: Slot, content: SlotContent) -> Slot:
        """The slot with `content` in place of its own; raises Refused(INVALID_SETTINGS) with the problems by field."""
        problems: dict[str, Problem] = {}
        is_active = slot.is_active if content.is_active is UNCHANGED else content.is_active
        draft = replace(
            slot,
            name=check_name(content.name, problems),
            step=self._step(content.provider, content.operation, content.settings, "", problems),
            fallbacks=self._fallbacks(content.fallbacks, problems),
            output=self._output(content.output, problems),
            policy=check_policy(content.policy, problems),
            keeping=check_keeping(content.keeping, problems),
            publishing=self._publishing(content.publishing, problems),
            is_active=check_flag("is_active", is_active, problems),
        )
        if problems:
            raise invalid(problems)
        return draft

    def bindings(self, slot: Slot) -> dict[str, UUID]:
        """Every template that any step of the slot or its output uses, by the path of its field."""
        bindings = {"output.overlay": UUID(slot.output.overlay)} if slot.output.overlay else {}
        paths = ["", *(f"fallbacks.{index}." for index in range(len(slot.fallbacks)))]
        for path, step in zip(paths, (slot.step, *slot.fallbacks), strict=True):
            operation = self._catalogue.operation(step.provider, step.operation)
            for spec in operation.template_fields if operation else ():
                if spec.name in step.settings:
                    bindings[f"{path}settings.{spec.name}"] = UUID(step.settings[spec.name])
        return bindings

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

    def _publishing(self, given: Any, problems: dict[str, Problem]) -> Publishing:
        publishing = check_publishing(given, problems)
        path, chosen = "publishing.community", publishing.community
        if chosen is not None and path not in problems and self._communities.get(UUID(chosen)) is None:
            problems[path] = Problem("not_a_community")
        return publishing

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


def invalid(problems: Mapping[str, Problem]) -> Refused:
    """The refusal that names each problem by the path of its field."""
    fields = {path: {"code": p.code, **p.allowed} for path, p in problems.items()}
    return Refused(Reason.INVALID_SETTINGS, "Some fields cannot be used.", details={"fields": fields})
