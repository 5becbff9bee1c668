"""Photos to send: the user's own, or made-up ones of realistic size."""

import io
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from app.booth.contract import image_type
from app.booth.wire import Shot

ShotSource = Callable[[int], Shot]
"""The shot with a number, counted from 1."""

_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif"}
_MADE_UP = 3
_SIZE = (3000, 2000)


def photo_files(paths: Sequence[Path]) -> list[Path]:
    """The files among `paths`, and the images inside the folders among them, in order of their names."""
    files: list[Path] = []
    for path in paths:
        files += sorted(p for p in path.iterdir() if p.suffix.lower() in _SUFFIXES) if path.is_dir() else [path]
    return files


def shots_from(files: Sequence[Path]) -> ShotSource:
    """The files in turn, read when they are due. The source raises OSError."""

    def shot(number: int) -> Shot:
        path = files[(number - 1) % len(files)]
        content = path.read_bytes()
        return Shot(path.name, content, image_type(content) or "application/octet-stream")

    return shot


def made_up_shots() -> ShotSource:
    """JPEGs of 6 megapixels and 2 to 3 MB that look a little like people in a photo booth."""
    contents = [_made_up(seed) for seed in range(_MADE_UP)]
    return lambda number: Shot(f"IMG_{number:04}.JPG", contents[(number - 1) % len(contents)])


def _made_up(seed: int) -> bytes:
    chance = random.Random(seed)  # noqa: S311 - colours, not secrets
    picture = Image.frombytes("RGB", (6, 4), chance.randbytes(72)).resize(_SIZE, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    for middle in (500, 1500, 2500):
        x, y = middle + chance.randrange(-150, 150), 900 + chance.randrange(-150, 150)
        draw.ellipse((x - 500, y + 250, x + 500, _SIZE[1] + 600), fill=tuple(chance.randbytes(3)))
        draw.ellipse((x - 260, y - 330, x + 260, y + 330), fill=(224, 172, 140))
    grain = Image.effect_noise(_SIZE, 40).convert("RGB")  # without a sensor's grain the file would be far too small
    buffer = io.BytesIO()
    Image.blend(picture, grain, 0.2).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()
