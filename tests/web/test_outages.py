"""With the database or the media store away every path still answers, and says 503 rather than 500."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import make_url

from app.config import Settings
from app.domain.errors import MediaStoreUnavailable
from app.wiring import Wiring
from tests.support import databases
from tests.web.booth import PHOTO, code, post, shoot
from tests.web.playing_the_worker import finished
from tests.web.visitor import Visitor

Auth = dict[str, str]


@pytest.fixture
def web_database(server_url: str, released_database: str) -> Iterator[str]:
    """One of the test's own: it does not come back."""
    with databases.new_database(server_url, released_database) as url:
        yield url


@pytest.fixture
def lose_the_database(server_url: str, settings: Settings) -> Callable[[], None]:
    """From then on nobody gets a connection, and those that were open are cut."""
    name = str(make_url(str(settings.database_url)).database)

    def lose() -> None:
        databases.execute(server_url, "ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
        cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        databases.execute(server_url, cut)

    return lose


@pytest.fixture
def no_database(auth: Auth, lose_the_database: Callable[[], None]) -> None:
    """The database goes away after `auth` was issued."""
    lose_the_database()


@pytest.fixture
def no_media_store(tmp_path: Path, wiring: Wiring) -> None:
    """A file stands where the folder was."""
    wiring.media.check()
    shutil.rmtree(tmp_path / "media")
    (tmp_path / "media").touch()


@pytest.mark.usefixtures("no_database")
def test_a_booth_is_told_to_come_back(client: FlaskClient) -> None:
    answer = shoot(client)
    assert (answer.status_code, code(answer)) == (503, "queue_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.usefixtures("no_database")
def test_so_is_every_program(client: FlaskClient, auth: Auth) -> None:
    stranger = "6f1c2b0e-95d2-1c44-8a07-3be1f0b9d7aa"
    public = (f"/public/results/{stranger}", f"/public/media/{stranger}")
    for path in ("/api/slots", "/api/settings", "/api/jobs", *public):
        answer = client.get(path, headers=auth)
        assert (answer.status_code, code(answer)) == (503, "queue_unavailable"), path
        assert int(answer.headers["Retry-After"]) >= 1
    assert client.post("/api/login", json={"username": "serg", "password": "x"}).status_code == 503


@pytest.mark.usefixtures("no_database")
def test_the_process_lives_but_is_not_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/metrics").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["checks"]) == (
        503,
        {"database": False, "media_store": True, "worker": False},
    )


def test_a_person_gets_a_page_about_it(client: FlaskClient, lose_the_database: Callable[[], None]) -> None:
    Visitor(client).log_in()
    lose_the_database()
    answer = client.get("/")
    assert (answer.status_code, answer.mimetype) == (503, "text/html")


@pytest.mark.usefixtures("no_media_store")
def test_shots_and_templates_cannot_be_taken_without_the_media_store(client: FlaskClient, auth: Auth) -> None:
    for answer in (
        shoot(client),
        post(client, "/api/slots/slot-001/test-run", ("file", PHOTO), headers=auth),
        post(client, "/api/template-media/register", ("file", PHOTO), headers=auth),
        post(client, "/api/media/register", ("file", PHOTO), headers=auth),
    ):
        assert (answer.status_code, code(answer)) == (503, "queue_unavailable")
    assert client.get("/api/template-media", headers=auth).json["total"] == 0
    assert client.get("/api/jobs", headers=auth).json["total"] == 0


@pytest.mark.usefixtures("no_media_store")
def test_readiness_names_the_media_store(client: FlaskClient, wiring: Wiring) -> None:
    wiring.stores.heartbeats.beat("worker-1", "worker")
    assert client.get("/readyz").json == {
        "status": "not_ready",
        "checks": {"database": True, "media_store": False, "worker": True},
    }


def test_with_everything_there_it_is_ready(client: FlaskClient, wiring: Wiring) -> None:
    wiring.stores.heartbeats.beat("worker-1", "worker")
    assert client.get("/readyz").json["status"] == "ready"


def test_a_preview_that_cannot_be_kept_is_shown_all_the_same(
    client: FlaskClient, wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_key: str, _data: object) -> None:
        raise MediaStoreUnavailable("No space left on device")

    job_id = finished(wiring, PHOTO)
    monkeypatch.setattr(wiring.media, "write", full)
    assert client.get(f"/public/results/{job_id}/grid").status_code == 200
