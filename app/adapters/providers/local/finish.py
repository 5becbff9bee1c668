"""What light and film leave on a picture: bloom, vignette, grain."""

import cv2
import numpy as np

from app.adapters.providers.local.picture import (
    Plane,
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
_GRAIN_TILE = 512


def vignette(picture: Rgb, amount: float) -> Rgb:
    """Corners darker by `amount` (0 to 1); the middle, where faces are, stays as it is."""
    height, width = picture.shape[:2]
    y, x = np.ogrid[-1 : 1 : 64j, -1 : 1 : 64j]
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


def grain(picture: Rgb, amount: float) -> Rgb:
    """Film grain of the given standard deviation (in 255ths), as coarse relative to the picture at any size."""
    height, width = picture.shape[:2]
    tile = _grain_tile(max(height, width) / 3000) * amount
    across = np.tile(tile, (1, width // _GRAIN_TILE + 1))[:, :width].astype(np.int16)
    layer = cv2.merge([across] * 3)
    result = np.empty_like(picture)
    for rows, strip in strips(picture):
        top = rows.start % _GRAIN_TILE
        cv2.add(strip, layer[top : top + len(strip)], result[rows], dtype=cv2.CV_8U)
    return result


def _grain_tile(coarseness: float) -> Plane:
    """Noise of standard deviation 1 whose edges meet."""
    noise: Plane = np.random.default_rng(11).normal(size=(_GRAIN_TILE, _GRAIN_TILE)).astype(np.float32)
    if coarseness > 0.5:
        around = cv2.copyMakeBorder(noise, 16, 16, 16, 16, cv2.BORDER_WRAP)
        noise = cv2.GaussianBlur(around, (0, 0), coarseness * 0.6)[16:-16, 16:-16]
    return noise / noise.std()
