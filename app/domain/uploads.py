"""What every uploaded file must pass before anybody looks into it."""

from app.domain.errors import Reason, Refused


def check_size(size_bytes: int, max_bytes: int) -> None:
    """Raises Refused for a file that is empty (INVALID_REQUEST) or larger than allowed (PAYLOAD_TOO_LARGE)."""
    if size_bytes == 0:
        raise Refused(Reason.INVALID_REQUEST, "The file is empty.")
    if size_bytes > max_bytes:
        raise Refused(
            Reason.PAYLOAD_TOO_LARGE,
            f"The file has {size_bytes} bytes; at most {max_bytes} are allowed.",
            details={"size_bytes": size_bytes, "max_bytes": max_bytes},
        )
