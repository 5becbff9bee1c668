"""What is asked of a media store."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.ports.media import MediaStore


@contextmanager
def nothing_read(media: MediaStore) -> Iterator[None]:
    """Whoever reads a file of `media` inside fails: from a bucket the whole of it would come."""
    with pytest.MonkeyPatch.context() as patch:
        for way in ("open", "read"):
            patch.setattr(media, way, lambda key: pytest.fail(f"{key} was read"))
        yield
