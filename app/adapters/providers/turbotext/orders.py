"""What Turbotext is asked to do: methods, parameters, and which picture goes where.

Every parameter is text; truth values are spelt as Python spells them, `True` and `False`.
"""

from collections.abc import Mapping
from typing import Any

from app.domain.errors import FaultKind, ProviderFault
from app.ports.providers import FileParts, InputImage, ProviderRequest

_METHODS = {
    "image_edit": "generate_image2image",
    "style_transfer": "mix_images",
    "identity_transfer": "deepfake_photo",
}
_PARAMETERS = {
    "prompt": "content",
    "strength": "strength",
    "scale": "scale",
    "seed": "seed",
    "negative_prompt": "negative_prompt",
    "original_language": "original_language",
    "face_restore": "face_restore",
}
"""The catalogue's fields that are parameters of the API, by the names they have there."""

_NEGATIVE_WORDS = 80


def method_of(operation: str) -> str:
    """The API's method; raises ProviderFault."""
    if operation not in _METHODS:
        raise ProviderFault(FaultKind.BAD_ARGUMENT, f"There is no operation {operation!r}.", permanent=True)
    return _METHODS[operation]


def form_of(request: ProviderRequest) -> tuple[dict[str, str], FileParts]:
    """The form that creates the job, and its files. Publishes what travels by address: may raise ProviderFault.

    With the delivery `file` the shot is the form's part `file`, in place of the parameter that would name its address,
    and no guest is ever on a public page. The API documents one such part, so a template travels by address always.
    """
    form = {"do": "create_queue", **_parameters(request.settings)}
    files = []
    for parameter, image in _pictures(request).items():
        if image is request.shot and request.settings.get("delivery") == "file":
            files.append(("file", (f"shot.{image.mime_type.rpartition('/')[2]}", image.data, image.mime_type)))
        else:
            form[parameter] = request.publish(image.data, image.mime_type)
    return form, files


def _pictures(request: ProviderRequest) -> Mapping[str, InputImage]:
    """The pictures by the parameter that stands for them.

    mix_images gives `url_image_target` the style of `url`; deepfake_photo gives the person in `url` the face in
    `url_image_target`.
    """
    if request.operation == "image_edit":
        return {"url": request.shot}
    template = request.templates["template"]
    if request.operation == "identity_transfer" and request.settings.get("face_from") == "template":
        return {"url": request.shot, "url_image_target": template}
    return {"url": template, "url_image_target": request.shot}


def _parameters(settings: Mapping[str, Any]) -> dict[str, str]:
    """Those that say something: an optional prompt whose placeholders were all empty is left out."""
    named = {_PARAMETERS[name]: str(value) for name, value in settings.items() if name in _PARAMETERS}
    if "negative_prompt" in named:
        named["negative_prompt"] = " ".join(named["negative_prompt"].split()[:_NEGATIVE_WORDS])
    return {name: value for name, value in named.items() if value}
