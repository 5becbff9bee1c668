"""Pictures by their id: whole, in ranges, as previews, and gone when their time is over."""

from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.job import preview_path, result_path
from app.wiring import Wiring
from tests.factories import new_job
from tests.pictures import opened
from tests.support.booths import photo
from tests.support.ledger import Ledger
from tests.support.media import nothing_read
from tests.web.booth import code
from tests.web.playing_the_worker import fail, finished, take

PICTURE = photo(900, 600)


@pytest.fixture
def job_id(wiring: Wiring) -> UUID:
    return finished(wiring, PICTURE, slot_id="slot-003")


@pytest.fixture
def path(job_id: UUID) -> str:
    return f"/public/results/{job_id}"


def test_the_picture_needs_no_login(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PICTURE, "image/jpeg")
    assert answer.headers["Content-Length"] == str(len(PICTURE))


def test_its_headers_are_fit_for_guests(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers


def test_its_name_says_slot_and_the_time_of_the_house(client: FlaskClient, path: str, ledger: Ledger) -> None:
    ledger.ask("UPDATE job SET finalized_at = '2026-11-20 21:45:12+00'")
    told = client.get(path).headers["Content-Disposition"]
    assert told.partition("; ")[2] == 'filename="slot-003_2026-11-21_004512.jpg"'
    assert client.get(f"{path}?download=1").headers["Content-Disposition"].startswith("attachment; filename=")


def test_head_tells_everything_but_the_bytes(client: FlaskClient, path: str) -> None:
    answer = client.head(path)
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(PICTURE))
    assert answer.headers["ETag"] == client.get(path).headers["ETag"]


RANGES = {
    "bytes=0-0": (0, 0),
    "bytes=0-99": (0, 99),
    "bytes=100-": (100, len(PICTURE) - 1),
    "bytes=-100": (len(PICTURE) - 100, len(PICTURE) - 1),
    "bytes=0-99999999": (0, len(PICTURE) - 1),
}


def test_a_range_gives_those_bytes(client: FlaskClient, path: str, subtests: pytest.Subtests) -> None:
    for asked, (first, last) in RANGES.items():
        with subtests.test(asked=asked):
            answer = client.get(path, headers={"Range": asked})
            assert (answer.status_code, answer.data) == (206, PICTURE[first : last + 1])
            assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(PICTURE)}"


def test_ranges_put_the_picture_together(client: FlaskClient, path: str) -> None:
    steps = range(0, len(PICTURE), 1000)
    parts = [client.get(path, headers={"Range": f"bytes={n}-{n + 999}"}).data for n in steps]
    assert b"".join(parts) == PICTURE


def test_a_range_outside_the_picture_or_none(client: FlaskClient, path: str, subtests: pytest.Subtests) -> None:
    outside = (f"bytes={len(PICTURE)}-", "bytes=9999999-99999999", "bytes=0-1,5-6")
    for asked in (*outside, "bytes", "bytes=", "bytes=a-b", "bytes=5-1", "bytes=--1", "\xff" * 500):
        with subtests.test(asked=asked):
            answer = client.get(path, headers={"Range": asked})
            assert (answer.status_code, code(answer)) == (416, "range_not_satisfiable")
            assert answer.headers["Content-Range"] == f"bytes */{len(PICTURE)}"


