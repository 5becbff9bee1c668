"""A frame with transparency laid over the shot."""

from math import sqrt

from PIL import Image, ImageEnhance, ImageFilter

_FILL_SIDE = 160
_FILL_BRIGHTNESS = 0.8

Size = tuple[int, int]
"""Width and height in pixels."""


def is_opaque(frame: Image.Image) -> bool:
    """Whether nothing would be seen of a shot under this frame."""
    return frame.mode != "RGBA" or frame.getchannel("A").getextrema()[0] == 255


def cover(shot: Image.Image, frame: Image.Image) -> Image.Image:
    """In the frame's proportions; what is too much of the shot is cut off evenly on both sides."""
    ratio = min(shot.width / frame.width, shot.height / frame.height)
    size = _grown(frame.size, max(1.0, ratio))
    return _laid_over(_cropped(shot, size), frame)


def contain(shot: Image.Image, frame: Image.Image) -> Image.Image:
    """In the frame's proportions with the whole shot in the middle, over a blurred copy of itself.

    The result has no more pixels than the larger of the two.
    """
    wanted = max(1.0, shot.width / frame.width, shot.height / frame.height)
    pixels = max(shot.width * shot.height, frame.width * frame.height)
    size = _grown(frame.size, min(wanted, sqrt(pixels / (frame.width * frame.height))))
    scale = min(size[0] / shot.width, size[1] / shot.height)
    inner = _resized(shot, (max(1, round(shot.width * scale)), max(1, round(shot.height * scale))))
    ground = _blurred(shot, size) if shot.mode == "RGB" else Image.new("RGBA", size)
    ground.paste(inner, ((size[0] - inner.width) // 2, (size[1] - inner.height) // 2))
    return _laid_over(ground, frame)


def stretch(shot: Image.Image, frame: Image.Image) -> Image.Image:
    """In the shot's proportions: the frame is stretched, never the guests."""
    return _laid_over(shot, frame)


FITS = {"cover": cover, "contain": contain, "stretch": stretch}


def _laid_over(picture: Image.Image, frame: Image.Image) -> Image.Image:
    frame = _resized(frame, picture.size)
    if picture.mode == "RGBA":
        return Image.alpha_composite(picture, frame)
    picture = picture.copy()
    picture.paste(frame, mask=frame)
    return picture


def _cropped(shot: Image.Image, size: Size) -> Image.Image:
    """The largest middle part of the shot in the proportions of `size`, at that size."""
    scale = min(shot.width / size[0], shot.height / size[1])
    width, height = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    left, top = (shot.width - width) // 2, (shot.height - height) // 2
    return _resized(shot.crop((left, top, left + width, top + height)), size)


def _blurred(shot: Image.Image, size: Size) -> Image.Image:
    scale = _FILL_SIDE / max(size)
    small = _cropped(shot, (max(1, round(size[0] * scale)), max(1, round(size[1] * scale))))
    soft = small.filter(ImageFilter.GaussianBlur(6))
    return ImageEnhance.Brightness(soft).enhance(_FILL_BRIGHTNESS).resize(size, Image.Resampling.BICUBIC)


def _resized(image: Image.Image, size: Size) -> Image.Image:
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)


def _grown(size: Size, scale: float) -> Size:
    return round(size[0] * scale), round(size[1] * scale)
