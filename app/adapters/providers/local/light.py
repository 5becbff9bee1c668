"""What light does in a lens: bloom, veil, vignette."""

import cv2
import numpy as np

from app.adapters.providers.local.picture import (
    Rgb,
    colour,
    luminance,
    resized,
    sketch_of,
    strips,
    to_bytes,
    to_unit,
)

_SKETCH = 360


def vignette(picture: Rgb, amount: float) -> Rgb:
    """Corners darker by `amount` (0 to 1); the middle, where faces are, stays as it is."""
    height, width = picture.shape[:2]
    y, x = np.ogrid[-1:1:64j, -1:1:64j]
    shade = to_bytes((1 - amount * np.clip((x * x + y * y) / 2 - 0.18, 0, 1) ** 1.3).astype(np.float32))
    mask = cv2.resize(shade, (width, height), interpolation=cv2.INTER_LINEAR)
    result = np.empty_like(picture)
    for rows, strip in strips(picture):
        result[rows] = cv2.multiply(strip, cv2.merge([mask[rows]] * 3), scale=1 / 255)
    return result


def bloom(picture: Rgb, amount: float, threshold: float, tint: tuple[float, float, float]) -> Rgb:
    """Light that spills from what is brighter than `threshold`, in the colour `tint`, laid on by screen blending."""
    sketch = to_unit(sketch_of(picture, _SKETCH))
    excess = np.clip(luminance(sketch) - threshold, 0, 1)[..., None] / (1 - threshold)
    radius = max(sketch.shape) / 60
    light = cv2.GaussianBlur(sketch * excess, (0, 0), radius) + cv2.GaussianBlur(sketch * excess, (0, 0), 3 * radius)
    keep = to_bytes(1 - np.clip(light * (amount * colour(*tint)), 0, 1))
    return _screened(picture, keep)


def veil(picture: Rgb, amount: float) -> Rgb:
    """A blurred copy laid over by screen blending, the brighter the stronger: forms stay sharp and seem to glow."""
    sketch = to_unit(sketch_of(picture, _SKETCH))
    soft = cv2.GaussianBlur(sketch, (0, 0), max(sketch.shape) / 55)
    return _screened(picture, to_bytes(1 - amount * soft**1.5))


def _screened(picture: Rgb, keep: Rgb) -> Rgb:
    """1 - (1 - picture) * keep, where `keep` is small and is enlarged."""
    keep = resized(keep, picture.shape)
    result = np.empty_like(picture)
    for rows, strip in strips(picture):
        result[rows] = cv2.bitwise_not(cv2.multiply(cv2.bitwise_not(strip), keep[rows], scale=1 / 255))
    return result
