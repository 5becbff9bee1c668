"""Steps of colour grades: each takes and gives n x 3 sRGB colours from 0 to 1."""

import numpy as np

from app.adapters.providers.local.picture import Colours, Plane, colour, luminance, smoothstep


def contrast(c: Colours, amount: float) -> Colours:
    """An S-curve through black, middle grey and white; `amount` 1 is strong."""
    return c + amount * (c * c * (3 - 2 * c) - c)


def saturated(c: Colours, amount: float | Plane) -> Colours:
    y = luminance(c)[..., None]
    return y + (c - y) * np.atleast_1d(amount)[..., None]


def tinted(c: Colours, where: Plane, shift: tuple[float, float, float]) -> Colours:
    return c + where[..., None] * colour(*shift)


def between(c: Colours, black: tuple[float, float, float], white: tuple[float, float, float]) -> Colours:
    """Black and white moved to the given colours."""
    low, high = colour(*black), colour(*white)
    return low + c * (high - low)


def skin(c: Colours) -> Plane:
    """How much a colour may be skin, 0 to 1: an ellipse in chrominance, whatever the brightness."""
    cr = 0.713 * (c[..., 0] - luminance(c))
    cb = 0.564 * (c[..., 2] - luminance(c))
    away = ((cr - 0.085) / 0.085) ** 2 + ((cb + 0.065) / 0.075) ** 2
    return 1 - smoothstep(0.4, 1.6, away)
