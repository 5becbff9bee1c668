"""The media store in a bucket: its configuration, and servers that refuse, fall silent or are not there."""

import contextlib
import io
import os
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.adapters.files import open_media_store
from app.domain.errors import MediaNotDeleted, MediaStoreUnavailable
from app.ports.media import MediaStore
from tests.support.certificates import self_signed, server_context
from tests.support.s3 import KEYS, S3Server, s3_server

REFUSAL = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
FAILURE = b"HTTP/1.1 503 Slow Down\r\ncontent-length: 0\r\n\r\n"
SUCCESS = b'HTTP/1.1 200 OK\r\ncontent-length: 1\r\netag: "e"\r\nlast-modified: Sat, 21 Nov 2026 10:00:00 GMT\r\n\r\nx'


def calls_of(store: MediaStore) -> dict[str, Callable[[], object]]:
    return {
        "write": lambda: store.write("results/a.jpg", b"x"),
        "read": lambda: store.read("results/a.jpg"),
        "open": lambda: store.open("results/a.jpg"),
        "look for": lambda: store.size("results/a.jpg"),
        "delete": lambda: store.delete(["results/a.jpg"]),
        "list": lambda: list(store.list("results")),
        "check": store.check,
    }


def failure_of(call: Callable[[], object]) -> str:
    with pytest.raises(MediaStoreUnavailable) as failure:
        call()
    return str(failure.value)


