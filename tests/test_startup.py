"""What keeps a process from starting is said in one line, without a traceback, whichever process it is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.adapters.catalogue import CatalogueError
from app.adapters.vk_api.rules import VkRulesError
from app.domain.errors import DatabaseUnavailable, MediaStoreUnavailable
from app.startup import startup

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = {
    "web": ["-m", "app", "web"],
    "worker": ["queue_worker.py"],
    "cleanup": ["cleanup.py"],
    "tracker": ["post_tracker.py"],
    "release": ["-m", "app", "release"],
}
BAD_VALUES = {
    "INGEST_PASSWORD": ("abc", "INGEST_PASSWORD: must have 4 to 128 printable characters"),
    "PUBLIC_BASE_URL": ("https://example.org/photo", "PUBLIC_BASE_URL: must be"),
    "MEDIA_ROOT": ("s3://bucket", "MEDIA_ROOT: a media store on S3 needs AWS_ACCESS_KEY_ID"),
}


def refusal(program: str, tmp_path: Path, **environment: str) -> str:
    """The one line that the program leaves behind."""
    given = {"VAR_DIR": str(tmp_path), "SECRET_KEY": "a secret key for tests", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, *PROGRAMS[program]],
        cwd=ROOT,
        env={**given, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    ("program", "name"),
    [("web", "INGEST_PASSWORD"), ("release", "PUBLIC_BASE_URL"), *((program, "MEDIA_ROOT") for program in PROGRAMS)],
)
def test_a_bad_value_stops_every_process(program: str, name: str, tmp_path: Path, free_port: int) -> None:
    value, told = BAD_VALUES[name]
    nowhere = f"postgresql://127.0.0.1:{free_port}/none"
    line = refusal(program, tmp_path, DATABASE_URL=nowhere, **{name: value})
    assert line.startswith(f"PhotoChanger ({program}) cannot start: {told}")


def test_a_database_that_cannot_be_reached_stops_a_release(tmp_path: Path, free_port: int) -> None:
    line = refusal("release", tmp_path, DATABASE_URL=f"postgresql://u:hunter22@127.0.0.1:{free_port}/none")
    assert str(free_port) in line
    assert "hunter22" not in line


@pytest.mark.parametrize(
    "error",
    [
        CatalogueError("two\n  mistakes"),
        VkRulesError("one"),
        MediaStoreUnavailable("full"),
        DatabaseUnavailable("away"),
    ],
)
def test_whatever_an_operator_can_mend_becomes_a_line(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    with pytest.raises(SystemExit) as end, startup("worker"):
        raise error
    assert end.value.code == f"PhotoChanger (worker) cannot start: {' '.join(str(error).split())}"


def test_a_bug_stays_a_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    with pytest.raises(TypeError), startup("worker"):
        raise TypeError
