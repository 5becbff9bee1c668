"""Templates that are uploaded once, and everything that may happen to an upload."""

import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from app.adapters.providers.gemini import files
from app.domain.errors import FaultKind
from app.ports.providers import Connection, InputImage
from tests.pictures import jpeg, png, with_text
from tests.providers.gemini_at_work import GeminiAtWork
from tests.providers.requests import template, usual_shot
from tests.support.fakes.gemini import KEY, makes_a_picture
from tests.support.fakes.gemini_files import FILES, UPLOADS
from tests.support.fakes.gemini_requests import refusal
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.rows import says
from tests.support.fakes.server import Behaviour, Condition, cut_short, drip, edit, hang, html, redirect, reset, status

GENERATE = "POST /v1beta/models/gemini-2.5-flash-image:generateContent"
UPLOAD = f"POST {UPLOADS}"


def large_png() -> bytes:
    """More than REUSED_FROM_BYTES, different each time."""
    return png(64, 64, pnginfo=with_text(compressed=False, noise=secrets.token_hex(150_000)))


@pytest.fixture
def scene() -> InputImage:
    return template(large_png())


def transfer(gemini: GeminiAtWork, scene: InputImage, **options: object) -> None:
    """Make one picture of the shot and the scene; the fake refuses files that it does not have."""
    assert gemini.run("identity_transfer", templates={"template": scene}, **options).image


def is_inline(gemini: GeminiAtWork) -> bool:
    return all("inlineData" in part for part in gemini.parts()[:-1])


def is_upload(call: Call) -> bool:
    return call.path.startswith((UPLOADS, FILES))


def test_a_large_template_is_uploaded_with_its_first_shot_only(gemini: GeminiAtWork, scene: InputImage) -> None:
    transfer(gemini, scene)
    transfer(gemini, scene)
    assert gemini.paths() == [UPLOAD, UPLOAD, GENERATE, GENERATE]
    shot, template, _ = gemini.parts()
    assert "inlineData" in shot
    assert template["fileData"]["mimeType"] == "image/png"


def test_an_upload_is_announced_and_then_sent_whole(gemini: GeminiAtWork, scene: InputImage) -> None:
    transfer(gemini, scene)
    announced, sent, _ = gemini.fake.calls
    assert announced.headers["x-goog-upload-protocol"] == "resumable"
    assert announced.headers["x-goog-upload-header-content-length"] == str(len(scene.data))
    assert sent.headers["x-goog-upload-command"] == "upload, finalize"
    assert sent.body == scene.data
    assert "key" not in announced.query | sent.query


def test_small_templates_and_shots_of_usual_size_go_along(gemini: GeminiAtWork) -> None:
    small = template(png(200, 100))
    assert len(small.data) < files.REUSED_FROM_BYTES
    transfer(gemini, small, shot=InputImage(jpeg(3000, 2000), "image/jpeg"))
    assert gemini.paths() == [GENERATE]


def test_another_content_and_another_key_have_files_of_their_own(gemini: GeminiAtWork, scene: InputImage) -> None:
    transfer(gemini, scene)
    transfer(gemini, template(large_png()))
    elsewhere = replace(gemini, connection=Connection(gemini.fake.url, KEY[:-1]))
    assert elsewhere.fault("identity_transfer", templates={"template": scene}).kind is FaultKind.KEY_REFUSED
    assert gemini.paths().count(UPLOAD) == 2 + 2 + 1


def test_the_key_is_not_written_where_files_are_remembered(gemini: GeminiAtWork, scene: InputImage) -> None:
    transfer(gemini, scene)
    with gemini.database.transaction():
        assert KEY not in repr(gemini.database.table("provider_file"))


def test_a_file_is_uploaded_again_before_gemini_deletes_it(gemini: GeminiAtWork, scene: InputImage) -> None:
    transfer(gemini, scene)
    gemini.database.pass_time(46.5 * 3600)
    transfer(gemini, scene)
    gemini.database.pass_time(0.5 * 3600)
    transfer(gemini, scene)
    assert gemini.paths() == [UPLOAD, UPLOAD, GENERATE, GENERATE, UPLOAD, UPLOAD, GENERATE]


