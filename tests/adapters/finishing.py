"""Finishing pictures in tests."""

from app.adapters.images import Images
from app.domain.media import EncodedImage, Finish, Output

images = Images()


def finished(
    data: bytes,
    output: Output,
    shot_size: tuple[int, int] = (0, 0),
    *,
    overlay: bytes | None = None,
    qr_text: str | None = None,
) -> EncodedImage:
    return images.finish(data, Finish(output, shot_size, overlay, qr_text))
