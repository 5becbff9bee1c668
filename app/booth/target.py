"""Where a URL as typed into the booth program leads."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

_SAFE = "%/:@!$&'()*+,;=~?"
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """`host_header` and `path` (with its query string) are as they stand in the request."""

    host: str
    port: int
    is_tls: bool
    host_header: str
    path: str


def parse_target(url: str) -> Target:
    """Raises ValueError, with a sentence for the person who typed the URL."""
    parts = urlsplit(url.strip())
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("the URL must begin with http:// or https:// and name a host")
    if "@" in parts.netloc:
        raise ValueError("the URL must not hold a user name or password")
    try:
        port = parts.port or _PORTS[parts.scheme]
        netloc = parts.netloc.encode("idna").decode()
        host = parts.hostname.encode("idna").decode()
    except ValueError:
        raise ValueError("the URL holds no usable host and port") from None
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    return Target(host, port, parts.scheme == "https", netloc, quote(parts.path or "/", safe=_SAFE) + query)
