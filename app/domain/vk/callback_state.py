"""How Callback stands: whether VK tells us of what happens in a community."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class CallbackTrouble(StrEnum):
    """Why VK tells us nothing, or may not; pages say what to do about each."""

    NO_ADDRESS = "no_address"
    NOT_SET_UP = "not_set_up"
    GONE = "gone"
    OTHER_ADDRESS = "other_address"
    CODE_CHANGED = "code_changed"
    WAITING = "waiting"
    FAILED = "failed"
    EVENTS_MISSING = "events_missing"
    NO_SECRET = "no_secret"  # noqa: S105 - a word for what is missing
    CANNOT_ASK = "cannot_ask"


@dataclass(frozen=True, slots=True)
class CallbackState:
    """`address` is where VK should send events, empty without a public address of ours. `details` belong to the
    trouble: `events` that are not asked for, `code` and `message` of what VK refused.
    """

    address: str
    trouble: CallbackTrouble | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def works(self) -> bool:
        return self.trouble is None
