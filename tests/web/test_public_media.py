"""Temporary files: public for exactly their time, and to nobody afterwards."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from app.wiring import Wiring
from tests import pictures
from tests.support.installation import ADMIN_PASSWORD
from tests.support.ledger import Ledger
from tests.web.booth import PHOTO, code, post
from tests.web.visitor import Visitor

Auth = dict[str, str]
REGISTER = "/api/media/register"


def register(client: FlaskClient, auth: Auth, data: bytes = PHOTO) -> Any:
    return post(client, REGISTER, ("file", (data, "photo.bin", "application/octet-stream")), headers=auth)


@pytest.fixture
def path(client: FlaskClient, auth: Auth) -> str:
    """Where a registered photo is."""
    return urlsplit(register(client, auth).json["url"]).path


class TestRegistering:
    def test_the_answer_says_where_the_file_is_and_until_when(
        self, client: FlaskClient, auth: Auth, ledger: Ledger
    ) -> None:
        answer = register(client, auth)
        [row] = ledger.ask("SELECT * FROM media_object")
        assert (answer.status_code, answer.json["size_bytes"]) == (201, len(PHOTO))
        assert answer.json["mime_type"] == "image/jpeg", "the bytes decide, not what the form says"
        assert answer.json["url"] == f"http://localhost/public/media/{row.id}"
        assert datetime.fromisoformat(answer.json["expires_at"]) - row.created_at == timedelta(seconds=0.5)

    @pytest.mark.parametrize("environment", [{"PUBLIC_BASE_URL": "https://photo.example.org"}])
    def test_the_address_is_the_public_one(self, client: FlaskClient, auth: Auth) -> None:
        assert register(client, auth).json["url"].startswith("https://photo.example.org/public/media/")

    def test_only_administrators_may(self, client: FlaskClient, ledger: Ledger) -> None:
        answer = register(client, {})
        assert (answer.status_code, code(answer)) == (401, "not_authenticated")
        assert ledger.ask("SELECT * FROM media_object") == []

    def test_a_session_needs_the_pages_token(self, client: FlaskClient) -> None:
        visitor = Visitor(client).log_in("serg", ADMIN_PASSWORD)
        without = register(client, {})
        assert (without.status_code, code(without)) == (400, "invalid_request")
        assert register(client, {"X-CSRFToken": visitor.token}).status_code == 201

    @pytest.mark.parametrize(
        ("data", "status", "reason"),
        [
            (b"", 400, "invalid_request"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "unsupported_media_type"),
            (b"<html><script>alert(1)</script>", 415, "unsupported_media_type"),
            (PHOTO[:-500], 400, "invalid_image"),
            (pictures.flat_png(9000, 9000), 413, "payload_too_large"),
        ],
        ids=["empty", "svg", "html", "cut", "too many pixels"],
    )
    def test_what_is_no_image_is_refused(
        self, client: FlaskClient, auth: Auth, wiring: Wiring, data: bytes, status: int, reason: str
    ) -> None:
        answer = register(client, auth, data)
        assert (answer.status_code, code(answer)) == (status, reason)
        assert list(wiring.media.list("media")) == []

    def test_a_form_without_a_file(self, client: FlaskClient, auth: Auth) -> None:
        assert code(post(client, REGISTER, ("image", PHOTO), headers=auth)) == "invalid_request"


@pytest.mark.parametrize("environment", [{"SYNC_RESPONSE_SECONDS": "48"}])
class TestServing:
    def test_anybody_gets_the_bytes_as_they_were(self, client: FlaskClient, path: str) -> None:
        answer = client.get(path)
        assert (answer.status_code, answer.data, answer.mimetype) == (200, PHOTO, "image/jpeg")
        head = client.head(path)
        assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(PHOTO)))

    def test_nobody_may_keep_or_guess_at_them(self, client: FlaskClient, path: str) -> None:
        headers = client.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Robots-Tag"] == "noindex"
        assert "Set-Cookie" not in headers

    def test_a_part_can_be_had(self, client: FlaskClient, path: str) -> None:
        answer = client.get(path, headers={"Range": "bytes=10-19"})
        assert (answer.status_code, answer.data) == (206, PHOTO[10:20])

    def test_one_moment_before_the_end_it_is_there_and_at_the_end_it_is_not(
        self, client: FlaskClient, path: str, ledger: Ledger
    ) -> None:
        ledger.ask("UPDATE media_object SET expires_at = now() + interval '5 seconds'")
        assert client.get(path).status_code == 200
        ledger.ask("UPDATE media_object SET expires_at = now()")
        for headers in ({}, {"Range": "bytes=0-9"}, {"If-None-Match": "*"}):
            answer = client.get(path, headers=headers)
            assert (answer.status_code, code(answer)) == (410, "media_expired")
        assert client.head(path).status_code == 410

    def test_it_stays_gone_after_the_cleanup(
        self, client: FlaskClient, path: str, wiring: Wiring, ledger: Ledger
    ) -> None:
        ledger.ask("UPDATE media_object SET expires_at = now()")
        asked = wiring.retention.request(None)
        assert wiring.retention.run_requested()
        done = wiring.retention.find(asked.id)
        assert done is not None
        assert done.counts is not None
        assert (done.counts["media"], done.counts["bytes"]) == (1, len(PHOTO))
        assert list(wiring.media.list("media")) == []
        assert code(client.get(path)) == "media_expired"

    @pytest.mark.parametrize("left", [b"", PHOTO[:100]], ids=["missing", "cut"])
    def test_a_damaged_file_is_gone(self, client: FlaskClient, path: str, wiring: Wiring, left: bytes) -> None:
        [stored] = wiring.media.list("media")
        wiring.media.write(stored.key, left) if left else wiring.media.delete([stored.key])
        assert code(client.get(path)) == "media_expired"

    def test_a_strangers_id_and_what_is_none(self, client: FlaskClient, path: str) -> None:
        for name in (uuid4(), "1", f"{path.rpartition('/')[2]}.jpg", "..", "%00"):
            answer = client.get(f"/public/media/{name}")
            assert (answer.status_code, code(answer)) == (404, "not_found")
