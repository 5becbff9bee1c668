"""Where VK shows what a community has. `owner_id` is negative, as VK numbers what communities own."""

import re

_POST = re.compile(r"wall(-[0-9]{1,18})_([0-9]{1,18})(?![0-9])")


def post_url(owner_id: int, post_id: int) -> str:
    return f"https://vk.com/wall{owner_id}_{post_id}"


def post_number(address: str, owner_id: int) -> int | None:
    """The number of the post that an address names, however it was copied; None if it is none of this wall."""
    match = _POST.search(address)
    return int(match[2]) if match and int(match[1]) == owner_id else None


def photo_url(owner_id: int, photo_id: int) -> str:
    return f"https://vk.com/photo{owner_id}_{photo_id}"


def album_url(owner_id: int, album_id: int) -> str:
    return f"https://vk.com/album{owner_id}_{album_id}"
