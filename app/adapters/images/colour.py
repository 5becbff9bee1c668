"""Colour modes and profiles: everything becomes grey or RGB, with or without alpha, 8 bits a channel."""

from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageCms

_SPACES = {"L": "GRAY", "LA": "GRAY", "P": "RGB ", "RGB": "RGB ", "RGBA": "RGB ", "CMYK": "CMYK"}
_SRGB = ImageCms.createProfile("sRGB")
_ALREADY_SRGB = 2  # largest difference in a channel that counts as rounding


class Coloured(NamedTuple):
    """An image in mode L, LA, RGB or RGBA, and the ICC profile it is meant for; None stands for sRGB."""

    image: Image.Image
    profile: bytes | None


def has_fitting_profile(image: Image.Image) -> bool:
    """Whether the file's ICC profile is readable and for pixels like these; anything may hide in one that is not."""
    return _space(image.info.get("icc_profile")) == _SPACES.get(image.mode, "")


def simplify(image: Image.Image) -> Coloured:
    """The image in a mode that every output format takes; its profile is kept where it still fits."""
    profile = image.info.get("icc_profile")
    if image.mode == "CMYK":
        return Coloured(_convert(image, profile) or image.convert("RGB"), None)
    simple = _without_exotic_mode(image)
    return Coloured(simple, profile if _space(profile) == _SPACES[simple.mode] else None)


def to_srgb(coloured: Coloured) -> Image.Image:
    """The image in sRGB, mode RGB or RGBA."""
    image, profile = coloured
    if image.mode == "LA":
        return image.convert("RGBA")
    return (_convert(image, profile) or image).convert("RGBA" if image.mode == "RGBA" else "RGB")


def on_white(image: Image.Image) -> Image.Image:
    """An image with alpha laid over white; others as they are."""
    if image.mode not in ("LA", "RGBA"):
        return image
    ground = Image.new(image.mode[:-1], image.size, "white")
    ground.paste(image.convert(ground.mode), mask=image.getchannel("A"))
    return ground


def _without_exotic_mode(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in ("P", "PA"):
        return image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")
    if "transparency" in image.info and image.mode in ("1", "L", "RGB"):
        return image.convert("RGBA" if image.mode == "RGB" else "LA")
    simple = {"1": "L", "La": "LA", "RGBa": "RGBA"}.get(image.mode, image.mode)
    return image.convert(simple if simple in _SPACES else "RGB")


def _convert(image: Image.Image, profile: bytes | None) -> Image.Image | None:
    """The image in sRGB; None without a profile that fits, or when the profile is sRGB already."""
    if not profile or _space(profile) != _SPACES[image.mode]:
        return None
    target = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(BytesIO(profile)), _SRGB, image.mode, target, ImageCms.Intent.PERCEPTUAL
        )
        return None if _changes_nothing(transform, image.mode) else ImageCms.applyTransform(image, transform)
    except ImageCms.PyCMSError:
        return None


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether a cube of sample colours comes through as it was: most cameras embed sRGB itself."""
    if mode == "CMYK":
        return False
    steps = range(0, 256, 51)
    samples = Image.new("RGB", (len(steps) ** 2, len(steps)))
    samples.putdata([(r, g, b) for r in steps for g in steps for b in steps])
    samples = samples.convert(mode)
    after = ImageCms.applyTransform(samples, transform)
    if after is None:
        return False
    pairs = zip(samples.convert("RGB").tobytes(), after.convert("RGB").tobytes(), strict=True)
    return all(abs(a - b) <= _ALREADY_SRGB for a, b in pairs)


def _space(profile: bytes | None) -> str | None:
    """The profile's colour space as ICC names it, None if it is no readable profile."""
    if not profile:
        return None
    try:
        return ImageCms.ImageCmsProfile(BytesIO(profile)).profile.xcolor_space
    except (OSError, ImageCms.PyCMSError):
        return None
