"""What painters and draughtsmen share: smooth areas, the direction of forms, lines, crisp edges."""

import cv2
import numpy as np

from app.adapters.providers.local.picture import Plane, Rgb, resized, strips


def flattened(picture: Rgb, rounds: int) -> Rgb:
    """Texture gone, edges kept, more so with each round."""
    for _ in range(rounds):
        picture = cv2.bilateralFilter(picture, 5, 36, 3)
    return picture


def evened(tone: Plane) -> Plane:
    """Brightness spread over the whole range, dark corners of a party opened up."""
    low, high = (float(p) for p in np.percentile(tone[::4, ::4], (1, 99)))
    stretched = np.clip((tone - low) / max(high - low, 0.1), 0, 1)
    equaliser = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(6, 6))
    equal = equaliser.apply((stretched * 255).astype(np.uint8)).astype(np.float32) / 255
    return 0.5 * stretched + 0.5 * equal


def directions(tone: Plane, radius: float) -> tuple[Plane, Plane]:
    """Unit vectors (x, y) along the forms: across them brightness changes most (structure tensor)."""
    gx, gy = cv2.Sobel(tone, cv2.CV_32F, 1, 0), cv2.Sobel(tone, cv2.CV_32F, 0, 1)
    xx, yy, xy = (cv2.GaussianBlur(p, (0, 0), radius) for p in (gx * gx, gy * gy, gx * gy))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    return np.cos(angle), np.sin(angle)


def smeared(plane: Plane, along: tuple[Plane, Plane], reach: float) -> Plane:
    """`plane` averaged along the lines of a direction field, `reach` pixels to either side.

    Three passes of three samples, each three times as far apart, stand for the 27 of a line integral convolution.
    """
    height, width = plane.shape
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    for distance in (reach / 13, 3 * reach / 13, 9 * reach / 13):
        dx, dy = along[0] * distance, along[1] * distance
        total = plane.copy()
        for x, y in ((columns + dx, rows + dy), (columns - dx, rows - dy)):
            total += cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        plane = total / 3
    return plane


def ink_response(tone: Plane, width: float, gain: float) -> Plane:
    """1 on plain areas of any brightness, falling towards 0 in dark lines and edges about `width` pixels wide.

    A difference of Gaussians relative to the brightness around, after Winnemöller, Kyprianidis and Olsen,
    "XDoG: an eXtended difference-of-Gaussians compendium", Computers & Graphics 36, 2012.
    """
    fine, coarse = cv2.GaussianBlur(tone, (0, 0), width), cv2.GaussianBlur(tone, (0, 0), 1.6 * width)
    return np.clip(1 + gain * (fine - coarse) / (coarse + 0.12), 0, 1)


def enlarged(painted: Rgb, sketch: Rgb, shot: Rgb, crispness: float = 1.0) -> Rgb:
    """`painted`, made from `sketch`, at the size of `shot`, its edges sharpened by the shot's own.

    Only differences that are edges come through: fine texture is what painting takes away.
    """
    if painted.shape == shot.shape:
        return painted
    result = resized(painted, shot.shape)
    grey = resized(cv2.cvtColor(sketch, cv2.COLOR_RGB2GRAY), shot.shape)
    difference = np.arange(256) - 128
    kept = 128 + crispness * np.sign(difference) * np.clip(np.abs(difference) - 10, 0, None)
    table = np.clip(kept, 0, 255).astype(np.uint8)
    for rows, strip in strips(shot):
        detail = cv2.addWeighted(cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY), 1, grey[rows], -1, 128)
        edges = cv2.merge([cv2.LUT(detail, table)] * 3)
        cv2.addWeighted(result[rows], 1, edges, 1, -128, dst=result[rows])
    return result