def test_a_file_is_used_when_it_has_become_active(gemini: GeminiAtWork, scene: InputImage) -> None:
    gemini.fake.files.polls = 2
    transfer(gemini, scene)
    assert gemini.paths() == [UPLOAD, UPLOAD, *[f"GET {FILES}file1"] * 2, GENERATE]


class TestLostFiles:
    def test_are_uploaded_again_within_the_run(self, gemini: GeminiAtWork, scene: InputImage) -> None:
        transfer(gemini, scene)
        gemini.fake.files.expire()
        transfer(gemini, scene)
        assert gemini.paths()[3:] == [GENERATE, UPLOAD, UPLOAD, GENERATE]
        transfer(gemini, scene)
        assert gemini.paths()[7:] == [GENERATE]

    def test_count_as_lost_by_either_status(self, gemini: GeminiAtWork, scene: InputImage) -> None:
        transfer(gemini, scene)
        gone = refusal(404, "NOT_FOUND", "The file files/file1 was not found.")
        gemini.fake.misbehave(says(gone), on=makes_a_picture)
        transfer(gemini, scene)
        assert gemini.paths()[3:] == [GENERATE, UPLOAD, UPLOAD, GENERATE]

    def test_that_stay_lost_are_a_fault_that_may_pass(self, gemini: GeminiAtWork, scene: InputImage) -> None:
        lost = says(refusal(403, "PERMISSION_DENIED", "You do not have permission to access the File x."))
        gemini.fake.misbehave(lost, lost, on=makes_a_picture)
        fault = gemini.fault("identity_transfer", templates={"template": scene})
        assert (fault.kind, fault.permanent, fault.status) == (FaultKind.OVERLOADED, False, 403)
        assert gemini.paths().count(GENERATE) == 2

    def test_are_not_meant_by_a_refused_key(self, gemini: GeminiAtWork, scene: InputImage) -> None:
        forbidden = gemini.fake.misbehaviour("forbidden_403")
        assert forbidden is not None
        gemini.fake.misbehave(forbidden[0], on=forbidden[1])
        assert gemini.fault("identity_transfer", templates={"template": scene}).kind is FaultKind.KEY_REFUSED


FAILURES: dict[str, Behaviour] = {
    "overloaded": status(503),
    "no files at a gateway": status(404, b"<html>"),
    "storage full": says(refusal(429, "RESOURCE_EXHAUSTED", "Storage quota exceeded.")),
    "reset": reset(),
    "html": html(),
    "redirect": redirect("http://169.254.169.254/"),
}


def is_announced(call: Call) -> bool:
    return call.headers.get("x-goog-upload-command") == "start"


def is_sent(call: Call) -> bool:
    return call.headers.get("x-goog-upload-command") == "upload, finalize"


@pytest.mark.parametrize("step", [is_announced, is_sent])
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_a_failed_upload_costs_no_picture(
    failure: Behaviour, step: Condition, gemini: GeminiAtWork, scene: InputImage
) -> None:
    gemini.fake.misbehave(failure, on=step)
    transfer(gemini, scene)
    assert gemini.paths()[-1] == GENERATE
    assert is_inline(gemini)


def test_an_answer_that_is_cut_short_is_no_upload(gemini: GeminiAtWork, scene: InputImage) -> None:
    gemini.fake.misbehave(cut_short(), on=is_sent)
    transfer(gemini, scene)
    assert is_inline(gemini)


def test_the_second_of_two_templates_is_not_tried_when_the_first_has_failed(
    gemini: GeminiAtWork, scene: InputImage
) -> None:
    gemini.fake.misbehave(status(503), on=is_announced)
    assert gemini.run("fusion", templates={"template": scene, "template_2": template(large_png())}).image
    assert gemini.paths() == [UPLOAD, GENERATE]
    assert is_inline(gemini)


@pytest.mark.parametrize("stall", [hang(), drip()], ids=["hang", "drip"])
def test_an_upload_that_hangs_leaves_time_for_the_picture(
    stall: Behaviour, gemini: GeminiAtWork, scene: InputImage
) -> None:
    gemini.fake.misbehave(stall, on=is_upload)
    began = time.monotonic()
    transfer(gemini, scene, seconds=3)
    assert 0.8 < time.monotonic() - began < 2
    assert is_inline(gemini)


