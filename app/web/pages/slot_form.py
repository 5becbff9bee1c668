"""The slot's form between HTML and the slot service: what was typed stays as typed until it is right."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from app.domain.catalogue import Catalogue, Field
from app.domain.errors import Reason, Refused
from app.domain.slot import Slot
from app.services.slots import SlotContent
from app.web.pages.phrases import problem

_SETTING = "settings."
_ORDER = ("name", "is_active", "provider", "operation", "settings", "fallbacks", "output")
_INTEGER = re.compile(r"[+-]?\d{1,15}")
_NUMBER = re.compile(r"[+-]?\d{1,15}([.,]\d{1,15})?")


@dataclass(frozen=True, slots=True)
class SlotForm:
    """Values as the form shows them, and the sentences beside those that were refused, by field path.

    `settings` holds what was typed for every operation tried so far, so that switching back loses nothing.
    """

    name: str
    provider: str
    operation: str
    settings: Mapping[str, Any]
    format: str
    quality: Any
    max_side: Any
    is_active: bool
    version: int
    problems: Mapping[str, str] = field(default_factory=dict)

    def with_problems(self, refused: Refused) -> "SlotForm":
        """What the slot service found, in the order in which the fields stand on the page."""
        found = sorted(refused.details.get("fields", {}).items(), key=lambda item: _ORDER.index(item[0].split(".")[0]))
        return replace(self, problems={path: problem(why) for path, why in found})

    def content(self, catalogue: Catalogue, slot: Slot) -> SlotContent:
        """For the slot service; the fallbacks, which this form does not show, stay as they are in `slot`."""
        operation = catalogue.operation(self.provider, self.operation)
        fields = operation.fields if operation else ()
        return SlotContent(
            name=self.name,
            provider=self.provider,
            operation=self.operation,
            settings={f.name: _typed(f, self.settings[f.name]) for f in fields if f.name in self.settings},
            fallbacks=slot.snapshot()["steps"][1:],
            output={
                **asdict(slot.output),
                "format": self.format,
                "quality": _integer(self.quality),
                "max_side": _integer(self.max_side),
            },
            policy=asdict(slot.policy),
            is_active=self.is_active,
        )


def stored(slot: Slot) -> SlotForm:
    """The form of a slot as it is saved."""
    return SlotForm(
        name=slot.name,
        provider=slot.step.provider,
        operation=slot.step.operation,
        settings=slot.step.settings,
        format=slot.output.format,
        quality=slot.output.quality,
        max_side=slot.output.max_side,
        is_active=slot.is_active,
        version=slot.version,
    )


def posted(form: MultiDict[str, str], catalogue: Catalogue) -> SlotForm:
    """The form as sent; raises Refused(INVALID_REQUEST) without a version."""
    provider = catalogue.provider(form.get("provider", ""))
    operation = form.get("operation", "")
    if provider and provider.operations and provider.operation(operation) is None:
        operation = provider.operations[0].id
    return SlotForm(
        name=form.get("name", ""),
        provider=form.get("provider", ""),
        operation=operation,
        settings={key.removeprefix(_SETTING): form.getlist(key)[-1] for key in form if key.startswith(_SETTING)},
        format=form.get("output.format", ""),
        quality=form.get("output.quality", ""),
        max_side=form.get("output.max_side", ""),
        is_active="is_active" in form,
        version=_version(form),
    )


def _version(form: MultiDict[str, str]) -> int:
    """The version that the edit began with; whoever saw a conflict may name the newer one in `overwrite`."""
    text = form.get("overwrite") or form.get("version", "")
    if not text.isdecimal() or len(text) > 9:
        raise Refused(Reason.INVALID_REQUEST, "Say which version you changed: `version`.")
    return int(text)


def _typed(spec: Field, value: Any) -> Any:
    """`value` as the catalogue's type wants it; what does not look like one stays text, to be refused by name."""
    if not isinstance(value, str):
        return value
    if spec.type == "boolean":
        return value == "on"
    if spec.type == "integer":
        return _integer(value)
    if spec.type == "number":
        return _number(value)
    return value or None


def _integer(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value.strip()
    return int(text) if _INTEGER.fullmatch(text) else text or None


def _number(value: str) -> Any:
    text = value.strip()
    if not _NUMBER.fullmatch(text):
        return text or None
    return float(text.replace(",", "."))
