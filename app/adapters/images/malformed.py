"""What the walks through image containers share."""

from typing import BinaryIO


class Malformed(Exception):
    """The bytes break the rules of the format they claim to be, or end too early."""


def read_exactly(source: BinaryIO, count: int) -> bytes:
    """`count` bytes; raises Malformed if the file ends before."""
    data = source.read(count)
    if len(data) != count:
        raise Malformed("the file ends too early")
    return data
