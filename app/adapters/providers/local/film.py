"""Film looks: a colour grade, then what light and grain add."""

import numpy as np

from app.adapters.providers.local.cube import graded
from app.adapters.providers.local.light import bloom, veil, vignette
from app.adapters.providers.local.picture import Colours, Rgb, colour, luminance, smoothstep
from app.adapters.providers.local.texture import grain
from app.adapters.providers.local.tone import between, contrast, saturated, skin, tinted

_GREY_WEIGHTS = colour(0.46, 0.42, 0.12)  # red counts more than for the eye: skin comes out light and even


def film_warm(shot: Rgb) -> Rgb:
    """Portrait negative film: golden lights, soft contrast, blacks that are not quite black."""
    picture = graded(shot, _warm)
    return grain(vignette(bloom(picture, 0.3, 0.72, (1.0, 0.7, 0.45)), 0.22), 3.2)


def film_cool(shot: Rgb) -> Rgb:
    """Cinema: teal shadows, clean cool lights, skin left warm."""
    return grain(vignette(graded(shot, _cool), 0.25), 3.0)


def vintage(shot: Rgb) -> Rgb:
    """A print from the seventies: faded, yellowed lights, magenta shadows."""
    picture = graded(shot, _faded)
    return grain(vignette(bloom(picture, 0.4, 0.65, (1.0, 0.72, 0.42)), 0.42), 5.0)


def black_and_white(shot: Rgb) -> Rgb:
    """Studio portrait film: luminous skin, deep blacks, visible grain."""
    return grain(vignette(graded(shot, _grey), 0.35), 4.2)


def glow(shot: Rgb) -> Rgb:
    """Portrait lens of a dream: a veil of light over everything bright, colours richer underneath."""
    return graded(veil(shot, 0.62), _rich)


def _warm(c: Colours) -> Colours:
    c = contrast(c**0.93, 0.45)
    y = luminance(c)
    c = saturated(c, 1.1)
    c = tinted(c, smoothstep(0.2, 0.9, y), (0.06, 0.022, -0.07))
    c = tinted(c, 1 - smoothstep(0.0, 0.5, y), (0.012, 0.014, 0.0))
    return between(c, (0.032, 0.026, 0.03), (1.0, 0.985, 0.95))


def _cool(c: Colours) -> Colours:
    c = contrast(c, 0.6)
    y, face = luminance(c), skin(c)
    c = saturated(c, 0.92 + 0.14 * face)
    c = tinted(c, (1 - smoothstep(0.05, 0.62, y)) * (1 - 0.6 * face), (-0.035, 0.018, 0.045))
    c = tinted(c, smoothstep(0.45, 1.0, y) * (1 - face), (-0.035, 0.008, 0.03))
    return between(c, (0.012, 0.026, 0.04), (0.985, 0.995, 1.0))


def _faded(c: Colours) -> Colours:
    c = contrast(c**0.9, 0.5)
    y = luminance(c)
    c = saturated(c, 0.64)
    c = tinted(c, smoothstep(0.3, 1.0, y), (0.045, 0.02, -0.085))
    c = tinted(c, 1 - smoothstep(0.0, 0.45, y), (0.05, 0.0, 0.045))
    return between(c, (0.085, 0.062, 0.072), (0.985, 0.95, 0.86))


def _grey(c: Colours) -> Colours:
    y = c @ _GREY_WEIGHTS
    y = contrast(y**0.9, 0.85)
    return np.stack((y, y * 0.995, y * 0.985), axis=-1)


def _rich(c: Colours) -> Colours:
    c = saturated(contrast(c, 0.7), 1.12)
    return tinted(c, smoothstep(0.4, 1.0, luminance(c)), (0.012, 0.0, -0.018))
