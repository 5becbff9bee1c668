"""Pencil: tone turned into contours and hatching."""

import cv2
import numpy as np

from app.adapters.providers.local.picture import (
    Plane,
    Rgb,
    colour,
    luminance,
    resized,
    sketch_of,
    smoothstep,
    to_bytes,
    to_unit,
)
from app.adapters.providers.local.strokes import directions, evened, ink_response, smeared
from app.adapters.providers.local.texture import noise

_SKETCH = 1500
_GRAPHITE = colour(0.16, 0.165, 0.18)
_PAPER = colour(0.975, 0.965, 0.94)


def pencil(shot: Rgb) -> Rgb:
    """Graphite on warm paper: contours, and hatching that follows the forms."""
    sketch = sketch_of(shot, _SKETCH)
    unit = max(sketch.shape) / _SKETCH
    tone = _lightened(evened(luminance(to_unit(sketch))), unit)
    light = _contours(tone, unit) * _hatching(tone, unit)
    drawn = _GRAPHITE + (_PAPER - _GRAPHITE) * light[..., None]
    return resized(to_bytes(drawn), shot.shape)


def _lightened(tone: Plane, unit: float) -> Plane:
    """Wide dark areas opened up: nobody shades a whole background black, but hair stays dark."""
    wide = cv2.blur(tone, (2 * round(70 * unit) + 1,) * 2, borderType=cv2.BORDER_REFLECT)
    return np.clip(tone + 0.42 * np.clip(0.72 - wide, 0, 1), 0, 1)


def _contours(tone: Plane, unit: float) -> Plane:
    """Broad soft contours by dodging, the tone over its own blur, and sharp ones in them."""
    soft = cv2.GaussianBlur(tone, (0, 0), 6 * unit)
    dodged = np.clip((tone + 0.08) / (soft + 0.08), 0, 1) ** 2.6
    return dodged * (0.25 + 0.75 * smoothstep(0.1, 0.8, ink_response(tone, 1.3 * unit, 16)))


def _hatching(tone: Plane, unit: float) -> Plane:
    """Strokes of graphite, denser where it is darker; light areas stay paper."""
    smooth = np.clip(cv2.GaussianBlur(tone, (0, 0), 1.2 * unit), 0, 1)
    along = directions(cv2.GaussianBlur(tone, (0, 0), 3 * unit), 8 * unit)
    slanted = (np.full_like(tone, 0.78), np.full_like(tone, -0.62))
    strokes = smeared(noise(tone.shape, 1.3 * unit, 1), along, 9 * unit)
    strokes += smeared(noise(tone.shape, 1.3 * unit, 2), slanted, 14 * unit)
    strokes /= max(float(strokes.std()), 1e-6)
    pressure = (1 - smooth) ** 1.4
    return np.clip(1 - pressure * (1 + 0.26 * strokes), 0, 1)