@pytest.mark.parametrize("broken", [True, False], ids=["failed", "for ever processing"])
def test_a_file_that_cannot_be_used_goes_inline(broken: bool, gemini: GeminiAtWork, scene: InputImage) -> None:
    gemini.fake.files.broken = broken
    gemini.fake.files.polls = 0 if broken else 1000
    transfer(gemini, scene, seconds=3)
    assert is_inline(gemini)


@pytest.mark.parametrize("file", [{}, {"state": "NEW"}, {"uri": "\x00"}, {"uri": None}, {"uri": 7}, None, "file"])
def test_a_file_without_a_usable_address_goes_inline(file: Any, gemini: GeminiAtWork, scene: InputImage) -> None:
    answer = {"file": {"state": "ACTIVE", **file} if isinstance(file, dict) else file}
    gemini.fake.misbehave(says(Reply.json(answer)), on=is_sent)
    transfer(gemini, scene)
    assert is_inline(gemini)


def test_wherever_gemini_says_to_upload_to_the_key_goes_to_its_own_host_only(
    gemini: GeminiAtWork, scene: InputImage
) -> None:
    def elsewhere(reply: Reply) -> Reply:
        url = reply.headers["X-Goog-Upload-URL"].replace(gemini.fake.url, "https://files.example.org")
        return replace(reply, headers={"X-Goog-Upload-URL": url})

    gemini.fake.misbehave(edit(elsewhere), on=is_upload)
    transfer(gemini, scene)
    assert gemini.paths() == [UPLOAD, UPLOAD, GENERATE]


class TestWithoutDatabase:
    def test_templates_go_inline(self, gemini: GeminiAtWork, scene: InputImage) -> None:
        gemini.database.go_away()
        transfer(gemini, scene)
        assert gemini.paths() == [GENERATE]

    def test_a_file_that_cannot_be_remembered_is_used_all_the_same(
        self, gemini: GeminiAtWork, scene: InputImage
    ) -> None:
        gemini.database.go_away(after=1)
        transfer(gemini, scene)
        assert not is_inline(gemini)

    def test_a_file_that_cannot_be_forgotten_goes_inline(self, gemini: GeminiAtWork, scene: InputImage) -> None:
        transfer(gemini, scene)
        gemini.fake.files.expire()
        gemini.database.go_away(after=1)
        transfer(gemini, scene)
        assert gemini.paths()[3:] == [GENERATE, GENERATE]


class TestRequestsThatAreTooLarge:
    @pytest.fixture(autouse=True)
    def _small_requests(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(files, "INLINE_MAX_BYTES", len(usual_shot().data))

    def test_leave_their_largest_images_at_gemini(self, gemini: GeminiAtWork) -> None:
        small = template(png(16, 16))
        transfer(gemini, small)
        shot, template_part, _ = gemini.parts()
        assert "fileData" in shot
        assert "inlineData" in template_part

    def test_cannot_do_without_their_upload(self, gemini: GeminiAtWork) -> None:
        gemini.fake.misbehave(status(503), on=is_upload)
        fault = gemini.fault()
        assert (fault.kind, fault.status) == (FaultKind.OVERLOADED, 503)
        assert gemini.paths() == [UPLOAD]

    def test_fail_without_a_database_in_a_way_that_may_pass(self, gemini: GeminiAtWork) -> None:
        gemini.database.go_away()
        fault = gemini.fault()
        assert (fault.kind, fault.permanent) == (FaultKind.INTERNAL, False)


def test_a_cancelled_upload_ends_at_once_and_nothing_follows(gemini: GeminiAtWork, scene: InputImage) -> None:
    cancelled = Event()
    gemini.fake.misbehave(hang(), on=is_upload)
    threading.Timer(0.3, cancelled.set).start()
    began = time.monotonic()
    fault = gemini.fault("identity_transfer", templates={"template": scene}, cancelled=cancelled)
    assert fault.kind is FaultKind.CANCELLED
    assert time.monotonic() - began < 1.5
    assert gemini.paths() == [UPLOAD]


def test_workers_at_once_each_get_their_picture(gemini: GeminiAtWork, scene: InputImage) -> None:
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: transfer(gemini, scene), range(4)))
    assert gemini.paths().count(GENERATE) == 4
