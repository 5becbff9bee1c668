"""Colour transfer: the shot takes on the tone and the colours of a reference picture."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.adapters.providers.local.cube import graded
from app.adapters.providers.local.picture import Colours, Plane, Rgb, sketch_of, smoothstep, to_unit
from app.adapters.providers.local.tone import skin

_SAMPLE_SIDE = 240
_QUANTILES = np.linspace(0.01, 0.99, 17)
_APART = 1e-3 * np.arange(1, len(_QUANTILES) + 1)  # equal quantiles of a flat picture would have no slope between
_TONE_SHARE = 0.75  # the rest of a shot's own exposure is kept: faces must stay readable
_SLOPE = (0.35, 1.7)  # a dark corner opened up further than this would be all noise
_SKIN_SHARE = 0.45
_STRETCH = (0.5, 1.9)  # bounds of what a colour axis may shrink or grow: noise must not turn into colour

Matrix = NDArray[Any]
"""float64."""


def colours_of(shot: Rgb, reference: Rgb) -> Rgb:
    """The shot graded so that its distribution of CIELAB colours approaches the reference's."""
    here, there = _samples(shot), _samples(reference)
    curve = _tone_curve(here[:, 0], there[:, 0])
    chroma = _chroma_map(here[:, 1:], there[:, 1:])

    def grade(colours: Colours) -> Colours:
        lab = _to_lab(colours)
        tone = np.interp(lab[:, 0], *curve)
        aimed = (lab[:, 1:] - here[:, 1:].mean(axis=0)) @ chroma + there[:, 1:].mean(axis=0)
        share = (1 - (1 - _SKIN_SHARE) * skin(colours)) * _away_from_ends(lab[:, 0])
        moved = lab[:, 1:] + share[:, None] * (aimed - lab[:, 1:])
        return _to_rgb(np.column_stack((tone, moved)).astype(np.float32))

    return graded(shot, grade)


def _samples(picture: Rgb) -> Colours:
    return _to_lab(to_unit(sketch_of(picture, _SAMPLE_SIDE)).reshape(-1, 3))


def _tone_curve(here: Plane, there: Plane) -> tuple[Matrix, Matrix]:
    """Lightness in, lightness out: the quantiles of one matched to the other's as far as the slope allows."""
    own, wanted = (np.quantile(c, _QUANTILES) for c in (here, there))
    own = np.concatenate(([0.0], np.maximum.accumulate(own) + _APART, [101.0]))
    aimed = np.concatenate(([0.0], wanted, [100.0]))
    slopes = np.clip(_TONE_SHARE * np.diff(aimed) / np.diff(own) + (1 - _TONE_SHARE), *_SLOPE)
    reached = np.concatenate(([0.0], np.cumsum(slopes * np.diff(own))))
    middle = len(own) // 2
    target = own[middle] + _TONE_SHARE * (aimed[middle] - own[middle])
    return own, np.clip(reached + target - reached[middle], 0, 100)


def _chroma_map(here: Colours, there: Colours) -> Matrix:
    """The linear map that turns one covariance into the other with the least movement (Monge-Kantorovich).

    Pitié and Kokaram, "The linear Monge-Kantorovitch linear colour mapping", CVMP 2007.
    """
    own, wanted = (np.cov(c, rowvar=False) + 4 * np.eye(2) for c in (here, there))
    root = _power(own, 0.5)
    inverse = _power(own, -0.5)
    values, axes = np.linalg.eigh(inverse @ _power(root @ wanted @ root, 0.5) @ inverse)
    return (axes * np.clip(values, *_STRETCH)) @ axes.T


def _power(symmetric: Matrix, exponent: float) -> Matrix:
    values, axes = np.linalg.eigh(symmetric)
    return (axes * np.maximum(values, 1e-9) ** exponent) @ axes.T


def _away_from_ends(lightness: Plane) -> Plane:
    """Deep blacks and blown-out whites take less colour, or they would look like stains."""
    return (0.35 + 0.65 * smoothstep(2, 18, lightness)) * (1 - 0.65 * smoothstep(88, 100, lightness))


def _to_lab(colours: Colours) -> Colours:
    return cv2.cvtColor(colours[:, None], cv2.COLOR_RGB2LAB)[:, 0]


def _to_rgb(lab: Colours) -> Colours:
    return cv2.cvtColor(lab[:, None], cv2.COLOR_LAB2RGB)[:, 0]