@contextlib.contextmanager
def serving(handle: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a server that gives each connection, in a thread, to `handle`."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=handle, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


class TestConfiguration:
    @pytest.mark.parametrize("missing", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
    def test_keys_are_required(self, missing: str) -> None:
        without = {name: value for name, value in KEYS.items() if name != missing}

        for options in (without, {**KEYS, missing: ""}, {}, None):
            with pytest.raises(ValueError, match="needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
                open_media_store("s3://photos", options)

    @pytest.mark.parametrize(
        ("url", "complaint"),
        [
            ("s3://key:secret@photos", "URL holds no keys"),
            ("s3://photos?secret_key=x", "takes the parameters endpoint and region only"),
            ("s3://photos?endpoint=localhost:9000", r"is http\(s\)://host\[:port\]"),
            ("s3://photos?endpoint=ftp://localhost", r"is http\(s\)://host\[:port\]"),
            ("s3://photos?endpoint=http://", r"is http\(s\)://host\[:port\]"),
            ("s3://photos?endpoint=http://me:pw@localhost", "without a user name"),
        ],
    )
    def test_what_cannot_work_is_refused_at_once(self, url: str, complaint: str) -> None:
        with pytest.raises(ValueError, match=complaint):
            open_media_store(url, KEYS)

    @pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
    def test_the_endpoint_may_come_from_the_environment(self, s3: S3Server, name: str) -> None:
        open_media_store("s3://photos/test/environment", {**KEYS, name: s3.endpoint}).check()

    def test_the_endpoint_in_the_url_wins(self, s3: S3Server) -> None:
        nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"}

        open_media_store(s3.url("test/wins"), {**KEYS, **nowhere}).check()

    @pytest.mark.parametrize(
        ("query", "options", "expected"),
        [
            ("", {}, "us-east-1"),
            ("", {"AWS_DEFAULT_REGION": "ru-1"}, "ru-1"),
            ("", {"AWS_REGION": "ru-2", "AWS_DEFAULT_REGION": "ru-1"}, "ru-2"),
            ("&region=ru-3", {"AWS_REGION": "ru-2"}, "ru-3"),
        ],
    )
    def test_requests_are_signed_for_the_region(self, query: str, options: dict[str, str], expected: str) -> None:
        assert f"/{expected}/s3/aws4_request" in self.request_sent(query, options)

    def test_a_session_token_is_sent(self) -> None:
        assert "x-amz-security-token: t0ken" in self.request_sent("", {"AWS_SESSION_TOKEN": "t0ken"})

    def request_sent(self, query: str, options: dict[str, str]) -> str:
        requests: list[bytes] = []

        def record(connection: socket.socket) -> None:
            requests.append(connection.recv(65536))
            connection.sendall(REFUSAL)
            connection.close()

        with serving(record) as address:
            store = open_media_store(f"s3://photos?endpoint=http://{address}{query}", {**KEYS, **options})
            failure_of(lambda: store.read("results/a.jpg"))
        return requests[0].decode()

    def test_prefixes_keep_installations_apart(self, s3: S3Server) -> None:
        one, two = (open_media_store(s3.url(f"test/apart/{name}"), s3.options) for name in ("one", "two"))
        one.write("results/a.jpg", b"one")

        assert list(two.list("")) == []
        two.delete(["results/a.jpg"])
        assert one.read("results/a.jpg") == b"one"

    def test_the_whole_bucket_can_be_the_store(self, tmp_path: Path) -> None:
        with s3_server(tmp_path) as server:
            store = open_media_store(server.url(), server.options)
            store.write("results/a.jpg", b"x")

            assert [entry.key for entry in store.list("")] == ["results/a.jpg"]


class TestRefusals:
    def test_a_wrong_key_is_said_without_showing_any(self, s3: S3Server) -> None:
        wrong = {**KEYS, "AWS_SECRET_ACCESS_KEY": "the-wrong-secret"}
        store = open_media_store(s3.url("test/wrong"), wrong)

        for action, call in calls_of(store).items():
            message = failure_of(call)
            assert ("HTTP 403" if action == "look for" else "HTTP 403 SignatureDoesNotMatch") in message
            assert f"cannot {'write' if action == 'check' else 'read' if action == 'open' else action}" in message
            assert "the-wrong-secret" not in message
            assert KEYS["AWS_ACCESS_KEY_ID"] not in message

    def test_an_unknown_bucket_is_not_an_empty_one(self, s3: S3Server) -> None:
        store = open_media_store(s3.url(bucket="forgotten"), s3.options)

        for call in calls_of(store).values():
            assert "media store s3://forgotten/: cannot" in (message := failure_of(call))
            assert "HTTP 404 NoSuchBucket" in message


class LockedBucket(BaseHTTPRequestHandler):
    """An S3 server that deletes whatever it is asked to, except what is locked."""

    protocol_version = "HTTP/1.1"
    locked = "results/locked.jpg"

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["content-length"])).decode()
        answer = "".join(self.outcome(key) for key in re.findall("<Key>(.+?)</Key>", asked))
        self.answer(200, f"<DeleteResult>{answer}</DeleteResult>".encode())

    def outcome(self, key: str) -> str:
        if key == self.locked:
            return f"<Error><Key>{key}</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        return f"<Deleted><Key>{key}</Key></Deleted>"

    def do_HEAD(self) -> None:
        self.answer(200 if self.path.endswith(self.locked) else 404)

    def answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("etag", '"e"')
        self.send_header("last-modified", "Sat, 21 Nov 2026 10:00:00 GMT")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Tests are quiet."""


class TestLockedFiles:
    @pytest.fixture
    def store(self) -> Iterator[MediaStore]:
        with ThreadingHTTPServer(("127.0.0.1", 0), LockedBucket) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield open_media_store(f"s3://photos?endpoint=http://127.0.0.1:{server.server_port}", KEYS)
            server.shutdown()

    @pytest.mark.parametrize("others", [[], ["results/a.jpg", "results/b.jpg"]], ids=["alone", "among others"])
    def test_what_was_not_deleted_is_named(self, store: MediaStore, others: list[str]) -> None:
        store.delete(others)
        with pytest.raises(MediaNotDeleted, match=r"cannot delete \d files: AccessDenied") as failure:
            store.delete([*others, LockedBucket.locked])
        assert failure.value.keys == {LockedBucket.locked}


class TestUnreachable:
    @pytest.mark.parametrize(
        ("endpoint", "reason"),
        [("http://127.0.0.1:1", "Connection refused"), ("http://nowhere.invalid", "the host name is not known")],
    )
    def test_a_server_that_is_not_there(self, endpoint: str, reason: str) -> None:
        store = open_media_store(f"s3://photos?endpoint={endpoint}", KEYS)

        for call in calls_of(store).values():
            assert failure_of(call).endswith(reason)

    def test_nothing_is_said_of_single_files_then(self) -> None:
        store = open_media_store("s3://photos?endpoint=http://127.0.0.1:1", KEYS)
        with pytest.raises(MediaStoreUnavailable) as failure:
            store.delete(["results/a.jpg", "results/b.jpg"])
        assert not isinstance(failure.value, MediaNotDeleted)

    def test_a_server_that_nobody_vouches_for(self, tmp_path: Path) -> None:
        context = server_context(self_signed(tmp_path))

        def shake_hands(connection: socket.socket) -> None:
            with contextlib.suppress(ssl.SSLError, OSError):
                context.wrap_socket(connection, server_side=True)

        with serving(shake_hands) as address:
            store = open_media_store(f"s3://photos?endpoint=https://{address}", KEYS)
            assert failure_of(store.check).endswith("the server's certificate is not valid")

    def test_a_server_without_tls(self, s3: S3Server) -> None:
        store = open_media_store(s3.url().replace("http://", "https://"), s3.options)

        assert failure_of(store.check).endswith("the server does not speak TLS")

    def test_a_server_that_fails_is_asked_again(self) -> None:
        answers = [FAILURE, SUCCESS]

        def answer(connection: socket.socket) -> None:
            while connection.recv(65536):
                connection.sendall(answers.pop(0))

        with serving(answer) as address:
            store = open_media_store(f"s3://photos?endpoint=http://{address}", KEYS)
            assert store.read("results/a.jpg") == b"x"


class TestSilence:
    """Nothing waits for a silent server for much more than ten seconds. These tests wait for real."""

    def test_a_server_that_never_answers(self) -> None:
        silent_connections: list[socket.socket] = []
        with serving(silent_connections.append) as address:
            store = open_media_store(f"s3://photos?endpoint=http://{address}", KEYS)
            calls = calls_of(store)
            calls["upload in parts"] = lambda: store.write("results/a.jpg", io.BytesIO(bytes(12_000_000)))

            assert_all_give_up_in_time(list(calls.values()))

    def test_a_server_that_falls_silent_in_the_middle(self, tmp_path: Path) -> None:
        with s3_server(tmp_path) as server:
            open_media_store(server.url(), server.options).write("results/a.jpg", os.urandom(12_000_000))
            with silent_after(8_000_000, server.endpoint) as address:
                store = open_media_store(f"s3://photos?endpoint=http://{address}", server.options)

                assert_all_give_up_in_time(
                    [
                        lambda: store.read("results/a.jpg"),
                        lambda: store.open("results/a.jpg"),
                        lambda: store.write("results/b.jpg", io.BytesIO(bytes(12_000_000))),
                    ]
                )


def assert_all_give_up_in_time(calls: Sequence[Callable[[], object]]) -> None:
    def timed(call: Callable[[], object]) -> tuple[str, float]:
        started = time.monotonic()
        return failure_of(call), time.monotonic() - started

    with ThreadPoolExecutor(len(calls)) as threads:
        for message, seconds in threads.map(timed, calls):
            assert message.endswith("no answer in time")
            assert seconds < 12


@contextlib.contextmanager
def silent_after(limit: int, endpoint: str) -> Iterator[str]:
    """The address of a proxy of `endpoint` that stops passing bytes on, in either direction, after `limit` of them."""
    host, _, port = endpoint.removeprefix("http://").partition(":")
    over = threading.Event()

    def pump(source: socket.socket, target: socket.socket) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                passed += len(data)
                if passed > limit:
                    over.wait()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def handle(client: socket.socket) -> None:
        with client, socket.create_connection((host, int(port))) as server:
            back = threading.Thread(target=pump, args=(server, client))
            back.start()
            pump(client, server)
            back.join()

    with serving(handle) as address:
        try:
            yield address
        finally:
            over.set()
