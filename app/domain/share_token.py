"""The secrets of share links. They are derived from one key: neither a database nor a backup of it holds them."""

import base64
import hashlib
import hmac
from uuid import UUID

_PURPOSE = b"photochanger: share links"


class LinkKey:
    """What tokens and stamps are derived with. `secret` is the installation's; another one derives others."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode("utf-8", "surrogatepass"), _PURPOSE, "sha256")

    def token(self, link_id: UUID) -> str:
        """What the link's address ends with: 256 bits as 43 characters of base64url."""
        return self._derive(b"token", link_id.bytes)

    def stamp(self, link_id: UUID, password_hash: str) -> str:
        """What only a browser that knew this password can hold."""
        return self._derive(b"stamp", link_id.bytes + password_hash.encode())

    def _derive(self, use: bytes, about: bytes) -> str:
        return base64.urlsafe_b64encode(hmac.digest(self._key, use + about, "sha256")).rstrip(b"=").decode()


def digest_of(token: str) -> str:
    """SHA-256 in hex of whatever came as a token: a stored digest tells nothing of a token of 256 bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
