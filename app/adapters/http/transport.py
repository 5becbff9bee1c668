"""The way of `requests` to the network, over sockets that keep the session's patience."""

from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from app.adapters.http import sockets
from app.adapters.http.addresses import Reach, refuse_private
from app.adapters.http.names import resolve
from app.adapters.http.patience import Patience, Stage


class Route:
    """Opens the connections of one session."""

    def __init__(self, reach: Reach, patience: Patience) -> None:
        self.reach = reach
        self.patience = patience

    def open(self, host: str, port: int, *, to_proxy: bool) -> sockets.PatientSocket:
        """A connection to an address that was looked at: there is no second look-up that could say something else.

        Whatever is neither the proxy nor the provider's own host must have public addresses only, all of them.
        """
        addresses = resolve(host, port, self.patience)
        if not to_proxy and not self.reach.may_be_private(host, port) and not all(a.is_public for a in addresses):
            raise refuse_private(host)
        return sockets.connect(addresses, self.patience)


class _Routed(HTTPConnection):
    """In the clear; what differs from urllib3 serves both kinds of connections."""

    def __init__(self, *args: Any, route: Route, **options: Any) -> None:
        super().__init__(*args, **options)
        self._route = route

    def _new_conn(self) -> sockets.PatientSocket:
        return self._route.open(self.host, int(self.port or self.default_port), to_proxy=self.proxy is not None)

    def request(self, *args: Any, **options: Any) -> None:
        if self.is_closed:
            self.connect()
        self._route.patience.stage = Stage.SENT
        super().request(*args, **options)


class _RoutedTls(_Routed, HTTPSConnection):
    """Under TLS, end to end or through a tunnel."""


class Transport(HTTPAdapter):
    """Used without a `requests.Session`: that one reads the environment, keeps cookies and looks into redirects."""

    def __init__(self, route: Route, tls: sockets.PatientTls, proxy: str | None) -> None:
        super().__init__(max_retries=0)
        self._route = route
        self._tls = tls
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}

    def exchange(self, request: requests.PreparedRequest) -> requests.Response:
        """The answer with its body unread. Raises what `requests` raises, and ProviderFault."""
        timeout = self._route.patience.left()
        response = self.send(request, stream=True, timeout=timeout, proxies=self._proxies)
        self._route.patience.stage = Stage.ANSWERING
        return response

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {"ssl_context": self._tls}

    def cert_verify(self, *args: Any, **options: Any) -> None:
        """Nothing to set: the TLS context verifies, and reading its authorities again would take 20 ms."""

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        return super().proxy_manager_for(proxy, proxy_ssl_context=self._tls, **options)

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **options)
        kind = _RoutedTls if pool.scheme == "https" else _Routed
        pool.ConnectionCls = partial(kind, route=self._route)
        return pool