def test_who_has_the_bytes_gets_none_again(client: FlaskClient, path: str) -> None:
    tag = client.get(path).headers["ETag"]
    answer = client.get(path, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"another"'}).status_code == 200


@pytest.mark.parametrize("tail", ["", "/grid"])
def test_who_has_the_bytes_or_wants_none_has_none_read(
    client: FlaskClient, path: str, wiring: Wiring, tail: str
) -> None:
    """From a bucket the whole file would come, each time that somebody comes back to a gallery."""
    whole = client.get(path + tail)
    with nothing_read(wiring.media):
        assert client.get(path + tail, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
        answer = client.head(path + tail)
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, str(len(whole.data)))


def test_of_a_preview_that_is_not_made_yet_the_headers_are_right_too(client: FlaskClient, path: str) -> None:
    told = client.head(f"{path}/grid").headers["Content-Length"]
    assert told == str(len(client.get(f"{path}/grid").data))


def test_a_range_of_other_bytes_gives_all_of_the_new_ones(client: FlaskClient, path: str) -> None:
    stale = {"Range": "bytes=0-9", "If-Range": '"another"'}
    assert client.get(path, headers=stale).data == PICTURE


@pytest.mark.parametrize(("size", "longest"), [("grid", 360), ("large", 900)])
def test_previews_are_webp_and_no_larger_than_promised(client: FlaskClient, path: str, size: str, longest: int) -> None:
    answer = client.get(f"{path}/{size}")
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert max(opened(answer.data).size) == longest
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(f"{path}/{size}", headers=tag).status_code == 304
    assert client.get(f"{path}/{size}", headers={"Range": "bytes=0-3"}).data == b"RIFF"


def test_a_preview_is_made_once(client: FlaskClient, path: str, job_id: UUID, wiring: Wiring) -> None:
    first = client.get(f"{path}/grid").data
    assert wiring.media.read(preview_path(job_id, "grid")) == first
    wiring.media.write(preview_path(job_id, "grid"), b"kept")
    assert client.get(f"{path}/grid").data == b"kept"


def test_a_preview_of_another_size(client: FlaskClient, path: str) -> None:
    for size in ("huge", "..", "grid.webp", "%00"):
        assert client.get(f"{path}/{size}").status_code == 404


@pytest.mark.parametrize("tail", ["", "/grid"])
def test_a_strangers_id(client: FlaskClient, tail: str) -> None:
    answer = client.get(f"/public/results/{uuid4()}{tail}")
    assert (answer.status_code, code(answer)) == (404, "not_found")
    assert client.head(f"/public/results/{uuid4()}").status_code == 404


def test_what_is_no_id(client: FlaskClient, job_id: UUID, subtests: pytest.Subtests) -> None:
    for name in ("1", str(job_id)[:-1], f"{job_id}x", job_id.hex, f"{{{job_id}}}", "..%2f..%2fetc", "%00", "x" * 5000):
        with subtests.test(name=name[:50]):
            answer = client.get(f"/public/results/{name}")
            assert (answer.status_code, code(answer)) == (404, "not_found")


def test_an_unfinished_or_failed_job_has_no_picture(client: FlaskClient, wiring: Wiring) -> None:
    job = new_job()
    wiring.stores.queue.enqueue(job)
    assert code(client.get(f"/public/results/{job.id}")) == "not_found"
    fail(wiring, code="provider_error")(take(wiring))
    assert code(client.get(f"/public/results/{job.id}")) == "not_found"


@pytest.mark.parametrize("tail", ["", "/grid"])
def test_after_its_time_the_picture_is_gone(client: FlaskClient, path: str, ledger: Ledger, tail: str) -> None:
    assert client.get(path + tail).status_code == 200
    ledger.ask("UPDATE job SET result_expires_at = now()")
    answer = client.get(path + tail)
    assert (answer.status_code, code(answer)) == (410, "result_expired")
    assert client.head(path).status_code == 410
    tag = {"If-None-Match": "*"}
    assert client.get(path + tail, headers=tag).status_code == 410


def test_it_stays_gone_after_the_cleanup(client: FlaskClient, path: str, wiring: Wiring, ledger: Ledger) -> None:
    client.get(f"{path}/grid")
    ledger.ask("UPDATE job SET result_expires_at = now()")
    asked = wiring.retention.request(None)
    assert wiring.retention.run_requested()
    done = wiring.retention.find(asked.id)
    assert done is not None
    assert done.counts is not None
    assert done.counts["results"] == 1
    assert list(wiring.media.list("results")) == list(wiring.media.list("previews")) == []
    assert code(client.get(path)) == "result_expired"
    assert code(client.get(f"{path}/grid")) == "result_expired"


def test_who_is_downloading_gets_it_all_when_the_cleanup_comes(
    app: Flask, path: str, wiring: Wiring, ledger: Ledger
) -> None:
    unread = FlaskClient(app, app.response_class).get(path, headers={"Range": "bytes=100-"})
    ledger.ask("UPDATE job SET result_expires_at = now()")
    wiring.retention.request(None)
    assert wiring.retention.run_requested()
    assert list(wiring.media.list("results")) == []
    assert unread.data == PICTURE[100:]


def test_a_file_that_is_gone_early_counts_as_expired(
    client: FlaskClient, path: str, job_id: UUID, wiring: Wiring
) -> None:
    wiring.media.delete([result_path(job_id, 1, "image/jpeg")])
    assert code(client.get(path)) == "result_expired"
    assert code(client.get(f"{path}/large")) == "result_expired"


def test_half_a_file_is_never_sent_as_the_whole(client: FlaskClient, path: str, job_id: UUID, wiring: Wiring) -> None:
    wiring.media.write(result_path(job_id, 1, "image/jpeg"), PICTURE[: len(PICTURE) // 2])
    for answer in (client.get(path), client.get(f"{path}/large"), client.get(path, headers={"Range": "bytes=0-9"})):
        assert (answer.status_code, code(answer)) == (410, "result_expired")
