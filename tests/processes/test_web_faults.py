"""The web process stops, dies or loses its booth in the middle of a wait."""

import io
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from PIL import Image

from app.booth.client import BoothConnection
from app.booth.wire import Request, Shot, build_request
from tests.processes.conftest import Install
from tests.support.booths import photo, shoot, shoot_in_background
from tests.support.installation import INGEST_PASSWORD, Installation
from tests.waiting import until

pytestmark = pytest.mark.processes


def waiting(house: Installation) -> bool:
    return house.ledger.count("NOT is_finalized") > 0


def test_a_stopping_web_process_answers_its_booths(install: Install) -> None:
    house = install(SYNC_RESPONSE_SECONDS="40", SHUTDOWN_GRACE_SECONDS="0.5")
    web = house.start_web()
    booths = [shoot_in_background(house) for _ in range(5)]
    until(lambda: house.ledger.count("NOT is_finalized") == 5, what="five booths wait")
    web.send(signal.SIGTERM)
    for booth in booths:
        answer = booth.result(timeout=10)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "shutting_down")
        assert answer.headers["Retry-After"]
    assert web.wait(10) == 0
    assert {job.failure_reason for job in house.ledger.jobs()} == {"cancelled"}


def test_a_result_that_comes_within_the_grace_is_still_delivered(install: Install) -> None:
    house = install(SYNC_RESPONSE_SECONDS="40", SHUTDOWN_GRACE_SECONDS="10")
    web = house.start_web()
    house.start_scripted_worker("slow", 2)
    booth = shoot_in_background(house)
    until(lambda: waiting(house), what="the booth waits")
    web.send(signal.SIGTERM)
    assert booth.result(timeout=10).status_code == 200
    assert web.wait(10) == 0


@contextmanager
def uploading(house: Installation, shot: bytes = b"") -> Iterator[tuple[BoothConnection, Request]]:
    """A booth whose request has begun: the server has its head and said 100 Continue."""
    url = f"{house.url}/ingest/slot-001"
    request = build_request(url, [("password", INGEST_PASSWORD)], Shot("a.jpg", shot or photo()))
    with BoothConnection(url, timeout=60) as booth:
        booth.send(request.head)
        assert booth.body_is_wanted(10)
        yield booth, request


def large_png() -> bytes:
    """20 MB that take a while to inspect."""
    buffer = io.BytesIO()
    Image.frombytes("RGB", (3000, 2200), os.urandom(3000 * 2200 * 3)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def test_an_upload_that_ends_within_the_grace_is_taken(install: Install) -> None:
    house = install(SHUTDOWN_GRACE_SECONDS="20")
    web = house.start_web()
    house.start_scripted_worker("echo")
    with uploading(house) as (booth, request):
        half = len(request.body) // 2
        booth.send(request.body[:half])
        web.send(signal.SIGTERM)
        until(lambda: "web_stopping" in web.log(), what="the web process stops")
        booth.send(request.body[half:])
        assert booth.read_answer().status == 200
    assert web.wait(10) == 0


def test_an_upload_that_does_not_end_within_the_grace_is_answered(install: Install) -> None:
    house = install(SHUTDOWN_GRACE_SECONDS="0.5")
    web = house.start_web()
    with uploading(house) as (booth, request):
        booth.send(request.body[:1000])
        web.send(signal.SIGTERM)
        answer = booth.read_answer()
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (503, "shutting_down")
    assert answer.header("content-type") == "application/json"
    assert answer.header("retry-after")
    assert web.wait(10) == 0
    assert house.ledger.jobs() == []


def test_a_photo_that_is_being_inspected_has_its_grace_too(install: Install) -> None:
    house = install(SHUTDOWN_GRACE_SECONDS="40")
    web = house.start_web()
    house.start_scripted_worker("echo")
    with uploading(house, large_png()) as (booth, request):
        booth.send(request.body)
        web.send(signal.SIGTERM)
        assert booth.read_answer().status == 200
    assert web.wait(10) == 0


def test_a_killed_web_process_leaves_no_job_behind(install: Install) -> None:
    house = install(SYNC_RESPONSE_SECONDS="3")
    web = house.start_web()
    house.start_scripted_worker("hang")
    booth = shoot_in_background(house)
    until(lambda: waiting(house), what="the booth waits")
    web.kill()
    with pytest.raises(requests.ConnectionError):
        booth.result(timeout=10)
    until(lambda: not waiting(house), seconds=10, what="the job is ended by the rescue")
    [job] = house.ledger.jobs()
    assert job.failure_reason == "timeout"
    house.ledger.assert_sound()
    house.start_web()
    assert shoot(house).status_code == 504


def test_a_booth_that_hangs_up_cancels_its_job(install: Install) -> None:
    house = install(SYNC_RESPONSE_SECONDS="40")
    house.start_web()
    request = requests.Request(
        "POST",
        f"{house.url}/ingest/slot-001",
        data={"password": INGEST_PASSWORD},
        files={"fileToUpload": ("a.jpg", photo(), "image/jpeg")},
    ).prepare()
    assert isinstance(request.body, bytes)
    with socket.create_connection(("127.0.0.1", house.port)) as booth:
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        booth.sendall(f"POST /ingest/slot-001 HTTP/1.1\r\nHost: booth\r\n{head}\r\n".encode() + request.body)
        until(lambda: waiting(house), what="the booth waits")
    gone_at = time.monotonic()
    until(lambda: not waiting(house), what="the job is cancelled")
    assert time.monotonic() - gone_at < 3
    [job] = house.ledger.jobs()
    assert (job.failure_reason, job.failure_detail) == ("cancelled", {"by": "booth"})


def test_too_large_a_body_is_refused_in_the_documented_shape(install: Install) -> None:
    house = install(MAX_UPLOAD_MB="1")
    house.start_web()
    for size in (1024 * 1024 + 1, 5 * 1024 * 1024):
        answer = shoot(house, data=b"\xff\xd8\xff" + bytes(size))
        assert answer.status_code == 413
        assert answer.json()["error"]["code"] == "payload_too_large"


def test_a_taken_port_is_said_plainly(install: Install) -> None:
    house = install()
    house.start_web()
    second = house._start("web", "-m", "app", "web")
    assert second.wait(30) != 0
    assert f"cannot listen on 127.0.0.1:{house.port}" in second.log()
    assert "Traceback" not in second.log()
