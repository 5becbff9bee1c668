"""Answers, read to their end and no further than they may."""

import requests

from app.adapters.http import faults
from app.ports.providers import HttpReply

_BLOCK = 1 << 16


def read(response: requests.Response, peer: str, max_bytes: int) -> HttpReply:
    """Raises ProviderFault(TOO_LARGE), before anything is read if the answer says so itself."""
    declared = response.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise faults.too_large(peer, max_bytes, response.status_code)
    blocks, size = [], 0
    for block in response.raw.stream(_BLOCK, decode_content=True):
        blocks.append(block)
        size += len(block)
        if size > max_bytes:
            raise faults.too_large(peer, max_bytes, response.status_code)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return HttpReply(response.status_code, headers, b"".join(blocks))
