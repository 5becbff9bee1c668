"""What an administrator may change of a slot, as it comes from outside."""

from dataclasses import dataclass
from typing import Any

from app.domain.slot import Slot

UNCHANGED = object()
"""For `SlotContent.is_active`: pausing is done apart, and no edit touches it."""


@dataclass(frozen=True, slots=True)
class SlotContent:
    """As given, unchecked."""

    name: Any
    provider: Any
    operation: Any
    settings: Any
    fallbacks: Any
    output: Any
    policy: Any
    keeping: Any
    publishing: Any
    is_active: Any


def content_of(slot: Slot) -> SlotContent:
    """What would make a slot like this one."""
    snapshot = slot.snapshot()
    primary, *fallbacks = snapshot["steps"]
    return SlotContent(
        name=slot.name,
        **primary,
        fallbacks=fallbacks,
        output=snapshot["output"],
        policy=snapshot["policy"],
        keeping=snapshot["keeping"],
        publishing=snapshot["publishing"],
        is_active=slot.is_active,
    )
