"""`python -m app rotate-keys`: everything with the newest key, or nothing and the reason."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from app.config import load_settings
from app.ports.secrets import SecretStore
from app.wiring import Wiring

ROOT = Path(__file__).resolve().parents[1]
OLD, NEW, LOST = (Fernet.generate_key().decode() for _ in range(3))
SECRET = "sk-to-be-rotated-0123456789"


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    return {"DATABASE_URL": database_url, "VAR_DIR": str(tmp_path), "PATH": os.environ["PATH"]}


def secrets(environment: dict[str, str], *keys: str) -> SecretStore:
    return Wiring(load_settings({**environment, "ENCRYPTION_KEYS": ",".join(keys)}), role="test").stores.secrets


def rotate(environment: dict[str, str], *keys: str) -> subprocess.CompletedProcess[str]:
    given = {**environment, "ENCRYPTION_KEYS": ",".join(keys)}
    command = [sys.executable, "-m", "app", "rotate-keys"]
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False, timeout=60)


def test_everything_is_encrypted_with_the_newest_key(environment: dict[str, str]) -> None:
    for provider in ("gemini", "openai"):
        secrets(environment, OLD).put(provider, "api_key", SECRET, "serg")
    done = rotate(environment, NEW, OLD)
    assert (done.returncode, done.stdout) == (0, "  Values encrypted with the newest key: 2\n"), done.stderr
    assert secrets(environment, NEW).of("gemini")["api_key"].value == SECRET
    assert not secrets(environment, OLD).of("gemini")["api_key"].is_readable


def test_what_cannot_be_read_is_named_and_nothing_is_changed(environment: dict[str, str]) -> None:
    secrets(environment, OLD).put("gemini", "api_key", SECRET, "serg")
    secrets(environment, LOST).put("openai", "proxy", "http://p:1", "serg")
    done = rotate(environment, NEW, OLD)
    assert done.returncode == 1
    assert "nothing was changed: proxy of openai" in done.stderr
    assert "Traceback" not in done.stderr
    assert secrets(environment, OLD).of("gemini")["api_key"].value == SECRET


def test_a_key_that_is_none_stops_it_in_one_line(environment: dict[str, str]) -> None:
    done = rotate(environment, "hunter22")
    assert done.returncode == 1
    assert done.stderr.startswith("PhotoChanger (rotate-keys) cannot start: ENCRYPTION_KEYS: must hold Fernet keys")
    assert "hunter22" not in done.stderr
