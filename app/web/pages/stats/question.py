"""What the address of the statistics asks for; all of it is there, so that a link shows the same to everybody."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from app.domain.job import Source
from app.domain.periods import Preset
from app.domain.statistics import Selection
from app.domain.text import is_storable


@dataclass(frozen=True, slots=True)
class Question:
    """A period and what is left of everything in it. `with_tests`: test runs and re-runs count as well."""

    preset: Preset = Preset.DAY
    slot_id: str | None = None
    provider: str | None = None
    booth: str | None = None
    with_tests: bool = False

    @classmethod
    def from_address(cls, arguments: Mapping[str, str]) -> Self:
        """Of an address's query; a mistyped period is the usual one."""
        period = arguments.get("period")
        return cls(
            preset=next((preset for preset in Preset if preset == period), Preset.DAY),
            slot_id=_name(arguments.get("slot")),
            provider=_name(arguments.get("provider")),
            booth=_name(arguments.get("booth")),
            with_tests=arguments.get("tests") == "1",
        )

    @property
    def address(self) -> dict[str, str]:
        """The query that asks the same; the period is always in it."""
        told = {"period": self.preset.value, "slot": self.slot_id, "provider": self.provider, "booth": self.booth}
        return {name: value for name, value in told.items() if value} | ({"tests": "1"} if self.with_tests else {})

    @property
    def selection(self) -> Selection:
        sources = frozenset(Source) if self.with_tests else frozenset((Source.INGEST,))
        return Selection(self.slot_id, sources, provider=self.provider, booth=self.booth)

    def but(self, **changes: Any) -> Self:
        return replace(self, **changes)


def _name(text: str | None) -> str | None:
    return text if text and is_storable(text) else None
