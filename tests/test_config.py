"""The environment: every name documented, every bad value refused with its name and what is allowed."""

import re
from pathlib import Path

import pytest

from app.adapters.files import open_media_store
from app.config import RESERVED_THREADS, ConfigError, Settings, load_settings

ROOT = Path(__file__).resolve().parents[1]


def load(tmp_path: Path, **environ: str) -> Settings:
    return load_settings({"VAR_DIR": str(tmp_path), **environ})


def names_in_the_code() -> set[str]:
    source = (ROOT / "app/config.py").read_text()
    return set(re.findall(r'"([A-Z][A-Z0-9]*_[A-Z0-9_]+|HOST|PORT)"', source)) | {
        "ADMIN_PASSWORD_SERG",
        "ADMIN_PASSWORD_IGOR",
    }


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    table = (ROOT / "docs/configuration.md").read_text()
    documented = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", table))
    assert documented == names_in_the_code()


def test_nothing_else_reads_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in [*ROOT.glob("app/**/*.py"), *ROOT.glob("*.py")]
        if re.search(r"os\.environ|os\.getenv", path.read_text())
    }
    assert readers <= {"app/config.py", "app/run.py"}  # run.py hands the environment on to the processes


def test_defaults_need_nothing(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.database_url is None
    assert settings.media_root == str(tmp_path / "media")
    assert settings.web_threads == settings.held_requests_max + RESERVED_THREADS
    assert settings.sync_response_seconds is None


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("PORT", "http", "whole number from 1 to 65535"),
        ("PORT", "0", "whole number from 1 to 65535"),
        ("INGEST_POLL_SECONDS", "3", "number from 0.05 to 2"),
        ("INGEST_POLL_SECONDS", "nan", "number from 0.05 to 2"),
        ("WEB_THREADS", "10", "whole number from 72"),
        ("DATABASE_URL", "mysql://x/y", "postgresql:// URL"),
        ("MEDIA_ROOT", "ftp://x", "folder or an s3://"),
        ("DATABASE_URL", "postgresql://u@h:many/d", "postgresql:// URL"),
        ("PUBLIC_BASE_URL", "photo.example.org", "http:// or https://"),
        ("PUBLIC_BASE_URL", "https://example.org/photo", "without a path"),
        ("PUBLIC_BASE_URL", "https://example.org/?a=b", "without a path"),
        ("PUBLIC_BASE_URL", "https://user@example.org", "http:// or https://"),
        ("PUBLIC_BASE_URL", "https://example.org:99999", "http:// or https://"),
        ("SECRET_KEY", "short", "16 to 4096"),
        ("ADMIN_PASSWORD_IGOR", "1234", "8 to 128"),
        ("INGEST_PASSWORD", "abc", "4 to 128 printable characters"),
        ("INGEST_PASSWORD", "x" * 129, "4 to 128 printable characters"),
        ("INGEST_PASSWORD", "four\nfive", "4 to 128 printable characters"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(tmp_path: Path, name: str, value: str, allowed: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        load(tmp_path, **{name: value})
    assert str(refusal.value).startswith(f"{name}: ")
    assert allowed in str(refusal.value)


@pytest.mark.parametrize("name", ["SECRET_KEY", "ADMIN_PASSWORD_SERG", "INGEST_PASSWORD"])
def test_a_bad_secret_is_not_repeated(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        load(tmp_path, **{name: "qw\x1b"})
    assert "qw" not in str(refusal.value)


def test_settings_do_not_show_their_secrets(tmp_path: Path) -> None:
    settings = load(
        tmp_path, SECRET_KEY="s3cr3t-s3cr3t-s3cr3t", INGEST_PASSWORD="hunter22", DATABASE_URL="postgres://u:pw@h/d"
    )
    for secret in ("s3cr3t", "hunter22", "pw@h"):
        assert secret not in repr(settings)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_platforms_spellings_of_the_database_are_understood(tmp_path: Path, scheme: str) -> None:
    assert load(tmp_path, DATABASE_URL=f"{scheme}://u@h/d").database_url == "postgresql+psycopg2://u@h/d"


class TestTrustedHosts:
    def test_without_an_address_of_its_own_every_host_is_answered(self, tmp_path: Path) -> None:
        assert load(tmp_path).trusted_hosts == ()

    def test_a_public_address_is_the_only_one_but_for_this_machine(self, tmp_path: Path) -> None:
        settings = load(tmp_path, PUBLIC_BASE_URL="https://photo.example.org:8443/", HOST="192.168.1.20")
        assert set(settings.trusted_hosts) == {"photo.example.org", "localhost", "127.0.0.1", "192.168.1.20"}

    def test_names_that_are_given_replace_those_of_this_machine(self, tmp_path: Path) -> None:
        settings = load(tmp_path, PUBLIC_BASE_URL="https://photo.example.org", TRUSTED_HOSTS="booths.lan, 10.0.0.7")
        assert settings.trusted_hosts == ("booths.lan", "10.0.0.7", "photo.example.org")

    def test_names_without_a_public_address_are_all_that_is_answered(self, tmp_path: Path) -> None:
        assert load(tmp_path, TRUSTED_HOSTS="booths.lan").trusted_hosts == ("booths.lan",)


def test_every_variable_of_the_bucket_that_the_store_understands_is_handed_on(tmp_path: Path) -> None:
    understood = set(re.findall("AWS_[A-Z0-9_]+", open_media_store.__doc__ or ""))
    given = dict.fromkeys(understood, "x")
    assert load(tmp_path, **given).s3_options == given


def test_the_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first, second = load(tmp_path), load(tmp_path)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 48
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_an_unwritable_folder_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"VAR_DIR: .* cannot be written"):
        load(tmp_path / "file")
