"""Comic book and pop art: few tones, ink lines and a printer's dots."""

import cv2
import numpy as np

from app.adapters.providers.local.picture import (
    Bytes,
    Rgb,
    luminance,
    resized,
    sketch_of,
    smoothstep,
    strips,
    to_bytes,
    to_unit,
)
from app.adapters.providers.local.strokes import evened, flattened, ink_response

_SKETCH = 1500


def comic(shot: Rgb) -> Rgb:
    """Flat vivid colours, ink lines, and a printer's dots in the shade."""
    sketch = sketch_of(shot, _SKETCH)
    flat = flattened(cv2.medianBlur(sketch, 5), 4)
    ycc = cv2.cvtColor(flat, cv2.COLOR_RGB2YCrCb)
    y = ycc[..., 0].astype(np.float32) / 255
    ycc[..., 0] = to_bytes(0.55 * y**0.8 + 0.45 * evened(y) ** 0.85)
    return _inked(_printed(resized(ycc, shot.shape)), resized(_ink(flat), shot.shape))


def pop_art(shot: Rgb) -> Rgb:
    """A screen print in five inks, chosen by brightness, under a black drawing."""
    sketch = sketch_of(shot, _SKETCH)
    flat = flattened(cv2.medianBlur(sketch, 5), 4)
    tone = cv2.GaussianBlur(evened(luminance(to_unit(flat))), (0, 0), 1.5 * max(sketch.shape) / _SKETCH)
    plate = resized(to_bytes(tone**0.85), shot.shape)
    result = np.empty_like(shot)
    for rows, print_ in strips(result):
        cv2.LUT(cv2.merge([plate[rows]] * 3), _INKS, dst=print_)
    return _inked(result, resized(_ink(flat), shot.shape))


def _printed(ycc: Rgb) -> Rgb:
    """Few tones, strong colours, dots on the darker half; edges are as sharp as the size allows."""
    dots = _dots(ycc.shape)
    result = np.empty_like(ycc)
    for rows, strip in strips(ycc):
        y, cr, cb = cv2.split(strip)
        flat = cv2.merge((cv2.LUT(y, _TONES), cv2.LUT(cr, _VIVID), cv2.LUT(cb, _VIVID)))
        shade = cv2.addWeighted(y, 5, dots[rows], -5, 255)
        shade = cv2.LUT(shade, _SHADE)
        result[rows] = cv2.multiply(cv2.cvtColor(flat, cv2.COLOR_YCrCb2RGB), cv2.merge([shade] * 3), scale=1 / 255)
    return result


def _dots(shape: tuple[int, ...]) -> Bytes:
    """The screen's threshold for each pixel: where a picture is darker, the dot is inked."""
    height, width = shape[:2]
    period = max(4, round(max(height, width) / 190))
    wave = np.cos(2 * np.pi * np.arange(period) / period)
    tile = 78 + 62 * wave[:, None] * wave[None, :]
    return np.tile(tile.astype(np.uint8), (height // period + 1, width // period + 1))[:height, :width].copy()


def _ink(flat: Rgb) -> Bytes:
    unit = max(flat.shape) / _SKETCH
    return to_bytes(ink_response(luminance(to_unit(flat)), 1.9 * unit, 13))


def _inked(picture: Rgb, ink: Bytes) -> Rgb:
    """The response is thresholded only here, at full size, so that lines have crisp edges."""
    for rows, strip in strips(picture):
        line = cv2.merge([cv2.LUT(ink[rows], _CRISP)] * 3)
        cv2.multiply(strip, line, dst=strip, scale=1 / 255)
    return picture


def _stepped(tones: tuple[float, ...]) -> Bytes:
    """A table from brightness to the nearest of `tones`, which are spread evenly over the range; soft between."""
    level = np.linspace(0, len(tones) - 1, 256, dtype=np.float32)
    low = np.minimum(level.astype(int), len(tones) - 2)
    step = smoothstep(0.4, 0.6, level - low)
    values = np.array(tones, np.float32)
    return to_bytes(values[low] + (values[low + 1] - values[low]) * step).ravel()


_BYTES = np.arange(256, dtype=np.float32)
_TONES = _stepped((0.08, 0.3, 0.55, 0.79, 0.96))
_VIVID = np.clip(128 + 1.75 * (_BYTES - 128), 0, 255).astype(np.uint8)
_SHADE = (178 + _BYTES * 77 / 255).astype(np.uint8)
_CRISP = to_bytes(smoothstep(0.35, 0.6, _BYTES / 255)).ravel()
_INKS = np.dstack(
    [
        _stepped((0.13, 0.00, 0.93, 1.00, 1.00)),
        _stepped((0.08, 0.55, 0.12, 0.66, 0.94)),
        _stepped((0.33, 0.67, 0.47, 0.15, 0.80)),
    ]
)
