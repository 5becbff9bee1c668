"""What a file is by its first bytes; names and declared types are not asked."""

HEAD_BYTES = 128
"""As much of a file's beginning as `sniff` looks at: room for two dozen HEIF brands."""

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_HEIF_BRANDS = {b"mif1", b"msf1"}


def sniff(head: bytes) -> str | None:
    """The accepted MIME type that a file beginning with `head` claims to be, or None."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return _sniff_heif(head) if head[4:8] == b"ftyp" else None


def _sniff_heif(head: bytes) -> str | None:
    """ISO/IEC 23008-12, annex B: the major brand names the codec, or only the container."""
    end = min(int.from_bytes(head[:4]), len(head))
    major, compatible = head[8:12], {head[i : i + 4] for i in range(16, end, 4)}
    if major in _HEIC_BRANDS:
        return "image/heic"
    is_avif = b"avif" in compatible and not compatible & _HEIC_BRANDS
    return "image/heif" if major in _HEIF_BRANDS and not is_avif else None
