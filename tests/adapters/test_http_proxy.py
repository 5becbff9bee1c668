"""Proxies are used when they are set and only then, and their credentials stay with them."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.adapters.http.client import Http
from app.domain.errors import FaultKind
from tests.support import http_calls
from tests.support.certificates import self_signed
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.proxy import FakeProxy
from tests.support.fakes.server import FakeServer, hang, status
from tests.support.http_calls import faulty

CREDENTIALS = "studio:s3cret word"


class Provider(FakeServer):
    def answer(self, call: Call) -> Reply:
        return Reply(200, b"answered")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return self_signed(tmp_path, "api.example")


@pytest.fixture
def provider(certificate: Path) -> Iterator[Provider]:
    """Speaks TLS as api.example."""
    with Provider(certificate) as running:
        yield running


@pytest.fixture
def proxy(provider: Provider) -> Iterator[FakeProxy]:
    with FakeProxy(CREDENTIALS, {"api.example:443": provider.port}) as running:
        yield running


@pytest.fixture(autouse=True)
def no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a proxy this machine need not know any name."""
    real = socket.getaddrinfo

    def lookup(host: str, *args: object, **options: object) -> object:
        if host.endswith(".example"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *args, **options)

    monkeypatch.setattr("socket.getaddrinfo", lookup)


def _address(proxy: FakeProxy, credentials: str = "studio:s3cret%20word") -> str:
    return f"http://{credentials}@127.0.0.1:{proxy.port}"


def test_https_goes_through_a_tunnel_that_sees_neither_key_nor_path(
    proxy: FakeProxy, provider: Provider, certificate: Path
) -> None:
    options = {"proxy": _address(proxy), "http": Http(certificate)}
    with http_calls.session("https://api.example", **options) as http:
        assert http.send("POST", "/images", headers={"X-Key": "the-key"}).body == b"answered"
        assert http.send("POST", "/images", headers={"X-Key": "the-key"}).body == b"answered"
    assert [(call.method, call.path) for call in proxy.calls] == [("CONNECT", "api.example:443")]
    assert "x-key" not in proxy.calls[0].headers
    assert "proxy-authorization" not in provider.calls[0].headers


def test_http_is_forwarded(proxy: FakeProxy) -> None:
    with Provider() as plain, http_calls.session(plain.url, proxy=_address(proxy)) as http:
        assert http.send("GET", "/a", params={"b": "c"}).body == b"answered"
        assert [call.path for call in plain.calls] == ["/a"]
        assert "proxy-authorization" not in plain.calls[0].headers
    assert proxy.calls[0].path == f"{plain.url}/a"


@pytest.mark.parametrize("is_tls", [False, True])
def test_a_proxy_that_speaks_tls_itself(tmp_path: Path, is_tls: bool) -> None:
    certificate = self_signed(tmp_path)
    with Provider(certificate if is_tls else None) as target, FakeProxy(certificate=certificate) as proxy:
        target.misbehave(status(200, b"first"), hang())
        session = http_calls.session(target.url, proxy=proxy.url, http=Http(certificate), seconds=0.5)
        with faulty(FaultKind.HANG, within=0.8), session as http:
            assert http.send("GET", "/").body == b"first"
            http.send("GET", "/")
        with faulty(FaultKind.TLS), http_calls.session(target.url, proxy=proxy.url) as http:
            http.send("GET", "/")


def test_a_certificate_is_verified_behind_a_proxy_too(proxy: FakeProxy, provider: Provider) -> None:
    with faulty(FaultKind.TLS), http_calls.session("https://api.example", proxy=_address(proxy)) as http:
        http.send("GET", "/")
    assert provider.calls == []


def test_the_proxy_resolves_the_hosts_of_results(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path, "results.example")
    with Provider(certificate) as results, FakeProxy("", {"results.example:443": results.port}) as proxy:
        options = {"proxy": proxy.url, "result_hosts": ("results.example",), "http": Http(certificate)}
        with http_calls.session("https://api.example", **options) as http:
            assert http.download("https://results.example/a", max_bytes=100).body == b"answered"


def test_a_host_that_is_not_listed_is_not_asked_of_the_proxy_either(proxy: FakeProxy) -> None:
    with http_calls.session("https://api.example", proxy=_address(proxy)) as http:
        for url in ("https://evil.example/", "http://127.0.0.1/", "https://results.example/"):
            with faulty(FaultKind.FORBIDDEN_ADDRESS):
                http.download(url, max_bytes=100)
    assert proxy.calls == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_wrong_credentials_of_a_proxy(proxy: FakeProxy, scheme: str) -> None:
    wrong = _address(proxy, "studio:wr0ng")
    with faulty(FaultKind.UNREACHABLE) as caught, http_calls.session(f"{scheme}://api.example", proxy=wrong) as http:
        http.send("POST", "/")
    _is_the_proxys(caught.value.message)
    assert "407" in caught.value.message or "password" in caught.value.message
    assert caught.value.may_have_cost is False


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_down(free_port: int, scheme: str) -> None:
    down = f"http://studio:s3cret@127.0.0.1:{free_port}"
    with faulty(FaultKind.UNREACHABLE) as caught, http_calls.session(f"{scheme}://api.example", proxy=down) as http:
        http.send("POST", "/")
    _is_the_proxys(caught.value.message)
    assert caught.value.message.endswith("connection refused.")


def test_a_proxy_whose_name_nobody_knows() -> None:
    lost = "http://studio:s3cret@proxy.example:3128"
    with faulty(FaultKind.UNREACHABLE) as caught, http_calls.session("https://api.example", proxy=lost) as http:
        http.send("POST", "/")
    _is_the_proxys(caught.value.message)


def test_a_proxy_that_cannot_reach_the_provider(proxy: FakeProxy) -> None:
    proxy.misbehave(status(502))
    session = http_calls.session("https://api.example", proxy=_address(proxy))
    with faulty(FaultKind.UNREACHABLE) as caught, session as http:
        http.send("POST", "/")
    assert caught.value.message == "api.example (through the proxy) cannot be reached: refused with 502."


def test_a_proxy_that_hangs(proxy: FakeProxy) -> None:
    proxy.misbehave(hang())
    session = http_calls.session("https://api.example", proxy=_address(proxy), seconds=0.3)
    with faulty(FaultKind.HANG, within=0.8) as caught, session as http:
        http.send("POST", "/")
    assert caught.value.may_have_cost is False


@pytest.mark.parametrize(
    "address",
    [
        "socks5://127.0.0.1:1080",
        "127.0.0.1:3128",
        "http://",
        "http://[::1",
        "http://127.0.0.1:99999",
        "http://studio:пароль@127.0.0.1:3128",
        "http://studio:%D0%BF@127.0.0.1:3128",
    ],
)
def test_an_address_of_a_proxy_that_cannot_be_used(address: str) -> None:
    with faulty(FaultKind.NOT_CONFIGURED) as caught, http_calls.session("https://api.example", proxy=address):
        pass
    assert "studio:" not in caught.value.message


def _is_the_proxys(message: str) -> None:
    assert "proxy" in message
    assert "s3cret" not in message
    assert "wr0ng" not in message
    assert "studio" not in message
