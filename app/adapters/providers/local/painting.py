"""Watercolour and oil."""

import cv2
import numpy as np

from app.adapters.providers.local.picture import (
    Colours,
    Plane,
    Rgb,
    colour,
    luminance,
    sketch_of,
    smoothstep,
    to_bytes,
    to_unit,
)
from app.adapters.providers.local.strokes import directions, enlarged, flattened, smeared
from app.adapters.providers.local.texture import noise, noise_tile, textured

_SKETCH = 1250
_WASHES = 7
_SHEET = colour(0.985, 0.975, 0.955)


def watercolour(shot: Rgb) -> Rgb:
    """Transparent washes on rough paper: light, a little irregular, darker where a wash ends."""
    sketch = sketch_of(shot, _SKETCH)
    unit = max(sketch.shape) / _SKETCH
    flat = to_unit(flattened(cv2.medianBlur(sketch, 5), 3))
    painted = enlarged(to_bytes(_on_paper(_washes(flat, unit), unit)), sketch, shot, 0.8)
    return textured(painted, _paper(max(shot.shape) / _SKETCH))


def _washes(colours: Colours, unit: float) -> Colours:
    """Colours thinned with water: brighter and purer than light was, in soft steps."""
    y = luminance(colours)
    level = _WASHES * y**0.6 + 0.16 * noise(y.shape, 60 * unit, 1)
    wash = np.floor(level)
    tone = 0.14 + 0.86 * (wash + smoothstep(0.2, 0.8, level - wash)) / _WASHES
    pure = y[..., None] + (colours - y[..., None]) * 1.25
    lit = pure * np.minimum((tone + 0.02) / (y + 0.02), 3.2)[..., None]
    return np.clip(lit, 0, 1) * _pigment(tone, unit)[..., None]


def _pigment(tone: Plane, unit: float) -> Plane:
    """What multiplies the light: pigment gathers at the dark side of an edge and settles unevenly."""
    rim = cv2.GaussianBlur(tone, (0, 0), 1.2 * unit) - cv2.GaussianBlur(tone, (0, 0), 4.5 * unit)
    settled = 0.030 * noise(tone.shape, 70 * unit, 2) + 0.018 * noise(tone.shape, 9 * unit, 3)
    return np.clip(1 + 2.2 * np.minimum(rim, 0) + settled * (1.35 - tone), 0.55, 1.15)


def _on_paper(colours: Colours, unit: float) -> Colours:
    """The picture ends raggedly before the sheet does."""
    height, width = colours.shape[:2]
    y, x = np.ogrid[0:height, 0:width]
    inset = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y)).astype(np.float32)
    ragged = inset / unit + 9 * noise(inset.shape, 45 * unit, 6) + 4 * noise(inset.shape, 8 * unit, 7)
    inside = smoothstep(10, 26, ragged)[..., None]
    return _SHEET + (colours - _SHEET) * inside


def _paper(unit: float) -> Plane:
    """Light falling on rough paper, around 1."""
    relief = noise_tile(1.3 * unit, 4)
    slope = relief - np.roll(relief, (1, 1), axis=(0, 1))
    return 1 + 0.03 * slope / slope.std()


def oil(shot: Rgb) -> Rgb:
    """Short thick strokes that follow the forms, with light catching on the paint."""
    sketch = sketch_of(shot, _SKETCH)
    unit = max(sketch.shape) / _SKETCH
    colours = to_unit(sketch)
    for radius in (2.6, 2.0):
        colours = _kuwahara(colours, max(1.0, radius * unit))
    colours = _with_small_forms(colours, to_unit(flattened(sketch, 2)))
    y = luminance(colours)
    rich = y[..., None] + (colours - y[..., None]) * 1.3
    painted = np.clip(rich * (1.1 * _relief(y, unit))[..., None], 0, 1)
    return enlarged(to_bytes(painted), sketch, shot, 0.7)


def _with_small_forms(painted: Colours, drawn: Colours) -> Colours:
    """Eyes and lips are smaller than a stroke: where much was painted over, most of it comes back."""
    lost = np.abs(luminance(drawn) - luminance(painted))
    return painted + (drawn - painted) * (0.85 * smoothstep(0.03, 0.12, lost))[..., None]


def _relief(tone: Plane, unit: float) -> Plane:
    """Light on the ridges that the brush's hairs leave, around 1."""
    along = directions(cv2.GaussianBlur(tone, (0, 0), 2 * unit), 9 * unit)
    bristles = smeared(noise(tone.shape, 3 * unit, 5), along, 11 * unit)
    slope = bristles - np.roll(bristles, (1, 1), axis=(0, 1))
    return 1 + 0.055 * slope / max(float(slope.std()), 1e-6) * (0.4 + 0.6 * tone)


def _kuwahara(colours: Colours, radius: float) -> Colours:
    """The mean of whichever neighbouring quarter is most even, blended smoothly.

    Papari, Petkov and Campisi, "Artistic edge and corner enhancing smoothing", IEEE TIP 16, 2007.
    """
    mean = cv2.GaussianBlur(colours, (0, 0), radius)
    spread = cv2.GaussianBlur(luminance(colours) ** 2, (0, 0), radius) - luminance(mean) ** 2
    weight = 1 / (np.maximum(spread, 0) + 1e-4) ** 3
    both = np.dstack((mean * weight[..., None], weight))
    reach = round(1.5 * radius)
    padded = cv2.copyMakeBorder(both, reach, reach, reach, reach, cv2.BORDER_REFLECT)
    height, width = weight.shape
    corners = ((y, x) for y in (0, 2 * reach) for x in (0, 2 * reach))
    total = np.add.reduce([padded[y : y + height, x : x + width] for y, x in corners])
    return total[..., :3] / total[..., 3:]
