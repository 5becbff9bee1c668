"""A made-up party photo: two lit faces before coloured lights, with skin, hair, cloth, edges and soft gradients."""

from functools import lru_cache

import cv2
import numpy as np
from PIL import Image

_BASE = (900, 600)
_GUESTS = (
    # centre x, centre y, head radius, skin, hair, cloth
    (322, 278, 112, (226, 172, 140), (62, 38, 26), (178, 32, 58)),
    (600, 315, 101, (160, 108, 78), (24, 20, 22), (38, 84, 150)),
)
_LIGHTS = ((255, 190, 90), (250, 120, 60), (120, 190, 255), (255, 90, 160), (255, 230, 170))


def party(width: int = 900, height: int = 600, seed: int = 7) -> Image.Image:
    """The scene in RGB at any size, with a little sensor noise."""
    picture = cv2.resize(_painting(), (width, height), interpolation=cv2.INTER_CUBIC).astype(np.int16)
    noise = np.random.default_rng(seed).normal(0, 3, (256, 256, 3)).astype(np.int16)
    tiled = np.tile(noise, (height // 256 + 1, width // 256 + 1, 1))[:height, :width]
    return Image.fromarray(np.clip(picture + tiled, 0, 255).astype(np.uint8))


@lru_cache(maxsize=1)
def _painting() -> np.ndarray:
    canvas = _background()
    for guest in _GUESTS:
        _guest(canvas, *guest)
    return np.clip(canvas, 0, 255).astype(np.uint8)


def _background() -> np.ndarray:
    width, height = _BASE
    rows = np.linspace(0, 1, height)[:, None, None]
    canvas = np.float32((44, 30, 46)) * (1 - rows) + np.float32((92, 54, 40)) * rows
    canvas = np.repeat(canvas, width, axis=1).astype(np.float32)
    random = np.random.default_rng(3)
    for i in range(34):
        centre = (int(random.integers(0, width)), int(random.integers(0, int(height * 0.7))))
        _blend(canvas, _disc(centre, int(random.integers(10, 35)), 2.5) * 0.55, _LIGHTS[i % len(_LIGHTS)])
    return canvas


def _guest(canvas: np.ndarray, x: int, y: int, r: int, skin: tuple, hair: tuple, cloth: tuple) -> None:
    shoulders = _ellipse((x, y + int(r * 2.5)), (int(r * 1.75), int(r * 1.25)), 2)
    _blend(canvas, _ellipse((x, y - r // 6), (int(r * 1.06), int(r * 1.3)), 2), hair, _strands())
    _blend(canvas, shoulders, cloth, _light(x, y + 2 * r, 3 * r))
    _blend(canvas, _ellipse((x, y + int(r * 1.15)), (int(r * 0.42), int(r * 0.62)), 3), skin, 0.72)
    _blend(canvas, _ellipse((x, y), (int(r * 0.82), int(r * 1.08)), 2), skin, _light(x, y, r))
    for side in (-1, 1):
        cheek = _ellipse((x + side * int(r * 0.42), y + int(r * 0.32)), (r // 5, r // 6), 14) * 0.6
        _blend(canvas, cheek, (224, 110, 100))
        _eye(canvas, x + side * int(r * 0.34), y - int(r * 0.12), r, hair)
    _mouth_and_nose(canvas, x, y, r)
    fringe = _ellipse((x - r // 6, y - int(r * 0.86)), (int(r * 0.8), int(r * 0.42)), 2)
    _blend(canvas, fringe, hair, _strands())


def _mouth_and_nose(canvas: np.ndarray, x: int, y: int, r: int) -> None:
    _blend(canvas, _ellipse((x + r // 30, y + int(r * 0.26)), (r // 9, r // 14), 5) * 0.5, (120, 60, 48))
    _blend(canvas, _ellipse((x - r // 40, y + int(r * 0.1)), (r // 26, r // 5), 6) * 0.5, (255, 236, 220))
    _blend(canvas, _ellipse((x, y + int(r * 0.58)), (int(r * 0.3), int(r * 0.11)), 2), (176, 52, 62))
    _blend(canvas, _ellipse((x, y + int(r * 0.56)), (int(r * 0.22), int(r * 0.045)), 2), (246, 240, 232))


def _eye(canvas: np.ndarray, x: int, y: int, r: int, hair: tuple) -> None:
    _blend(canvas, _ellipse((x, y), (int(r * 0.17), int(r * 0.09)), 1), (240, 234, 228))
    _blend(canvas, _disc((x, y), int(r * 0.085), 1), (70, 92, 84))
    _blend(canvas, _disc((x, y), int(r * 0.045), 1), (12, 10, 12))
    _blend(canvas, _disc((x - r // 36, y - r // 36), max(2, r // 50), 1), (255, 255, 255))
    _blend(canvas, _ellipse((x, y - int(r * 0.09)), (int(r * 0.19), int(r * 0.025)), 1), (40, 24, 20))
    _blend(canvas, _ellipse((x, y - int(r * 0.24)), (int(r * 0.22), int(r * 0.04)), 2), hair)


def _blend(canvas: np.ndarray, mask: np.ndarray, colour: tuple, shade: np.ndarray | float = 1.0) -> None:
    paint = np.float32(colour) * np.atleast_3d(shade)
    canvas += mask[..., None] * (paint - canvas)


def _ellipse(centre: tuple[int, int], axes: tuple[int, int], softness: float) -> np.ndarray:
    mask = np.zeros((_BASE[1], _BASE[0]), np.float32)
    cv2.ellipse(mask, centre, axes, 0, 0, 360, 1.0, -1, cv2.LINE_8)
    return cv2.GaussianBlur(mask, (0, 0), softness)


def _disc(centre: tuple[int, int], radius: int, softness: float) -> np.ndarray:
    return _ellipse(centre, (radius, radius), softness)


def _light(x: int, y: int, radius: int) -> np.ndarray:
    """A lamp from the upper left on something round, between 0.55 and 1.12."""
    rows, columns = np.mgrid[0 : _BASE[1], 0 : _BASE[0]].astype(np.float32)
    away = np.hypot(columns - (x - radius * 0.35), rows - (y - radius * 0.45)) / radius
    return 1.12 - 0.57 * np.clip(away / 1.6, 0, 1) ** 1.5


def _strands() -> np.ndarray:
    noise = np.random.default_rng(5).random((_BASE[1], _BASE[0])).astype(np.float32)
    lines = cv2.blur(noise, (3, 45))
    return 0.75 + 5.0 * (lines - lines.mean()).clip(-0.08, 0.12)
