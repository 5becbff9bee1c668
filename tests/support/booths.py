"""Booths for tests of whole installations."""

import io
import random
from concurrent.futures import Future, ThreadPoolExecutor

import requests
from PIL import Image

from tests.support.installation import INGEST_PASSWORD, Installation

_pool = ThreadPoolExecutor(64, thread_name_prefix="booth")


def photo(width: int = 320, height: int = 240, seed: int = 0) -> bytes:
    """A JPEG that no other seed gives."""
    image = Image.new("RGB", (width, height), random.Random(seed).choice(["red", "teal", "gold", "navy"]))
    image.putpixel((0, 0), (seed % 256, seed // 256 % 256, 7))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def of_computer(name: str, account: str = "Acer") -> dict[str, str]:
    """What DSLR Remote Pro says of itself there, as far as it is known by it."""
    return {"name": name, "user_id": account, "profile": r"C:\Users\setup.xml", "version": "3.30.2"}


def shoot(
    house: Installation,
    slot: str = "slot-001",
    *,
    data: bytes | None = None,
    qr1: str = "",
    timeout: float = 90,
    **fields: str,
) -> requests.Response:
    """One shot, waiting for its answer as a booth does; `qr1` is what the guest's QR code said.

    `fields` are added to the form, or replace what is in it.
    """
    return requests.post(
        f"{house.url}/ingest/{slot}",
        data={"password": INGEST_PASSWORD, "name": "DESKTOP-1", "{qr1}": qr1, **fields},
        files={"fileToUpload": ("IMG_0003.JPG", data or photo(), "image/jpeg")},
        timeout=timeout,
    )


def shoot_in_background(house: Installation, slot: str = "slot-001") -> Future[requests.Response]:
    return _pool.submit(shoot, house, slot)
