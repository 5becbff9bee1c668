"""What a page of photos is asked to show: all of it stands in its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import url_for

from app.domain.photo import PhotoFilter
from app.web.pages.formats import house_zone
from app.web.photo_filters import FindEvent, asked_in, wanted_by
from app.web.use_cases import services


@dataclass(frozen=True, slots=True)
class Look:
    """`asked` are the filters as the address says them, `problems` the names of those that cannot be understood."""

    asked: Mapping[str, Any]
    wanted: PhotoFilter
    problems: list[str]
    _find_event: FindEvent

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> "Look":
        return cls._of(asked_in(arguments), cache(services().events.find))

    @classmethod
    def _of(cls, asked: Mapping[str, Any], find_event: FindEvent) -> "Look":
        wanted, problems = wanted_by(asked, house_zone(), find_event)
        return cls(asked, wanted, problems, find_event)

    @property
    def is_filtered(self) -> bool:
        """Whether it shows less than all photos of its state."""
        return bool(self.asked.keys() - {"state", "tests"})

    @property
    def is_of_slot(self) -> bool:
        """Whether it shows all that guests see of one slot."""
        return self.asked.keys() - {"tests"} == {"slot"}

    def without(self, name: str) -> "Look":
        """The same but for one filter."""
        return self._of({key: value for key, value in self.asked.items() if key != name}, self._find_event)

    def address(self, endpoint: str = "pages.gallery", **more: Any) -> str:
        """Where it is shown, or what else `endpoint` makes of the same photos."""
        return url_for(endpoint, **{**self.asked, **more})
