"""What the HTTP client sends, and what it gives back."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.errors import FaultKind
from tests.support import http_calls
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import FakeServer, status
from tests.support.http_calls import faulty


class Echo(FakeServer):
    def answer(self, call: Call) -> Reply:
        return Reply(200, call.body, {"X-Request-ID": "17", "Set-Cookie": "visitor=1; Path=/"})


@pytest.fixture
def server() -> Iterator[Echo]:
    with Echo() as running:
        yield running


def test_json_is_compact_and_utf8(server: Echo) -> None:
    with http_calls.session(server.url) as http:
        reply = http.send("POST", "/images", json={"prompt": "пират", "n": [1, None]})
    assert reply.body == '{"prompt":"пират","n":[1,null]}'.encode()
    assert server.calls[0].headers["content-type"] == "application/json"


def test_a_form_is_urlencoded(server: Echo) -> None:
    with http_calls.session(server.url) as http:
        http.send("POST", "/", form={"do": "create", "content": "a & б"})
    assert server.calls[0].form().to_dict() == {"do": "create", "content": "a & б"}


def test_files_make_a_multipart_form_with_the_fields_beside_them(server: Echo) -> None:
    images = [("a.jpg", b"\xff\xd8", "image/jpeg"), ("b.png", b"\x89PNG", "image/png")]
    with http_calls.session(server.url) as http:
        http.send("POST", "/", form={"model": "m"}, files=[("image[]", image) for image in images])
    parts = server.calls[0].files().getlist("image[]")
    assert [(part.filename, part.read(), part.mimetype) for part in parts] == images
    assert server.calls[0].form().to_dict() == {"model": "m"}


def test_a_body_goes_as_it_is_with_its_headers(server: Echo) -> None:
    with http_calls.session(server.url) as http:
        reply = http.send("PUT", "/", body=b"\x00\xff", headers={"X-Goog-Upload-Offset": "0"})
    assert reply.body == b"\x00\xff"
    assert server.calls[0].headers["x-goog-upload-offset"] == "0"
    assert server.calls[0].headers["content-length"] == "2"


def test_paths_lie_below_the_base_url_and_take_parameters(server: Echo) -> None:
    with http_calls.session(f"{server.url}/v1") as http:
        http.send("GET", "/models/a:generate?alt=json", params={"q": "1 2"})
        http.send("GET", f"{server.url}/upload")
    assert [call.path for call in server.calls] == ["/v1/models/a:generate", "/upload"]
    assert server.calls[0].query == {"alt": "json", "q": "1 2"}


def test_header_names_of_an_answer_are_lower_case(server: Echo) -> None:
    with http_calls.session(server.url) as http:
        assert http.send("GET", "/").headers["x-request-id"] == "17"


@pytest.mark.parametrize("code", [204, 400, 401, 404, 429, 500, 503])
def test_every_status_but_a_redirect_is_an_answer(server: Echo, code: int) -> None:
    server.misbehave(status(code, b"" if code == 204 else b"why", {"Retry-After": "7"}))
    with http_calls.session(server.url) as http:
        reply = http.send("GET", "/")
    assert (reply.status, reply.headers["retry-after"], reply.is_success) == (code, "7", code == 204)


def test_a_session_keeps_its_connection_but_no_cookies(server: Echo) -> None:
    seen = []
    server.always(lambda call, answer, wire: seen.append(wire.socket.getpeername()) or answer(call))
    with http_calls.session(server.url) as http:
        for _ in range(3):
            http.send("GET", "/")
    assert len(set(seen)) == 1
    assert not any("cookie" in call.headers for call in server.calls)


def test_the_environment_changes_nothing(server: Echo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with http_calls.session(server.url) as http:
        assert http.send("GET", "/").is_success
    assert "authorization" not in server.calls[0].headers


def test_compression_is_not_asked_for_but_understood_inside_the_limit(server: Echo) -> None:
    packed = Reply(200, gzip.compress(bytes(5_000_000)), {"Content-Encoding": "gzip"})
    server.always(lambda call, answer, wire: packed)
    with http_calls.session(server.url) as http:
        assert http.send("GET", "/", max_bytes=5_000_000).body == bytes(5_000_000)
        with faulty(FaultKind.TOO_LARGE):
            http.send("GET", "/", max_bytes=4_999_999)
    assert server.calls[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("value", ["ключ", "key\nX-Other: 1", " key", "key\r", "", "\ud800"])
def test_a_key_that_cannot_be_a_header_fails_without_being_quoted(server: Echo, value: str) -> None:
    with faulty(FaultKind.NOT_CONFIGURED) as caught, http_calls.session(server.url) as http:
        http.send("GET", "/", headers={"Authorization": value})
    assert caught.value.permanent
    assert str(caught.value) == "The header Authorization holds characters that cannot be sent."
    assert server.calls == []


@pytest.mark.parametrize("base_url", ["", "ftp://a.example", "https://me:word@a.example", "https://", "http://a:99999"])
def test_a_base_url_that_is_none_is_a_matter_of_settings(base_url: str) -> None:
    with faulty(FaultKind.NOT_CONFIGURED), http_calls.session(base_url):
        pass
