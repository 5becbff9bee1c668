"""What is printed over a picture: an overlay, and the QR code of the guest's page."""

import segno
from PIL import Image

from app.adapters.images.layout import Size

_LOGO_SHARE = 1 / 4  # of the picture's longest side
_MARGIN_SHARE = 0.03  # of its short side
_CODE_SHARE = 1 / 5  # of its short side
_QUIET_MODULES = 4  # ISO/IEC 18004, 5.3.8
_SMALLEST_MODULE = 2  # pixels; a finer one does not survive a JPEG and a phone's camera
_STRIP_ROWS = 256


def lay_over(picture: Image.Image, overlay: Image.Image, place: str) -> None:
    """Print `overlay` over the picture, both in sRGB; `place` is one of OVERLAY_PLACES.

    A frame is stretched to the very size of the picture. In a corner its longer side is a quarter of the picture's
    longest, whatever its own size: it looks the same on a preview and on a print.
    """
    if place == "frame":
        _lay_frame(picture, overlay)
    else:
        logo = overlay.resize(_logo_size(overlay.size, picture.size), Image.Resampling.LANCZOS, reducing_gap=3.0)
        _put(picture, logo, _corner(place, logo.size, picture.size))


def print_code(picture: Image.Image, text: str, corner: str) -> None:
    """Print a QR code of `text` into a corner; left out where the picture has no room for one that can be read."""
    code = _code(text, round(min(picture.size) * _CODE_SHARE))
    if max(code.size) + 2 * _margin(picture.size) <= min(picture.size):
        picture.paste(code, _corner(corner, code.size, picture.size))


def _lay_frame(picture: Image.Image, overlay: Image.Image) -> None:
    """In strips: a stretched copy of the whole overlay would take as much memory as the picture."""
    frame = overlay.convert("RGBa") if overlay.mode == "RGBA" else overlay
    scale = overlay.height / picture.height
    for top in range(0, picture.height, _STRIP_ROWS):
        rows = min(_STRIP_ROWS, picture.height - top)
        box = (0, top * scale, overlay.width, min(overlay.height, (top + rows) * scale))
        strip = frame.resize((picture.width, rows), Image.Resampling.BICUBIC, box)
        _put(picture, strip.convert(overlay.mode), (0, top))


def _put(picture: Image.Image, piece: Image.Image, at: tuple[int, int]) -> None:
    if piece.mode != "RGBA":
        picture.paste(piece, at)
    elif picture.mode == "RGBA":
        picture.alpha_composite(piece, at)
    else:
        picture.paste(piece, at, piece)


def _logo_size(logo: Size, picture: Size) -> Size:
    """With room for the margins even in a picture that is a mere stripe."""
    room = [side - 2 * _margin(picture) for side in picture]
    scale = min(max(picture) * _LOGO_SHARE / max(logo), room[0] / logo[0], room[1] / logo[1])
    return max(1, round(logo[0] * scale)), max(1, round(logo[1] * scale))


def _code(text: str, wanted_side: int) -> Image.Image:
    """Dark on white with its quiet zone, each module as many whole pixels as `wanted_side` allows."""
    code = segno.make(text, error="m", micro=False)
    rows = [bytes(0 if dark else 255 for dark in row) for row in code.matrix_iter(border=_QUIET_MODULES)]
    scale = max(_SMALLEST_MODULE, wanted_side // len(rows))
    modules = Image.frombytes("L", (len(rows), len(rows)), b"".join(rows))
    return modules.resize((len(rows) * scale, len(rows) * scale), Image.Resampling.NEAREST)


def _corner(name: str, piece: Size, picture: Size) -> tuple[int, int]:
    """Where the upper left of a piece comes to lie; `name` is one of CORNERS."""
    margin = _margin(picture)
    left = margin if name.endswith("left") else picture[0] - margin - piece[0]
    upper = margin if name.startswith("top") else picture[1] - margin - piece[1]
    return max(0, left), max(0, upper)


def _margin(picture: Size) -> int:
    return round(min(picture) * _MARGIN_SHARE)
