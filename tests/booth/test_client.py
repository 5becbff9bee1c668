"""How the booth sends one shot and reads the answer, over a raw socket."""

import socket
import ssl
import time
from pathlib import Path

import pytest

from app.booth.client import Answer, BoothConnection, send
from app.booth.troubles import NoAnswer, Trouble
from app.booth.wire import CAPTURED_PARTS, Shot, build_request
from tests.booth.scripted_server import CONTINUE, IMAGE, Conversation, answer, scripted_server
from tests.support.certificates import self_signed, server_context

PHOTO = Shot("IMG_0003.JPG", b"\xff\xd8\xff" + bytes(200_000))


def shoot(url: str, *, timeout: float = 10, continue_timeout: float = 5, tls: ssl.SSLContext | None = None) -> Answer:
    request = build_request(url, CAPTURED_PARTS, PHOTO)
    return send(url, request, timeout=timeout, continue_timeout=continue_timeout, tls=tls)


def trouble_of(url: str, *, timeout: float = 10, tls: ssl.SSLContext | None = None) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        shoot(url, timeout=timeout, tls=tls)
    return caught.value


class TestContinue:
    def test_the_body_is_withheld_until_100_continue(self) -> None:
        received: list[bytes] = []

        def server(booth: Conversation) -> None:
            received.append(booth.head())
            assert booth.hears_nothing(0.3)
            booth.say(CONTINUE)
            received.append(booth.body(received[0]))
            booth.say(answer())

        with scripted_server(server) as url:
            request = build_request(url, CAPTURED_PARTS, PHOTO)
            result = send(url, request, timeout=10)

        assert received == [request.head, request.body]
        assert result.status == 200
        assert result.body == IMAGE
        assert result.continues == 1
        assert result.sent_bytes == len(request.head) + len(request.body)

    def test_times_are_taken_from_the_beginning(self) -> None:
        def server(booth: Conversation) -> None:
            head = booth.head()
            time.sleep(0.2)
            booth.say(CONTINUE)
            booth.body(head)
            time.sleep(0.2)
            whole = answer()
            booth.say(whole[:20])
            time.sleep(0.2)
            booth.say(whole[20:])

        with scripted_server(server) as url:
            result = shoot(url)

        assert result.continue_ms is not None
        assert 200 <= result.continue_ms <= result.first_byte_ms - 190
        assert result.first_byte_ms <= result.last_byte_ms - 190

    def test_a_second_100_continue_is_counted_and_passed_over(self) -> None:
        """Flask's development server sends two."""

        def server(booth: Conversation) -> None:
            booth.request()
            booth.say(CONTINUE + answer())

        with scripted_server(server) as url:
            result = shoot(url)

        assert (result.continues, result.status, result.body) == (2, 200, IMAGE)

    def test_other_interim_answers_are_passed_over(self) -> None:
        def server(booth: Conversation) -> None:
            head = booth.head()
            booth.say(b"HTTP/1.1 102 Processing\r\n\r\n" + CONTINUE)
            booth.body(head)
            booth.say(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" + answer())

        with scripted_server(server) as url:
            result = shoot(url)

        assert (result.continues, result.status) == (1, 200)

    def test_a_refusal_instead_of_100_continue_spares_the_body(self) -> None:
        def server(booth: Conversation) -> None:
            booth.head()
            booth.say(answer("413 Payload Too Large", b"too large"))
            assert booth.connection.recv(1) == b""

        with scripted_server(server) as url:
            result = shoot(url)

        assert (result.status, result.body, result.continues, result.continue_ms) == (413, b"too large", 0, None)
        assert result.sent_bytes < 1000

    def test_a_server_without_100_continue_gets_the_body_after_a_while(self) -> None:
        def server(booth: Conversation) -> None:
            head = booth.head()
            assert booth.hears_nothing(0.2)
            booth.body(head)
            booth.say(answer())

        with scripted_server(server) as url:
            result = shoot(url, continue_timeout=0.4)

        assert (result.status, result.continues, result.continue_ms) == (200, 0, None)

    def test_a_refusal_in_the_middle_of_the_body_is_read(self) -> None:
        def server(booth: Conversation) -> None:
            booth.head()
            booth.say(CONTINUE)
            booth.connection.recv(1000)
            booth.say(answer("401 Unauthorized", b"{}"))
            booth.connection.shutdown(socket.SHUT_WR)
            booth.wait_for_hanging_up()

        with scripted_server(server) as url:
            assert shoot(url).status == 401


class TestAnswers:
    def receive(self, whole: bytes) -> Answer:
        def server(booth: Conversation) -> None:
            booth.request()
            booth.say(whole)

        with scripted_server(server) as url:
            return shoot(url)

    def test_headers_are_found_whatever_their_case(self) -> None:
        result = self.receive(b"HTTP/1.1 200 OK\r\nX-Job-ID:  abc \r\nContent-LENGTH: 2\r\n\r\nok")

        assert result.header("x-job-id") == "abc"
        assert result.header("x-other") is None
        assert result.body == b"ok"

    def test_an_old_server_may_have_no_reason_phrase(self) -> None:
        assert self.receive(b"HTTP/1.0 503\r\ncontent-length: 0\r\n\r\n").status == 503

    def test_chunks_are_put_together(self) -> None:
        result = self.receive(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
            b"4\r\nfini\r\nA;x=1\r\nshed photo\r\n0\r\ntrailer: 1\r\n\r\n"
        )

        assert result.body == b"finished photo"

    def test_an_answer_without_a_length_ends_with_the_connection(self) -> None:
        result = self.receive(b"HTTP/1.1 200 OK\r\n\r\n" + IMAGE * 50_000)

        assert result.body == IMAGE * 50_000

    def test_no_content_has_no_body(self) -> None:
        assert self.receive(b"HTTP/1.1 204 No Content\r\n\r\n").body == b""

    def test_what_follows_the_announced_end_is_counted(self) -> None:
        result = self.receive(answer() + b"<!-- from a proxy -->")

        assert result.body == IMAGE
        assert result.surplus == 21

    def test_a_large_answer_arrives_whole(self) -> None:
        assert self.receive(answer(body=IMAGE * 200_000)).body == IMAGE * 200_000


class TestTroubles:
    def test_nothing_listens(self, free_port: int) -> None:
        trouble = trouble_of(f"http://127.0.0.1:{free_port}/ingest/slot-001")

        assert trouble.trouble is Trouble.CONNECTION_REFUSED
        assert trouble.message == f"nothing listens at 127.0.0.1:{free_port}; does the server run?"

    def test_there_is_no_such_host(self) -> None:
        trouble = trouble_of("http://photobooth.invalid/ingest/slot-001")

        assert trouble.trouble is Trouble.HOST_NOT_FOUND
        assert trouble.message == "there is no host called photobooth.invalid"

    @pytest.mark.parametrize("heard", ["nothing", "continue", "half an answer"])
    def test_a_server_that_takes_too_long(self, heard: str) -> None:
        def server(booth: Conversation) -> None:
            if heard != "nothing":
                booth.request()
            if heard == "half an answer":
                booth.say(answer()[:-5])
            booth.wait_for_hanging_up()

        with scripted_server(server) as url:
            started = time.monotonic()
            trouble = trouble_of(url, timeout=0.5)

        assert trouble.trouble is Trouble.TIMEOUT
        assert trouble.message == "no whole answer within 0.5 s"
        assert time.monotonic() - started < 3

    def test_a_server_that_drips_is_held_to_the_same_time(self) -> None:
        def server(booth: Conversation) -> None:
            booth.request()
            try:
                for byte in answer(body=IMAGE * 100):
                    booth.say(bytes([byte]))
                    time.sleep(0.05)
            except OSError:
                return

        with scripted_server(server) as url:
            started = time.monotonic()
            assert trouble_of(url, timeout=0.5).trouble is Trouble.TIMEOUT

        assert time.monotonic() - started < 3

    def test_a_server_that_stops_taking_the_photo(self) -> None:
        def server(booth: Conversation) -> None:
            booth.head()
            booth.say(CONTINUE)
            time.sleep(1)

        with scripted_server(server) as url:
            request = build_request(url, [], Shot("a.jpg", bytes(30_000_000)))
            with pytest.raises(NoAnswer, match=r"within 0\.5 s"):
                send(url, request, timeout=0.5)

    @pytest.mark.parametrize(
        "whole", [b"", b"HTTP/1.1 200", answer()[:-1], b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab"]
    )
    def test_a_connection_that_is_cut(self, whole: bytes) -> None:
        def server(booth: Conversation) -> None:
            booth.request()
            booth.say(whole)

        with scripted_server(server) as url:
            trouble = trouble_of(url)

        assert trouble.trouble is Trouble.CUT
        assert trouble.message == "the server closed the connection before its answer was whole"

    def test_a_connection_that_is_reset(self) -> None:
        def server(booth: Conversation) -> None:
            booth.request()
            linger_no_longer = b"\x01\x00\x00\x00\x00\x00\x00\x00"
            booth.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_no_longer)

        with scripted_server(server) as url:
            assert trouble_of(url).trouble is Trouble.CUT

    @pytest.mark.parametrize(
        "whole",
        [
            b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
            b"HTTP/2 200\r\n\r\n",
            b"HTTP/1.1 two hundred\r\n\r\n",
            b"x" * 70_000,
            b"HTTP/1.1 200 OK\r\ncontent-length: some\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
        ],
    )
    def test_a_server_that_speaks_something_else(self, whole: bytes) -> None:
        def server(booth: Conversation) -> None:
            booth.request()
            booth.say(whole)
            booth.wait_for_hanging_up()

        with scripted_server(server) as url:
            assert trouble_of(url).trouble is Trouble.NOT_HTTP


class TestTls:
    @pytest.fixture
    def pem(self, tmp_path: Path) -> Path:
        return self_signed(tmp_path)

    def test_a_trusted_server_is_spoken_to(self, pem: Path) -> None:
        def server(booth: Conversation) -> None:
            booth.request()
            booth.say(answer())

        with scripted_server(server, tls=server_context(pem)) as url:
            result = shoot(url, tls=ssl.create_default_context(cafile=str(pem)))

        assert (result.status, result.body) == (200, IMAGE)

    def test_a_certificate_that_nobody_vouches_for_is_refused(self, pem: Path) -> None:
        with scripted_server(lambda booth: None, tls=server_context(pem)) as url:
            trouble = trouble_of(url)

        assert trouble.trouble is Trouble.BAD_CERTIFICATE
        assert trouble.message == "the certificate of 127.0.0.1 is not valid: self-signed certificate"

    def test_a_certificate_for_another_address_is_refused(self, tmp_path: Path) -> None:
        pem = self_signed(tmp_path, "192.0.2.1")
        with scripted_server(lambda booth: None, tls=server_context(pem)) as url:
            trouble = trouble_of(url, tls=ssl.create_default_context(cafile=str(pem)))

        assert trouble.trouble is Trouble.BAD_CERTIFICATE

    def test_a_server_without_tls_is_recognised(self) -> None:
        with scripted_server(lambda booth: booth.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as url:
            trouble = trouble_of(url.replace("http://", "https://"))

        assert trouble.trouble is Trouble.NO_TLS
        assert trouble.message.endswith("does not speak TLS; is its address http:// and not https://?")

    def test_a_handshake_that_never_ends(self) -> None:
        with scripted_server(Conversation.wait_for_hanging_up) as url:
            trouble = trouble_of(url.replace("http://", "https://"), timeout=0.5)

        assert trouble.trouble is Trouble.TIMEOUT


class TestSteps:
    """Tests of a server need booths that stop half-way."""

    def test_a_booth_can_leave_while_it_is_waiting(self) -> None:
        def server(booth: Conversation) -> None:
            booth.request()
            assert booth.connection.recv(1) == b""

        with scripted_server(server) as url:
            request = build_request(url, [], PHOTO)
            with BoothConnection(url, timeout=10) as booth:
                booth.send(request.head)
                assert booth.body_is_wanted(5)
                booth.send(request.body)

    def test_a_booth_can_dawdle_in_the_middle_of_its_photo(self) -> None:
        def server(booth: Conversation) -> None:
            head = booth.head()
            booth.say(CONTINUE)
            booth.body(head)
            booth.say(answer())

        with scripted_server(server) as url:
            request = build_request(url, [], PHOTO)
            with BoothConnection(url, timeout=10) as booth:
                booth.send(request.head)
                assert booth.body_is_wanted(5)
                half = len(request.body) // 2
                booth.send(request.body[:half])
                booth.send(request.body[half:])

                assert booth.read_answer().body == IMAGE
