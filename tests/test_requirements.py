"""What setup.cfg asks for, what the code imports and what is locked are the same packages."""

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKED = ("requirements.txt", "requirements-dev.txt")


def asked_for(section: str, option: str) -> list[str]:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser[section][option].split()


RUNTIME = asked_for("options", "install_requires")
DEVELOPMENT = asked_for("options.extras_require", "dev")


def pins(file: str) -> dict[str, str]:
    """Each locked package's version, followed by its hashes."""
    logical_lines = (ROOT / file).read_text().replace("\\\n", "").splitlines()
    found = (re.fullmatch(r"([a-z0-9-]+)==(\S+(?:\s+--hash=sha256:[0-9a-f]{64})+)\s*", line) for line in logical_lines)
    return {match[1]: match[2] for match in found if match}


@pytest.fixture
def requirements(tmp_path: Path) -> list[str]:
    """The direct dependencies in files that deptry can read, as its arguments."""
    runtime, development = tmp_path / "runtime.txt", tmp_path / "development.txt"
    runtime.write_text("\n".join(RUNTIME))
    development.write_text("\n".join(DEVELOPMENT))
    return ["--requirements-files", str(runtime), "--requirements-files-dev", str(development)]


def deptry(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deptry", ".", "--no-ansi", *arguments]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_the_application_imports_what_setup_cfg_asks_for(requirements: list[str]) -> None:
    done = deptry(*requirements, "--extend-exclude", "benchmarks")
    assert done.returncode == 0, done.stdout


def test_tests_and_benchmarks_may_also_import_what_development_needs(requirements: list[str]) -> None:
    done = deptry(*requirements, "--exclude", r"\.venv", "--ignore", "DEP002,DEP004")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", RUNTIME)
def test_each_runtime_dependency_is_locked(name: str) -> None:
    assert name in pins("requirements.txt")


@pytest.mark.parametrize("name", DEVELOPMENT)
def test_each_development_dependency_is_locked(name: str) -> None:
    assert name in pins("requirements-dev.txt")


def test_tests_run_with_the_packages_that_serve() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


@pytest.mark.parametrize("file", LOCKED)
def test_nothing_is_locked_without_hashes(file: str) -> None:
    assert len(pins(file)) == (ROOT / file).read_text().count("==")


@pytest.mark.parametrize("file", LOCKED)
def test_no_address_is_locked(file: str) -> None:
    assert not re.search(r"://|^--|^-[a-z] ", (ROOT / file).read_text(), re.MULTILINE)
