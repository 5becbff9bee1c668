"""Noise and what is made of it: grain, paper."""

import cv2
import numpy as np

from app.adapters.providers.local.picture import Plane, Rgb, resized, strips

_TILE = 512


def noise(shape: tuple[int, ...], grain: float, seed: int) -> Plane:
    """Smooth random values around 0 with standard deviation 1; features are about `grain` pixels wide."""
    rows, columns = (max(2, round(side / grain)) for side in shape[:2])
    coarse = np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)
    fine = resized(coarse, shape)
    return fine / max(float(fine.std()), 1e-6)


def noise_tile(blur: float, seed: int) -> Plane:
    """Square noise, blurred over `blur` pixels, with standard deviation 1, whose edges meet when it is repeated."""
    margin = 24
    sharp = np.random.default_rng(seed).normal(size=(_TILE, _TILE)).astype(np.float32)
    around = cv2.copyMakeBorder(sharp, margin, margin, margin, margin, cv2.BORDER_WRAP)
    soft = cv2.GaussianBlur(around, (0, 0), max(0.3, blur))[margin:-margin, margin:-margin]
    return soft / soft.std()


def grain(picture: Rgb, amount: float) -> Rgb:
    """Film grain of the given standard deviation (in 255ths), as coarse relative to the picture at any size."""
    tile = noise_tile(max(picture.shape) / 5000, 11) * amount
    layer = cv2.merge([_across(picture, tile).astype(np.int16)] * 3)
    result = np.empty_like(picture)
    for rows, strip in strips(picture):
        cv2.add(strip, layer[_lines(rows, strip)], dst=result[rows], dtype=cv2.CV_8U)
    return result


def textured(picture: Rgb, paper: Plane) -> Rgb:
    """`picture` multiplied by a tile of values around 1, repeated."""
    layer = cv2.merge([_across(picture, np.clip(paper * 200, 0, 255)).astype(np.uint8)] * 3)
    result = np.empty_like(picture)
    for rows, strip in strips(picture):
        cv2.multiply(strip, layer[_lines(rows, strip)], dst=result[rows], scale=1 / 200)
    return result


def _across(picture: Rgb, tile: Plane) -> Plane:
    """The tile repeated from the picture's left side to its right."""
    width = picture.shape[1]
    return np.tile(tile, (1, width // _TILE + 1))[:, :width]


def _lines(rows: slice, strip: Rgb) -> slice:
    """The tile's rows for a strip; strips never reach over a tile's end, whose height is a multiple of theirs."""
    top = rows.start % _TILE
    return slice(top, top + len(strip))
