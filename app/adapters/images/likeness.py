"""Whether two files show the same picture."""

from io import BytesIO
from statistics import fmean

from PIL import Image, ImageChops, ImageStat

from app.ports.media import ImageTool

_PREVIEW_SIDE = 64
_TILES = (16, 16)
_MOST = 6.0  # of 255: made smaller and compressed anew a picture differs by 2, another of the same scene by 10 and more


class Likeness:
    """Implements ports.vk.SamePicture."""

    def __init__(self, images: ImageTool) -> None:
        self._images = images

    def __call__(self, one: bytes, other: bytes) -> bool:
        difference = ImageChops.difference(self._tiles(one), self._tiles(other))
        return fmean(ImageStat.Stat(difference).mean) <= _MOST

    def _tiles(self, data: bytes) -> Image.Image:
        """Its mean colours, whatever its size and proportions."""
        with Image.open(BytesIO(self._images.preview(data, _PREVIEW_SIDE))) as picture:
            return picture.convert("RGB").resize(_TILES, Image.Resampling.BOX)
