"""What this installation has not been given, though active slots need it."""

from collections.abc import Iterator

from app.domain.alerts import Alert, Lack
from app.domain.catalogue import Catalogue
from app.domain.slot import Slot, Step
from app.ports.copies import CopyDestination
from app.ports.media import TemplateStore
from app.ports.providers import ProviderKeys
from app.services.alerts.uses import Uses, named


class Lacks:
    def __init__(
        self,
        *,
        templates: TemplateStore,
        keys: ProviderKeys,
        catalogue: Catalogue,
        destinations: CopyDestination,
        base_url: str | None,
    ) -> None:
        self._templates = templates
        self._keys = keys
        self._catalogue = catalogue
        self._destinations = destinations
        self._base_url = base_url

    def of(self, uses: Uses) -> Iterator[Alert]:
        yield from self._without_key(uses)
        yield from self._without_address(uses)
        yield from self._without_image(uses)
        yield from self._without_storage(uses)

    def _without_key(self, uses: Uses) -> Iterator[Alert]:
        used = [spec for spec in self._catalogue.providers if spec.needs_key and uses.of(spec.id)]
        for provider, loss in self._keys.without_key(used).items() if used else ():
            kind = Lack.READABLE_KEY if loss else Lack.KEY
            yield Alert(kind, provider, message=loss, slots=uses.of(provider))

    def _without_address(self, uses: Uses) -> Iterator[Alert]:
        """Without a provider it is about QR codes."""
        if self._base_url is not None:
            return
        for spec in self._catalogue.providers:
            if spec.needs_public_address and (users := uses.of(spec.id)):
                yield Alert(Lack.PUBLIC_ADDRESS, spec.id, slots=users)
        if printing := tuple(named(slot) for slot in uses.slots if slot.output.qr_corner):
            yield Alert(Lack.PUBLIC_ADDRESS, slots=printing)

    def _without_image(self, uses: Uses) -> Iterator[Alert]:
        """An image that slots use may be deleted all the same, and their settings go on naming it."""
        wanted = [(slot, images) for slot in uses.slots if (images := set(self._images_of(slot)))]
        there = {str(template.id) for template in self._templates.all()} if wanted else set()
        if bereft := tuple(named(slot) for slot, images in wanted if images - there):
            yield Alert(Lack.TEMPLATE, slots=bereft)

    def _without_storage(self, uses: Uses) -> Iterator[Alert]:
        copied = tuple(named(slot) for slot in uses.slots if slot.keeping.copies)
        if copied and self._destinations.current() is None:
            yield Alert(Lack.COPY_STORAGE, slots=copied)

    def _images_of(self, slot: Slot) -> Iterator[str]:
        if slot.output.overlay:
            yield slot.output.overlay
        for step in (slot.step, *slot.fallbacks):
            yield from self._images_in(step)

    def _images_in(self, step: Step) -> Iterator[str]:
        """Of the fields that the step's model knows: others are never sent."""
        if operation := self._catalogue.operation(step.provider, step.operation):
            known = operation.known_to(operation.model(step.settings), step.settings)
            yield from (known[f.name] for f in operation.template_fields if known.get(f.name))
