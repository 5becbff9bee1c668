"""Photos in an installation, as if booths had sent them all evening."""

import base64
from functools import cache
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image, ImageFilter
from sqlalchemy import Row

from app.adapters.images import Images
from app.domain.job import preview_path
from app.domain.media import PREVIEW_MAX_BYTES, PREVIEW_SIZES
from tests import scene
from tests.support.installation import Installation

SIDES = ((1800, 1200), (1200, 1800), (1024, 1024), (1600, 1200), (1500, 1000), (1920, 1080), (1080, 1350))
"""Widths and heights in pixels, as booths' programs and providers give them."""

LIGHTS = 3
_PLACEHOLDERS = """
UPDATE job SET placeholder = told.placeholder
FROM unnest(CAST(:ids AS uuid[]), CAST(:placeholders AS text[])) AS told (id, placeholder) WHERE job.id = told.id
"""
_FINISHED = """
INSERT INTO job (id, slot_id, source, status, is_finalized, settings, provider, operation, payload_mime_type,
                 payload_size_bytes, payload_sha256, result_file_path, result_mime_type, result_size_bytes,
                 result_checksum, result_width, result_height, result_expires_at, created_at, started_at, finalized_at,
                 expires_at, booth)
SELECT id, :slot, 'ingest', 'finalized', true, '{}', 'local', 'image_edit', 'image/jpeg', 1, repeat('0', 64),
       'results/' || id || '.jpg', 'image/jpeg', 1800000, repeat('f', 64),
       (CAST(:widths AS integer[]))[1 + n % :kinds], (CAST(:heights AS integer[]))[1 + n % :kinds],
       at + interval '72 hours', at - interval '9 seconds', at - interval '8 seconds', at, at + interval '40 seconds',
       'DESKTOP-' || 1 + n % 2
FROM (SELECT gen_random_uuid() AS id, n, now() - n * make_interval(secs => :every) AS at
      FROM generate_series(:first, :first + :photos - 1) AS n) AS made
RETURNING id, result_width, result_height
"""


def finished(
    house: Installation, photos: int, *, slot: str = "slot-001", every: float = 20.0, first: int = 1, seen: int = 150
) -> list[UUID]:
    """So many photos, one `every` seconds until now, newest first; the newest `seen` have previews and placeholders."""
    widths, heights = ([sides[n] for sides in SIDES] for n in (0, 1))
    told = {"slot": slot, "photos": photos, "every": every, "first": first}
    rows = house.ledger.ask(_FINISHED, **told, widths=widths, heights=heights, kinds=len(SIDES))
    placeholders = [_give_previews(house, row, n % LIGHTS) for n, row in enumerate(rows[:seen])]
    house.ledger.ask(_PLACEHOLDERS, ids=[row.id for row in rows[:seen]], placeholders=placeholders)
    return [row.id for row in rows]


def _give_previews(house: Installation, row: Row[Any], light: int) -> str:
    """Returns the placeholder."""
    files, placeholder = _previews((row.result_width, row.result_height), light)
    for size, data in files.items():
        path = house.media / preview_path(row.id, size)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return placeholder


@cache
def _previews(sides: tuple[int, int], light: int) -> tuple[dict[str, bytes], str]:
    """As the worker makes them: by size, and the placeholder."""
    images, data = Images(), picture_of(sides, light)
    files = {
        size: images.preview(data, max_side, PREVIEW_MAX_BYTES.get(size)) for size, max_side in PREVIEW_SIZES.items()
    }
    return files, base64.b64encode(images.preview(data, 16)).decode()


def picture_of(sides: tuple[int, int], light: int) -> bytes:
    """A JPEG of guests; each light is another one, the last as rough as only drawings are."""
    width, height = (round(side * 960 / max(sides)) for side in sides)
    wide = scene.party(round(max(width, height * 1.5)), round(max(height, width / 1.5)), seed=light)
    middle = (wide.width - width) // 2, (wide.height - height) // 2
    cut = wide.crop((*middle, middle[0] + width, middle[1] + height))
    hue, saturation, value = cut.convert("HSV").split()
    turned = hue.point(lambda degree: (degree + 256 * light // LIGHTS) % 256)
    picture, file = Image.merge("HSV", (turned, saturation, value)).convert("RGB"), BytesIO()
    if light == LIGHTS - 1:
        grain = Image.effect_noise(picture.size, 150).filter(ImageFilter.GaussianBlur(1)).convert("RGB")
        picture = Image.blend(picture, grain, 0.5)
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()
