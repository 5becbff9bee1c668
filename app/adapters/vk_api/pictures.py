"""Pictures that VK shows: fetched where a copy of our own is needed."""

import time
from threading import Event

from app.adapters.vk_api.addresses import connection_to
from app.domain.deadlines import Deadline
from app.domain.errors import ProviderFault
from app.domain.vk.errors import VkUnreachable
from app.domain.vk.media import FILE_BYTES_MAX
from app.ports.providers import HttpClient

_SECONDS = 30.0


class VkPictures:
    """`base_url` is where the API is: its pictures may be there too."""

    def __init__(self, http: HttpClient, base_url: str) -> None:
        self._http = http
        self._base_url = base_url

    def fetch(self, url: str) -> bytes:
        """The picture at an address that VK named. Raises VkUnreachable."""
        try:
            server = connection_to(url, self._base_url)
            with self._http.session(server, Deadline(time.monotonic() + _SECONDS), Event()) as session:
                reply = session.send("GET", url, max_bytes=FILE_BYTES_MAX)
        except (ProviderFault, ValueError) as error:
            raise VkUnreachable(f"VK's picture cannot be fetched: {error}") from None
        if reply.status != 200:
            raise VkUnreachable(f"VK's picture cannot be fetched: status {reply.status}.")
        return reply.body
