"""A slot: which provider does what with the shots of one ingest link."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from app.domain.media import Output

SLOT_COUNT = 15
NAME_MAX = 80


@dataclass(frozen=True, slots=True)
class Step:
    """One link of a slot's provider chain. `settings` maps the catalogue's field names to values."""

    provider: str
    operation: str
    settings: Mapping[str, Any] = field(default_factory=dict)


CONTENT_BLOCKED_CHOICES = ("stop", "next")


@dataclass(frozen=True, slots=True)
class Policy:
    """How far a slot goes for a picture.

    `content_blocked`: after a provider refused what is in the picture, `stop`, or try the `next` provider. `hedge`:
    when a call takes longer than usual, ask the next step as well and take the first picture. Money is US dollars,
    None for no limit: the price of one photo in all, and of a slot's day (UTC).
    """

    content_blocked: str = "stop"
    hedge: bool = False
    price_cap_usd: float | None = None
    daily_budget_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Keeping:
    """What a slot keeps beside its results.

    `originals`: the shot as it came, for as long as its result. `copies`: each result is copied to the studio's own
    storage as it appears.
    """

    originals: bool = False
    copies: bool = False


@dataclass(frozen=True, slots=True)
class Publishing:
    """Where a slot publishes its results by itself: to albums of the VK community `community`, an id.

    `album` is an AlbumPer: one for each day or event, or none at all. `consent_field` is the booth field in which a
    guest must have said yes; None: photos are published without asking.
    """

    community: str | None = None
    album: str = "none"
    consent_field: str | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot as stored. `version` grows by one with every change and decides concurrent edits."""

    id: str
    name: str
    step: Step
    fallbacks: tuple[Step, ...]
    output: Output
    policy: Policy
    keeping: Keeping
    publishing: Publishing
    is_active: bool
    version: int
    updated_by: str | None
    updated_at: datetime

    def snapshot(self) -> dict[str, Any]:
        """The JSON-ready copy that a job carries."""
        return {
            "steps": [
                {"provider": s.provider, "operation": s.operation, "settings": dict(s.settings)}
                for s in (self.step, *self.fallbacks)
            ],
            "output": asdict(self.output),
            "policy": asdict(self.policy),
            "keeping": asdict(self.keeping),
            "publishing": asdict(self.publishing),
        }


def steps_of(snapshot: Mapping[str, Any]) -> list[Step]:
    """The provider chain of a job's snapshot, primary first."""
    return [Step(s["provider"], s["operation"], s["settings"]) for s in snapshot["steps"]]


def output_of(snapshot: Mapping[str, Any]) -> Output:
    return Output(**snapshot["output"])


def policy_of(snapshot: Mapping[str, Any]) -> Policy:
    return Policy(**snapshot.get("policy", {}))
