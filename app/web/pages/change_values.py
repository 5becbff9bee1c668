"""Values of a slot in the audit log, called what its form calls them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.catalogue import Catalogue, Field
from app.web.pages.formats import in_language
from app.web.pages.slot_texts import Images, field_words, setting_words

_OF_A_FALLBACK = re.compile(r"^fallbacks\.\d+\.")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What this installation calls things: `images` and `slots` are names by id."""

    catalogue: Catalogue
    images: Images
    slots: Mapping[str, str]

    def slot(self, slot_id: str) -> str:
        """Its name; the id of one that is none."""
        return self.slots.get(slot_id) or slot_id

    def value(self, path: str, value: Any) -> Any:
        """The words for a text that stands for a choice; any other value as it is."""
        if not isinstance(value, str) or not value:
            return value
        name = _OF_A_FALLBACK.sub("", path)
        if name == "provider":
            provider = self.catalogue.provider(value)
            return in_language(provider.label) if provider else value
        if name == "operation":
            return next((in_language(o.label) for p in self.catalogue.providers if (o := p.operation(value))), value)
        if name.startswith("settings."):
            return self._setting(name.removeprefix("settings."), value)
        has_words = name.startswith(("policy.", "output.", "publishing."))
        return field_words(name, value, self.images) if has_words else value

    def _setting(self, name: str, value: str) -> str:
        """Operations share the names of their settings: the first that has words for the value gives them."""
        words = (setting_words(spec, value, self.images) for spec in self._specs(name) if spec.type != "text")
        return next((text for text in words if text != value), value)

    def _specs(self, name: str) -> Iterator[Field]:
        for provider in self.catalogue.providers:
            for operation in provider.operations:
                yield from (spec for spec in operation.fields if spec.name == name)
