"""QR codes of addresses, for screens and for print."""

import io

import segno
from flask import Response
from markupsafe import Markup

from app.web.files import with_name

_MODULE = 8  # pixels of the SVG's own size; it is scaled without loss
_QUIET_MODULES = 4  # ISO/IEC 18004, 5.3.8
_PRINTED_MODULE = 24  # pixels: a code of 57 modules is 11 cm wide at 300 dpi
_DPI = 300


def svg_code(address: str, name: str) -> Response:
    """Scaled as one likes; `?download=1` asks the browser to save it as `name`, which has no ending yet."""
    image = io.BytesIO()
    _code(address).save(image, kind="svg", scale=_MODULE, border=_QUIET_MODULES, dark="#000", light="#fff")
    return _answer(image, "image/svg+xml", f"{name}.svg")


def png_code(address: str, name: str) -> Response:
    """For programs that lay out print and know no SVG."""
    image = io.BytesIO()
    _code(address).save(image, kind="png", scale=_PRINTED_MODULE, border=_QUIET_MODULES, dpi=_DPI)
    return _answer(image, "image/png", f"{name}.png")


def inline_code(address: str) -> Markup:
    """An SVG element that fills the room it is given."""
    svg = _code(address).svg_inline(border=_QUIET_MODULES, dark="#000", light="#fff", omitsize=True)
    return Markup(svg)  # noqa: S704 - drawn by segno, of squares only


def _code(address: str) -> segno.QRCode:
    return segno.make(address, error="m", micro=False)


def _answer(image: io.BytesIO, mime_type: str, name: str) -> Response:
    return with_name(Response(image.getvalue(), mimetype=mime_type), name)
