"""A release: safe to repeat, safe beside others, and no password is made up without being shown."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, inspect

from app.adapters.catalogue import CatalogueError
from app.config import Settings, load_settings
from app.domain.errors import Refused
from app.release import release, set_password
from app.wiring import Wiring

ROOT = Path(__file__).resolve().parents[1]
SECRET_KEY = "a secret key for tests"
SHOWN = re.compile(r"^  (serg|igor|ingest): (\S+)   \((?:first|new) password, shown once\)$", re.MULTILINE)


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    return {"DATABASE_URL": database_url, "VAR_DIR": str(tmp_path / "var"), "SECRET_KEY": SECRET_KEY}


@pytest.fixture
def settings(environment: dict[str, str]) -> Settings:
    return load_settings(environment)


@pytest.fixture
def wiring(settings: Settings) -> Iterator[Wiring]:
    """What the web process would ask."""
    wiring = Wiring(settings, role="web", pool_size=2)
    yield wiring
    wiring.database.close()


def may_enter(wiring: Wiring, user: str, password: str) -> bool:
    try:
        return wiring.access.log_in(user, password, "203.0.113.1") == user
    except Refused:
        return False


def app(environment: dict[str, str], *arguments: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, input=typed, capture_output=True, text=True, timeout=60)


def test_passwords_that_were_made_up_are_valid_when_they_are_told(settings: Settings, wiring: Wiring) -> None:
    told: dict[str, str] = {}

    def tell(user: str, password: str) -> None:
        told[user] = password
        assert user == "ingest" or may_enter(wiring, user, password)

    assert release(settings, tell) == told["ingest"]
    assert list(told) == ["serg", "igor", "ingest"]


def test_an_administrator_is_told_before_anything_else_can_fail(settings: Settings, wiring: Wiring) -> None:
    """What breaks off after the first account loses nothing: the next release goes on where this one stopped."""
    told: dict[str, str] = {}

    def tell_once(user: str, password: str) -> None:
        told[user] = password
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        release(settings, tell_once)
    release(settings, told.__setitem__)
    assert list(told) == ["serg", "igor", "ingest"]
    assert all(may_enter(wiring, user, told[user]) for user in ("serg", "igor"))


def test_a_second_release_changes_and_tells_nothing(settings: Settings) -> None:
    told: dict[str, str] = {}
    first = release(settings, told.__setitem__)
    count = len(told)
    assert release(settings, told.__setitem__) == first
    assert len(told) == count


def test_given_passwords_count_once_and_are_never_told(environment: dict[str, str], wiring: Wiring) -> None:
    given = {"ADMIN_PASSWORD_SERG": "serg-first", "ADMIN_PASSWORD_IGOR": "igor-first", "INGEST_PASSWORD": "booth"}
    later = {**given, "ADMIN_PASSWORD_SERG": "serg-later"}
    for passwords in (given, later):
        assert release(load_settings({**environment, **passwords}), pytest.fail) == "booth"
    assert may_enter(wiring, "serg", "serg-first")
    assert not may_enter(wiring, "serg", "serg-later")


def test_the_folder_is_not_needed(environment: dict[str, str], tmp_path: Path) -> None:
    """On a PaaS the folder may not exist, nor be writable: the passwords are shown all the same."""
    (tmp_path / "file").touch()
    given = {**environment, "ENCRYPTION_KEYS": Fernet.generate_key().decode()}
    done = app({**given, "VAR_DIR": str(tmp_path / "file" / "var")}, "release", "--curl")
    assert done.returncode == 0, done.stderr
    assert [user for user, _ in SHOWN.findall(done.stdout)] == ["serg", "igor", "ingest"]
    assert "/ingest/slot-001" in done.stdout


def test_three_at_once_on_an_empty_database_all_succeed(
    environment: dict[str, str], empty_database_url: str, tmp_path: Path
) -> None:
    given = {**environment, "DATABASE_URL": empty_database_url}
    command = [sys.executable, "-m", "app", "release"]
    together = [
        subprocess.Popen(command, cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(3)
    ]
    said = [process.communicate(timeout=120)[0] for process in together]
    assert [process.returncode for process in together] == [0, 0, 0], said
    assert sorted(user for text in said for user, _ in SHOWN.findall(text)) == ["igor", "ingest", "serg"]


def test_a_broken_catalogue_stops_a_release_before_it_changes_anything(
    settings: Settings, empty_database_url: str, tmp_path: Path
) -> None:
    broken = tmp_path / "providers.json"
    broken.write_text("{")
    with pytest.raises(CatalogueError):
        release(replace(settings, database_url=empty_database_url, catalogue_path=broken), pytest.fail)
    engine = create_engine(empty_database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


class TestANewPassword:
    def test_is_made_up_shown_and_valid(self, environment: dict[str, str], settings: Settings, wiring: Wiring) -> None:
        told: dict[str, str] = {}
        release(settings, told.__setitem__)
        done = app(environment, "password", "serg")
        [(user, password)] = SHOWN.findall(done.stdout)
        assert (done.returncode, user) == (0, "serg")
        assert may_enter(wiring, "serg", password)
        assert not may_enter(wiring, "serg", told["serg"])
        assert may_enter(wiring, "igor", told["igor"])

    def test_ends_the_sessions_of_the_old_one(
        self, environment: dict[str, str], settings: Settings, wiring: Wiring
    ) -> None:
        release(settings, lambda *_: None)
        before = wiring.access.session_epoch("serg"), wiring.access.session_epoch("igor")
        assert app(environment, "password", "serg").returncode == 0
        assert wiring.access.session_epoch("serg") != before[0]
        assert wiring.access.session_epoch("igor") == before[1]

    def test_of_the_booths_is_the_one_that_the_next_line_to_try_shows(
        self, environment: dict[str, str], settings: Settings
    ) -> None:
        release(settings, lambda *_: None)
        [(_, password)] = SHOWN.findall(app(environment, "password", "ingest").stdout)
        assert release(settings, pytest.fail) == password

    def test_can_be_chosen(self, environment: dict[str, str], settings: Settings, wiring: Wiring) -> None:
        release(settings, lambda *_: None)
        done = app(environment, "password", "igor", "--ask", typed="igor-new-1\nigor-new-1\n")
        assert done.returncode == 0, done.stderr
        assert "igor-new-1" not in done.stdout
        assert may_enter(wiring, "igor", "igor-new-1")

    @pytest.mark.parametrize(("user", "typed"), [("serg", "1234567"), ("ingest", "123"), ("ingest", "x" * 129)])
    def test_that_is_too_short_or_too_long_is_refused(self, environment: dict[str, str], user: str, typed: str) -> None:
        done = app(environment, "password", user, "--ask", typed=f"{typed}\n{typed}\n")
        assert done.returncode == 1
        assert "characters" in done.stderr
        assert "Traceback" not in done.stderr

    def test_of_the_booths_leaves_no_time_of_grace_unless_asked_for(self, settings: Settings, wiring: Wiring) -> None:
        release(settings, lambda *_: None)
        set_password(settings, "ingest", "tonight-88")
        assert wiring.settings_service.rotation() is None
        set_password(settings, "ingest", "tomorrow-99", grace_hours=1)
        assert wiring.settings_service.rotation() is not None

    @pytest.mark.parametrize("command", [("password", "serg"), ("rotate-keys",)], ids=["password", "rotate-keys"])
    def test_says_what_to_do_where_nothing_was_released_yet(
        self, environment: dict[str, str], empty_database_url: str, command: tuple[str, ...]
    ) -> None:
        done = app({**environment, "DATABASE_URL": empty_database_url}, *command)
        assert done.returncode == 1
        assert "DATABASE_URL" in done.stderr
        assert "run `python -m app release` first" in done.stderr
        assert "Traceback" not in done.stderr
