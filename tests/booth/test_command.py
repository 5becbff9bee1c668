"""`python -m app booth`, as people and scripts use it."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest
from click.testing import CliRunner, Result

from app.booth.command import booth_command
from tests.booth.scripted_server import IMAGE, Conversation, answer, scripted_server
from tests.waiting import until

PASSWORD = "a-password-nobody-may-see"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff photo")
    return path


def run(url: str, photo: Path, *options: str) -> Result:
    return CliRunner().invoke(booth_command, [url, "--photos", str(photo), "--shots", "4", "--booths", "2", *options])


def finish(booth: Conversation) -> None:
    booth.request()
    booth.say(answer())


def refuse(booth: Conversation) -> None:
    booth.request()
    body = {"error": {"code": "invalid_password", "message": f"{PASSWORD} is wrong", "details": {}}}
    booth.say(answer("401 Unauthorized", json.dumps(body).encode(), content_type="application/json"))


class TestReport:
    def test_images_only_mean_success(self, photo: Path) -> None:
        with scripted_server(finish) as url:
            result = run(url, photo)

        assert result.exit_code == 0
        assert "4 of 4 shots came back as images" in result.stdout
        assert "4  200 image" in result.stdout
        assert "may not accept" not in result.stdout

    def test_json_is_all_there_is_on_standard_output(self, photo: Path) -> None:
        with scripted_server(finish) as url:
            report = json.loads(run(url, photo, "--json").stdout)

        assert (report["shots"], report["images"], report["violations"]) == (4, 4, {})
        assert report["milliseconds"]["last_byte"]["p50"] > 0

    def test_a_refusal_means_failure_and_is_named(self, photo: Path) -> None:
        with scripted_server(refuse) as url:
            result = run(url, photo, "--password", PASSWORD)

        assert result.exit_code == 1
        assert "4  401 invalid_password         *** is wrong" in result.stdout

    @pytest.mark.parametrize("options", [[], ["--json"]])
    def test_the_password_is_sent_but_never_shown(self, photo: Path, options: list[str]) -> None:
        bodies: list[bytes] = []

        def server(booth: Conversation) -> None:
            bodies.append(booth.request()[1])
            booth.say(answer("500 Oops", PASSWORD.encode()))

        with scripted_server(server) as url:
            result = run(url, photo, "--password", PASSWORD, *options)

        assert all(PASSWORD.encode() in body for body in bodies)
        assert PASSWORD not in result.output

    def test_one_failure_among_images_is_enough(self, photo: Path) -> None:
        answers = [answer(), answer(), answer("504 Gateway Timeout", b"{}"), answer()]

        def server(booth: Conversation) -> None:
            booth.request()
            booth.say(answers.pop())

        with scripted_server(server) as url:
            result = run(url, photo)

        assert result.exit_code == 1
        assert "3 of 4 shots" in result.stdout

    def test_breaches_of_the_wire_contract_are_explained(self, photo: Path) -> None:
        def server(booth: Conversation) -> None:
            booth.request()
            head = b"HTTP/1.1 200 OK\r\ncontent-type: image/jpeg\r\ncache-control: no-store\r\n"
            booth.say(head + b"transfer-encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(IMAGE), IMAGE))

        with scripted_server(server) as url:
            result = run(url, photo)

        assert "4  chunked: the answer came in chunks" in result.stdout
        assert "4  no_content_length: the answer had no Content-Length" in result.stdout

    def test_a_server_that_is_not_there_is_said_in_a_sentence(self, photo: Path, free_port: int) -> None:
        result = run(f"http://127.0.0.1:{free_port}/ingest/slot-001", photo)

        assert result.exit_code == 1
        assert f"connection_refused       nothing listens at 127.0.0.1:{free_port}" in result.stdout

    def test_a_slow_server_is_given_up_on(self, photo: Path) -> None:
        with scripted_server(Conversation.wait_for_hanging_up) as url:
            result = run(url, photo, "--timeout", "0.3")

        assert result.exit_code == 1
        assert "4  --- timeout" in result.stdout
        assert "no whole answer within 0.3 s" in result.stdout


class TestOptions:
    def test_fields_may_hold_braces_and_equal_signs(self, photo: Path) -> None:
        bodies: list[bytes] = []

        def server(booth: Conversation) -> None:
            bodies.append(booth.request()[1])
            booth.say(answer())

        with scripted_server(server) as url:
            run(url, photo, "--shots", "1", "--field", "{qr1}=https://example.org/?a=b", "--field", "survey1=")

        assert b'name="{qr1}"\r\n\r\nhttps://example.org/?a=b\r\n' in bodies[0]
        assert b'name="survey1"\r\n\r\n\r\n' in bodies[0]

    def test_without_photos_some_are_made_up(self) -> None:
        bodies: list[bytes] = []

        def server(booth: Conversation) -> None:
            bodies.append(booth.request()[1])
            booth.say(answer())

        with scripted_server(server) as url:
            result = CliRunner().invoke(booth_command, [url, "--shots", "1"])

        assert result.exit_code == 0
        assert b'filename="IMG_0001.JPG"' in bodies[0]
        assert len(bodies[0]) > 1_500_000

    def test_answers_are_kept_under_their_numbers(self, photo: Path, tmp_path: Path) -> None:
        def server(booth: Conversation) -> None:
            _, body = booth.request()
            is_first = b"_00000001." in body
            booth.say(answer() if is_first else answer("504 Gateway Timeout", b"too late"))

        with scripted_server(server) as url:
            run(url, photo, "--shots", "2", "--save", str(tmp_path / "kept" / "here"))

        kept = {path.name: path.read_bytes() for path in (tmp_path / "kept" / "here").iterdir()}
        assert kept == {"00001.jpg": IMAGE, "00002.txt": b"too late"}

    def test_a_folder_that_cannot_be_written_is_said(self, photo: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with scripted_server(finish) as url:
            result = run(url, photo, "--save", str(tmp_path / "file" / "below"))

        assert result.exit_code == 1
        assert result.stderr == f"Error: {tmp_path}/file/below: Not a directory\n"

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            (["localhost:8000"], "the URL must begin with http:// or https://"),
            (["http://me:secret@host/"], "the URL must not hold a user name or password"),
            (["http://h/", "--field", "qr1"], "must be NAME=VALUE"),
            (["http://h/", "--field", "=x"], "must be NAME=VALUE"),
            (["http://h/", "--shots", "0"], "0 is not in the range"),
            (["http://h/", "--booths", "0"], "0 is not in the range"),
            (["http://h/", "--rate", "0"], "0.0 is not in the range"),
            (["http://h/", "--timeout", "-1"], "-1.0 is not in the range"),
            (["http://h/", "--photos", "/nowhere"], "does not exist"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, arguments: list[str], complaint: str) -> None:
        result = CliRunner().invoke(booth_command, arguments)

        assert result.exit_code == 2
        assert complaint in " ".join(result.stderr.split())

    def test_a_folder_without_photos_is_said(self, tmp_path: Path) -> None:
        result = CliRunner().invoke(booth_command, ["http://h/", "--photos", str(tmp_path)])

        assert result.exit_code == 2
        assert "no JPEG, PNG, WebP or HEIC files there" in result.stderr


def test_ctrl_c_still_reports_what_was_seen(photo: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    with scripted_server(finish) as url:
        command = [sys.executable, "-m", "app", "booth", url, "--photos", str(photo), "--save", str(kept), "--json"]
        with subprocess.Popen([*command, "--rate", "6"], stdout=PIPE, stderr=PIPE, text=True) as booth:
            until((kept / "00001.jpg").exists, seconds=20, what="the first shot")
            booth.send_signal(signal.SIGINT)
            output, errors = booth.communicate(timeout=10)

    assert booth.returncode == 1
    assert "Stopped after 1 of 100 shots." in errors
    assert json.loads(output)["images"] == 1
