"""Pictures as arrays, and the sizes at which they are worked on."""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

# OpenCV's stubs know no element types, so these names carry what the checker cannot.
Rgb = NDArray[Any]
"""Rows x columns x 3, uint8, sRGB."""

Bytes = NDArray[Any]
"""Rows x columns, uint8; or a table of 256."""

Plane = NDArray[Any]
"""Rows x columns, float32, usually 0 to 1."""

Colours = NDArray[Any]
"""Anything x 3, float32, sRGB values from 0 to 1."""

_STRIP_ROWS = 256


def sketch_of(picture: Rgb, long_side: int) -> Rgb:
    """The picture with its longest side no longer than `long_side` pixels."""
    scale = long_side / max(picture.shape[:2])
    if scale >= 1:
        return picture
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    return resized(picture, (height, width))


def resized(picture: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """`picture` with the rows and columns of `shape`; smooth both ways."""
    if picture.shape[:2] == tuple(shape[:2]):
        return picture
    shrinks = shape[0] * shape[1] < picture.shape[0] * picture.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return cv2.resize(picture, (shape[1], shape[0]), interpolation=method)


def strips(picture: Rgb) -> Iterator[tuple[slice, Rgb]]:
    """Views of a few hundred rows each: work done on one stays in the processor's cache and needs little memory."""
    for top in range(0, picture.shape[0], _STRIP_ROWS):
        rows = slice(top, top + _STRIP_ROWS)
        yield rows, picture[rows]


def to_unit(picture: Rgb) -> Colours:
    return picture.astype(np.float32) / 255


def to_bytes(colours: NDArray[Any]) -> NDArray[Any]:
    return cv2.convertScaleAbs(np.clip(colours, 0, 1), alpha=255)


def colour(red: float, green: float, blue: float) -> Colours:
    return np.array((red, green, blue), np.float32)


def luminance(colours: Colours) -> Plane:
    """Perceived brightness of sRGB values (Rec. 601 weights on encoded values)."""
    return colours @ colour(0.299, 0.587, 0.114)


def smoothstep(low: float, high: float, value: Plane) -> Plane:
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)
