"""Addresses that VK names: of its upload servers, and of pictures."""

from app.adapters.http.addresses import Destination
from app.ports.providers import Connection


def connection_to(url: str, base_url: str) -> Connection:
    """They must be in the Internet and under TLS, or be of the origin of the API, at `base_url`, itself.

    Raises ValueError for all others, but for names that lead into a private network: those the call refuses.
    """
    place = Destination.parse(url)
    if place.is_same_origin(Destination.parse(base_url)):
        return Connection(base_url)
    if (place.scheme, place.port) != ("https", 443):
        raise ValueError(f"VK named an address at {place.host} that is not https")
    return Connection(url, must_be_public=True)
