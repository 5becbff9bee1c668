"""The images of a job as its providers take them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.domain.catalogue import InputLimits, Operation
from app.domain.deadlines import Deadline
from app.domain.errors import (
    DatabaseUnavailable,
    FaultKind,
    MediaMissing,
    MediaStoreUnavailable,
    ProviderFault,
    Refused,
)
from app.domain.media import TemplateMedia
from app.ports.media import ImageTool, MediaStore, TemplateStore
from app.ports.providers import InputImage
from app.services.processing.patience import briefly, persistently


class Inputs:
    """Converts the shot once for all providers that want the same; templates are read when they are needed."""

    def __init__(
        self,
        *,
        shot: bytes,
        mime_type: str,
        images: ImageTool,
        media: MediaStore,
        templates: TemplateStore,
        deadline: Deadline,
    ) -> None:
        self._shot = shot
        self._mime_type = mime_type
        self._images = images
        self._media = media
        self._templates = templates
        self._deadline = deadline
        self._converted: dict[InputLimits | None, InputImage] = {}

    @property
    def shot_size(self) -> tuple[int, int]:
        """Width and height in pixels as displayed."""
        return self._images.size_of(self._shot)

    def shot(self, limits: InputLimits | None) -> InputImage:
        """Inside `limits` and without what it tells of its owner; as it came if there are none."""
        if limits not in self._converted:
            self._converted[limits] = self._convert(self._shot, self._mime_type, limits, None)
        return self._converted[limits]

    def templates(
        self, operation: Operation, settings: Mapping[str, Any], limits: InputLimits | None
    ) -> dict[str, InputImage]:
        """The operation's template images by field name; raises ProviderFault for one that is not there any more."""
        given = ((field.name, settings.get(field.name)) for field in operation.template_fields)
        return {name: self._template(UUID(value), limits) for name, value in given if value}

    def template_bytes(self, template_id: UUID) -> bytes:
        """The file as it was uploaded; raises ProviderFault."""
        return self._read(self._find(template_id))

    def _template(self, template_id: UUID, limits: InputLimits | None) -> InputImage:
        template = self._find(template_id)
        return self._convert(self._read(template), template.mime_type, limits, template_id)

    def _find(self, template_id: UUID) -> TemplateMedia:
        try:
            template = persistently(lambda: self._templates.get(template_id), self._deadline)
        except DatabaseUnavailable as error:
            raise ProviderFault(FaultKind.INTERNAL, "The database was away.", permanent=False) from error
        if template is None:
            raise ProviderFault(FaultKind.NOT_CONFIGURED, "A template image was deleted.", permanent=True)
        return template

    def _read(self, template: TemplateMedia) -> bytes:
        try:
            return briefly(lambda: self._media.read(template.path), self._deadline)
        except (MediaMissing, MediaStoreUnavailable) as error:
            raise ProviderFault(FaultKind.INTERNAL, "A template image cannot be read.", permanent=False) from error

    def _convert(self, data: bytes, mime_type: str, limits: InputLimits | None, template_id: UUID | None) -> InputImage:
        if limits is None:
            return InputImage(data, mime_type, template_id)
        try:
            return InputImage(*self._images.convert(data, mime_type, limits), template_id)
        except Refused as error:
            message = f"An image cannot be converted for the provider. {error.message}"
            raise ProviderFault(FaultKind.BAD_ARGUMENT, message, permanent=True) from error
