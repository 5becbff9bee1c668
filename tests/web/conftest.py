"""The web application over a real database and folder, without a worker; every answer is held to the contract."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine

from app.config import Settings, load_settings
from app.domain.vk.community import Community, Secret
from app.release import release
from app.services.vk.tokens import owner_of
from app.web.application import assembled, install
from app.wiring import Wiring
from tests.support import databases
from tests.support.contract import ContractClient
from tests.support.fakes.vk.fake import USER_TOKEN
from tests.support.installation import ADMIN_PASSWORD, INGEST_PASSWORD
from tests.support.ledger import Ledger
from tests.support.quick_wiring import QuickWiring
from tests.support.snapshot import Snapshot
from tests.vk.community import a_community
from tests.web.gallery import Finish, finishing
from tests.web.visitor import Visitor

ENVIRONMENT = {
    "SECRET_KEY": "a secret key for tests",
    "ADMIN_PASSWORD_SERG": ADMIN_PASSWORD,
    "ADMIN_PASSWORD_IGOR": "igor-secret-1",
    "INGEST_PASSWORD": INGEST_PASSWORD,
    "SYNC_RESPONSE_SECONDS": "0.5",
}


@pytest.fixture(scope="session")
def released_database(
    server_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of a database with the administrators and the ingest password, to which nobody is connected."""
    with databases.new_database(server_url, template_database) as url:
        folder = tmp_path_factory.mktemp("release")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("app.release.Wiring", QuickWiring)
            release(load_settings({**ENVIRONMENT, "DATABASE_URL": url, "VAR_DIR": str(folder)}), pytest.fail)
        yield databases.name_of(url)


@pytest.fixture(scope="session")
def shared_database(server_url: str, released_database: str) -> Iterator[tuple[str, Snapshot]]:
    """Where all tests of the web work, one after the other."""
    with databases.new_database(server_url, released_database) as url:
        engine = create_engine(url)
        yield url, Snapshot(engine.begin)
        engine.dispose()


@pytest.fixture
def web_database(shared_database: tuple[str, Snapshot]) -> str:
    """A database as after the release, for tests that do nothing worse to it than change rows."""
    url, snapshot = shared_database
    snapshot.restore()
    return url


@pytest.fixture
def environment() -> dict[str, str]:
    """Variables of the test's own: give them with `parametrize`."""
    return {}


@pytest.fixture
def settings(environment: dict[str, str], web_database: str, tmp_path: Path) -> Settings:
    return load_settings({**ENVIRONMENT, "DATABASE_URL": web_database, "VAR_DIR": str(tmp_path), **environment})


@pytest.fixture
def wiring(settings: Settings) -> Iterator[Wiring]:
    """The parts behind `app`, for tests that play the worker or look into the store."""
    wiring = QuickWiring(settings, role="web")
    yield wiring
    wiring.database.close()


@pytest.fixture
def publisher(wiring: Wiring) -> Community:
    """A community with an administrator's token, for tests whose environment names a VK."""
    made = wiring.stores.communities.add(a_community())
    wiring.stores.secrets.put(owner_of(made.id), Secret.USER_TOKEN, USER_TOKEN, "serg")
    return made


@pytest.fixture(scope="session")
def assembled_app() -> Flask:
    """Putting the application together takes as long as what most tests do with it: once is enough."""
    app = assembled()
    app.test_client_class = ContractClient
    return app


@pytest.fixture
def app(assembled_app: Flask, settings: Settings, wiring: Wiring) -> Iterator[Flask]:
    """Serves the test's own installation. Who adds routes or handlers to an application makes one of its own."""
    services = wiring.services()
    install(assembled_app, settings, services)
    yield assembled_app
    services.booth_requests.close()
    _wait_for_writers()


def _wait_for_writers() -> None:
    """What is being written of a booth's request would else turn up in the next test's database."""
    for thread in threading.enumerate():
        if thread.name.startswith("booth-requests"):
            thread.join(10)


@pytest.fixture
def polling(wiring: Wiring) -> Iterator[None]:
    """The process's poll runs, so that held requests are answered before their window ends."""
    wiring.waiting.start()
    yield
    wiring.waiting.interrupt()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    """A browser in which serg has logged in."""
    return Visitor(client).log_in()


@pytest.fixture
def finish(wiring: Wiring) -> Finish:
    """Makes photos, one at a call."""
    return finishing(wiring)


@pytest.fixture
def token(client: FlaskClient) -> str:
    """A bearer token of serg's."""
    answer = client.post("/api/login", json={"username": "serg", "password": ADMIN_PASSWORD})
    return str(answer.json["access_token"])


@pytest.fixture
def auth(token: str) -> dict[str, str]:
    """The headers of a program that has logged in."""
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def ledger(settings: Settings, tmp_path: Path) -> Ledger:
    """A look at the database and the files, past the application."""
    return Ledger(str(settings.database_url), tmp_path / "media")
