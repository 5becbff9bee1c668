"""Keys never leave for a foreign host, and results come from nowhere else than they may."""

import ipaddress
import time
from collections.abc import Callable
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Request
from structlog.testing import capture_logs
from urllib3.util import parse_url

from app.adapters.http.addresses import Destination, Reach
from app.adapters.http.names import is_public
from app.domain.deadlines import Deadline
from app.domain.errors import FaultKind, ProviderFault
from app.ports.providers import Connection
from tests.support import http_calls
from tests.support.fakes.server import FakeServer
from tests.support.http_calls import faulty

BASE = "https://api.example/v1"
REACH = Reach(Connection(BASE, "key", result_hosts=("results.example", "*.delivery.example")))

FOREIGN = [
    "https://evil.example/v1/images",
    "https://api.example.evil.example/",
    "https://api.example:8443/",
    "http://api.example/",
    "//evil.example/",
    "https://api.example@evil.example/",
    "https://user:word@api.example/",
    "https://api.example./",
    "https://api.example\\@evil.example/",
    "https://evil.example\\.api.example/",
    "https://evil.example#.api.example/",
    "https://api.example%2eevil.example/",
    "https://api。example/",
    "https://ａpi.example.evil/",
    "https:api.example/",
    "https:///api.example/",
    "\thttps://api.example/",
    "https://api.exa\nmple/",
    "https://api.example:0x1bb/",
    "https://api.example:99999/",
    "ftp://api.example/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "evil.example/v1",
    ".evil.example/",
    "@evil.example/",
    ":8443/",
    "",
]


@pytest.mark.parametrize("url", [url for url in FOREIGN if not url.startswith("//")])
def test_a_call_goes_to_the_providers_own_origin_only(url: str) -> None:
    with capture_logs() as logs, pytest.raises(ProviderFault) as caught:
        REACH.of_call(url)
    assert (caught.value.kind, caught.value.permanent) == (FaultKind.FORBIDDEN_ADDRESS, True)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("address_refused", "warning")]


@pytest.mark.parametrize("url", FOREIGN)
def test_a_result_lies_at_the_providers_origin_or_at_a_listed_host(url: str) -> None:
    with pytest.raises(ProviderFault, match=r"does not list|not a plain URL"):
        REACH.of_result(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example/other/path.png?sig=1",
        "https://API.example:443/a.png",
        "https://results.example/фото.png",
        "https://results.example:443/a",
        "https://eu.delivery.example/a",
        "https://a.b.delivery.example",
    ],
)
def test_results_that_may_be_fetched(url: str) -> None:
    assert REACH.of_result(url).scheme == "https"


@pytest.mark.parametrize(
    "url",
    [
        "http://results.example/a",
        "https://results.example:8443/a",
        "https://delivery.example/a",
        "https://evildelivery.example/a",
        "https://eu.delivery.example./a",
        "https://eu.delivery.example@127.0.0.1/a",
        "https://127.0.0.1/?.delivery.example",
    ],
)
def test_a_listed_host_is_taken_at_its_word(url: str) -> None:
    with pytest.raises(ProviderFault):
        REACH.of_result(url)


def test_what_looks_like_another_host_in_a_path_is_a_path() -> None:
    assert REACH.of_call("//evil.example/").host == "api.example"
    assert REACH.of_call("/@evil.example/").host == "api.example"
    assert REACH.of_call("/../../x").host == "api.example"


_PIECES = st.sampled_from(
    [
        *("/", "\\", "@", ":", "#", "?", ".", "%", "[", "]", "&", "=", ";", ",", "*", "~", "\t", "\n", " ", "\0"),
        *("//", "..", "%2e", "%2f", "%40", "\u3002", "\uff0f", "\u2028", "\xad", "\ud800"),
        *("http:", "https:", "https://", "api.example", "evil.example", "results.example", "443", "80", "[::1]", "v1"),
    ]
)
_URLS = st.lists(_PIECES | st.text(max_size=3), max_size=8).map("".join)


