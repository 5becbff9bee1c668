"""Pictures that VK shows: fetched where a copy of our own is needed."""

import time
from threading import Event

from app.adapters.http.addresses import Destination
from app.domain.deadlines import Deadline
from app.domain.errors import ProviderFault
from app.domain.vk.errors import VkUnreachable
from app.domain.vk.media import FILE_BYTES_MAX
from app.ports.providers import Connection, HttpClient

_SECONDS = 30.0


class VkPictures:
    """`base_url` is where the API is: its pictures may be there too."""

    def __init__(self, http: HttpClient, base_url: str) -> None:
        self._http = http
        self._base_url = base_url

    def fetch(self, url: str) -> bytes:
        """The picture at an address that VK named. Raises VkUnreachable."""
        try:
            with self._http.session(self._server(url), Deadline(time.monotonic() + _SECONDS), Event()) as session:
                reply = session.send("GET", url, max_bytes=FILE_BYTES_MAX)
        except (ProviderFault, ValueError) as error:
            raise VkUnreachable(f"VK's picture cannot be fetched: {error}") from None
        if reply.status != 200:
            raise VkUnreachable(f"VK's picture cannot be fetched: status {reply.status}.")
        return reply.body

    def _server(self, url: str) -> Connection:
        """In the Internet and under TLS, or that of the API itself. Raises ValueError for what is no plain URL."""
        place = Destination.parse(url)
        if place.is_same_origin(Destination.parse(self._base_url)):
            return Connection(self._base_url)
        return Connection(f"https://{place.host}", must_be_public=True)
