"""Answers, read to their end and no further than they may."""

import requests

from app.adapters.http import faults
from app.ports.providers import HttpReply

_BLOCK = 1 << 16
_MOST_DIGITS = 18  # Python itself refuses to read numbers of more than 4,300


def read(response: requests.Response, peer: str, max_bytes: int) -> HttpReply:
    """Raises ProviderFault(TOO_LARGE), before anything is read if the answer says so itself."""
    if _declares_more(response.headers.get("Content-Length", ""), max_bytes):
        raise faults.too_large(peer, max_bytes, response.status_code)
    blocks, size = [], 0
    for block in response.raw.stream(_BLOCK, decode_content=True):
        blocks.append(block)
        size += len(block)
        if size > max_bytes:
            raise faults.too_large(peer, max_bytes, response.status_code)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return HttpReply(response.status_code, headers, b"".join(blocks))


def _declares_more(length: str, max_bytes: int) -> bool:
    digits = length.lstrip("0")
    return digits.isdecimal() and (len(digits) > _MOST_DIGITS or int(digits) > max_bytes)
