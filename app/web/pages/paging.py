"""Which page of a list is asked for, and how many there are."""

import math

from flask import request


def page_number() -> int:
    """From 1 on; what cannot be understood is the first, and a page that does not exist is empty."""
    text = request.args.get("page", "1")
    return int(text) if text.isdecimal() and 0 < len(text) < 7 and int(text) else 1


def page_count(total: int, page_size: int) -> int:
    """An empty list has one page too."""
    return max(1, math.ceil(total / page_size))
