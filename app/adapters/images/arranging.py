"""Pixels go where the layout says."""

from PIL import Image, ImageEnhance, ImageFilter

from app.adapters.images.layout import Layout, Size

_GROUND_SIDE = 160
_GROUND_BLUR = 6
_GROUND_BRIGHTNESS = 0.8  # the picture must stand out from its own colours


def arranged(image: Image.Image, layout: Layout) -> Image.Image:
    """The upright `image`, decoded at the layout's size or smaller, on its canvas; may be the very same object."""
    inner = _part(image, layout)
    if layout.inner == layout.canvas:
        return inner
    inner = _without_idle_alpha(inner)
    ground = _ground(inner, layout.canvas)
    ground.paste(inner, ((ground.width - inner.width) // 2, (ground.height - inner.height) // 2))
    return ground


# The library takes no box that lies a hair outside a picture, as products of floats may: hence `min` here and below.
def _part(image: Image.Image, layout: Layout) -> Image.Image:
    if image.size == layout.size and layout.part_size == layout.inner:
        return image if layout.inner == layout.size else image.crop(layout.part)
    across, down = image.width / layout.size[0], image.height / layout.size[1]
    left, upper, right, lower = layout.part
    box = (left * across, upper * down, min(image.width, right * across), min(image.height, lower * down))
    return image.resize(layout.inner, Image.Resampling.LANCZOS, box, reducing_gap=2.0)


def _ground(picture: Image.Image, size: Size) -> Image.Image:
    """Margins of the picture itself, blurred; a cut-out keeps standing before nothing."""
    if picture.mode in ("LA", "RGBA"):
        return Image.new(picture.mode, size)
    scale = _GROUND_SIDE / max(size)
    small = _covering(picture, (max(1, round(size[0] * scale)), max(1, round(size[1] * scale))))
    soft = small.filter(ImageFilter.GaussianBlur(_GROUND_BLUR))
    return ImageEnhance.Brightness(soft).enhance(_GROUND_BRIGHTNESS).resize(size, Image.Resampling.BICUBIC)


def _covering(picture: Image.Image, size: Size) -> Image.Image:
    """The middle of the picture, as much of it as there is in the proportion of `size`."""
    scale = min(picture.width / size[0], picture.height / size[1])
    width, height = min(picture.width, size[0] * scale), min(picture.height, size[1] * scale)
    left, upper = (picture.width - width) / 2, (picture.height - height) / 2
    box = (left, upper, left + width, upper + height)
    return picture.resize(size, Image.Resampling.BICUBIC, box, reducing_gap=3.0)


def _without_idle_alpha(image: Image.Image) -> Image.Image:
    """Many providers write an alpha channel into which they draw nothing."""
    if image.mode in ("LA", "RGBA") and image.getchannel("A").getextrema() == (255, 255):
        return image.convert(image.mode[:-1])
    return image