@given(start=st.sampled_from(["", BASE, "https://api.example", "https://results.example", "/"]), rest=_URLS)
def test_requests_would_call_what_was_checked_and_nothing_else(start: str, rest: str) -> None:
    for check, hosts in [(REACH.of_call, ["api.example"]), (REACH.of_result, ["api.example", "results.example"])]:
        if url := _allowed(check, start + rest):
            called = parse_url(str(Request("GET", url).prepare().url))
            assert (called.scheme, called.port or 443, called.auth) == ("https", 443, None)
            assert called.host in hosts


def _allowed(check: Callable[[str], Destination], url: str) -> str | None:
    """What would be called, None if that is refused."""
    try:
        return check(url).url
    except ProviderFault as fault:
        if fault.kind is FaultKind.FORBIDDEN_ADDRESS:
            return None
        raise


_SPELLINGS = [
    str,
    lambda ip: str(int(ip)),
    lambda ip: hex(int(ip)),
    lambda ip: oct(int(ip)).replace("o", ""),
    lambda ip: ".".join(hex(byte) for byte in ip.packed),
    lambda ip: ".".join(f"0{byte:o}" for byte in ip.packed),
    lambda ip: f"{ip.packed[0]}.{int.from_bytes(ip.packed[1:])}",
    lambda ip: f"{ip}.",
    lambda ip: f"[::ffff:{ip}]",
    lambda ip: f"[64:ff9b::{ip}]",
    lambda ip: "".join(chr(0xFF10 + int(c)) if c.isdigit() else "。" for c in str(ip)),
]


@given(ip=st.ip_addresses(v=4), spell=st.sampled_from(_SPELLINGS), scheme=st.sampled_from(["http", "https"]))
def test_no_spelling_of_an_ip_address_slips_through(
    ip: ipaddress.IPv4Address, spell: Callable[[ipaddress.IPv4Address], str], scheme: str
) -> None:
    for check in (REACH.of_call, REACH.of_result):
        with pytest.raises(ProviderFault):
            check(f"{scheme}://{spell(ip)}/image.png")


_INNER = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/29"),
    *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "203.0.113.0/24", "224.0.0.0/4"),
    *("240.0.0.0/4", "255.255.255.255/32", "::/128", "::1/128", "::ffff:0:0/96", "::/96", "64:ff9b::/96"),
    *("64:ff9b:1::/48", "100::/64", "2001::/32", "2001:10::/28", "2001:20::/28", "2001:db8::/32", "2002::/16"),
    *("3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
]


@given(st.sampled_from(_INNER).flatmap(lambda network: st.ip_addresses(network=network)))
def test_addresses_of_no_public_network(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::65"])
def test_addresses_of_the_internet(ip: str) -> None:
    assert is_public(ipaddress.ip_address(ip))


@pytest.mark.parametrize("url", ["http://[::1]:8188/x", "http://127.0.0.1:8188/x", "http://comfy_1:8188/x?a=b"])
def test_a_destination_is_put_together_as_it_was(url: str) -> None:
    assert Destination.parse(url).url == url


def test_a_download_from_the_providers_own_private_host_carries_no_key() -> None:
    with FakeServer() as server, http_calls.session(server.url) as http:
        http.send("GET", "/", headers={"Authorization": "Bearer the-key"})
        http.download(f"{server.url}/view?name=a.png", max_bytes=10)
        asked = server.calls[1]
    assert (asked.method, asked.path, asked.query) == ("GET", "/view", {"name": "a.png"})
    assert set(asked.headers) == {"host", "user-agent", "accept", "accept-encoding"}


def test_a_base_url_that_somebody_else_chose_must_be_public() -> None:
    with FakeServer() as server:
        connection = Connection(server.url, must_be_public=True)
        deadline = Deadline(time.monotonic() + 10)
        with http_calls.HTTP.session(connection, deadline, Event()) as http, faulty(FaultKind.FORBIDDEN_ADDRESS):
            http.send("POST", "/upload", body=b"photo")
        assert server.calls == []


def test_a_refused_download_is_never_asked_for() -> None:
    with FakeServer() as own, FakeServer() as other, http_calls.session(own.url) as http:
        with faulty(FaultKind.FORBIDDEN_ADDRESS) as caught:
            http.download(f"{other.url}/secret", max_bytes=10)
        assert (own.calls, other.calls) == ([], [])
    assert caught.value.may_have_cost is False
