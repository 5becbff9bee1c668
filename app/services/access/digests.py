"""What stands for a text that must not be kept itself."""

import hashlib


def digest(text: str) -> str:
    """SHA-256 in hex; only for what cannot be guessed, or is no secret."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
