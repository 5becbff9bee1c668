"""The environment: every name documented, every bad value refused with its name and what is allowed."""

import base64
import re
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from app.adapters.catalogue import load_catalogue
from app.adapters.files import open_media_store
from app.config import RESERVED_THREADS, ConfigError, Settings, load_settings
from app.domain.connection import CONNECTION_FIELDS

ROOT = Path(__file__).resolve().parents[1]
KEY, OLDER_KEY = (base64.urlsafe_b64encode(bytes([number] * 32)).decode() for number in (1, 2))


def load(tmp_path: Path, **environ: str) -> Settings:
    return load_settings({"VAR_DIR": str(tmp_path), **environ})


def names_in_the_code() -> set[str]:
    source = (ROOT / "app/config.py").read_text()
    return set(re.findall(r'"([A-Z][A-Z0-9]*_[A-Z0-9_]+|HOST|PORT)"', source)) | {
        "ADMIN_PASSWORD_SERG",
        "ADMIN_PASSWORD_IGOR",
    }


def names_of_providers() -> set[str]:
    providers = load_catalogue(ROOT / "configs/providers.json").providers
    return {f"{p.id}_{name}".upper() for p in providers if p.is_remote for name in CONNECTION_FIELDS}


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    table = (ROOT / "docs/configuration.md").read_text()
    documented = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", table))
    assert documented == names_in_the_code() | names_of_providers()


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
    assert settings.telegram_api_base_url == "https://api.telegram.org"
    assert settings.vk_api_base_url == "https://api.vk.ru"


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
        ("TELEGRAM_API_BASE_URL", "api.telegram.org", "http:// or https://"),
        ("VK_API_BASE_URL", "api.vk.ru", "http:// or https://"),
        ("PUBLIC_BASE_URL", "https://example.org/photo", "without a path"),
        ("PUBLIC_BASE_URL", "https://example.org/?a=b", "without a path"),
        ("PUBLIC_BASE_URL", "https://user@example.org", "http:// or https://"),
        ("PUBLIC_BASE_URL", "https://example.org:99999", "http:// or https://"),
        ("SECRET_KEY", "short", "16 to 4096"),
        ("ADMIN_PASSWORD_IGOR", "1234", "8 to 128"),
        ("INGEST_PASSWORD", "abc", "4 to 128 printable characters"),
        ("INGEST_PASSWORD", "x" * 129, "4 to 128 printable characters"),
        ("INGEST_PASSWORD", "four\nfive", "4 to 128 printable characters"),
        ("ENCRYPTION_KEYS", "hunter22", "Fernet keys, newest first, separated by commas"),
        ("ENCRYPTION_KEYS", f"{KEY},hunter22", "Fernet keys, newest first, separated by commas"),
        ("ENCRYPTION_KEYS", ",", "Fernet keys, newest first, separated by commas"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(tmp_path: Path, name: str, value: str, allowed: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        load(tmp_path, **{name: value})
    assert str(refusal.value).startswith(f"{name}: ")
    assert allowed in str(refusal.value)


@pytest.mark.parametrize("name", ["SECRET_KEY", "ADMIN_PASSWORD_SERG", "INGEST_PASSWORD", "ENCRYPTION_KEYS"])
def test_a_bad_secret_is_not_repeated(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        load(tmp_path, **{name: "qw\x1b"})
    assert "qw" not in str(refusal.value)


def test_settings_do_not_show_their_secrets(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        SECRET_KEY="s3cr3t-s3cr3t-s3cr3t",
        INGEST_PASSWORD="hunter22",
        DATABASE_URL="postgres://u:pw@h/d",
        GEMINI_API_KEY="k3y",
    )
    for secret in ("s3cr3t", "hunter22", "pw@h", "k3y", *settings.encryption_keys):
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
    assert {path.name for path in tmp_path.iterdir()} == {"secret_key", "encryption_key"}


def test_an_unwritable_folder_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for given, missing in (({}, "SECRET_KEY"), ({"SECRET_KEY": "x" * 16}, "ENCRYPTION_KEYS")):
        with pytest.raises(ConfigError, match=rf"VAR_DIR: .* cannot be written .* {missing} is not set"):
            load(tmp_path / "file", **given)


class TestEncryptionKeys:
    def test_the_newest_comes_first(self, tmp_path: Path) -> None:
        assert load(tmp_path, ENCRYPTION_KEYS=f"{KEY}, {OLDER_KEY}").encryption_keys == (KEY, OLDER_KEY)

    def test_one_is_made_once_and_kept_private(self, tmp_path: Path) -> None:
        first, second = load(tmp_path), load(tmp_path)
        assert first.encryption_keys == second.encryption_keys
        assert Fernet(first.encryption_keys[0])
        assert (tmp_path / "encryption_key").stat().st_mode & 0o077 == 0

    def test_a_file_that_holds_something_else_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "encryption_key").write_text("hunter22")
        with pytest.raises(ConfigError, match=r"ENCRYPTION_KEYS: .*/encryption_key must hold Fernet keys") as refusal:
            load(tmp_path)
        assert "hunter22" not in str(refusal.value)


class TestProviders:
    def test_any_provider_has_a_key_an_address_and_a_proxy(self, tmp_path: Path) -> None:
        settings = load(
            tmp_path,
            OWN_GPU_API_KEY=" k-1 ",
            OWN_GPU_BASE_URL="http://[::1]:8188/comfy/",
            OWN_GPU_PROXY="http://user:p%40ss@10.0.0.1:3128/",
        )
        assert settings.provider_values("own_gpu") == {
            "api_key": "k-1",
            "base_url": "http://[::1]:8188/comfy",
            "proxy": "http://user:p%40ss@10.0.0.1:3128",
        }
        assert settings.provider_values("gemini") == {}

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("GEMINI_API_KEY", "two words"),
            ("GEMINI_API_KEY", "ключ"),
            ("GEMINI_API_KEY", "x" * 2049),
            ("GEMINI_BASE_URL", "example.org"),
            ("GEMINI_BASE_URL", "ftp://example.org"),
            ("GEMINI_BASE_URL", "https://example.org/?key=hunter22"),
            ("GEMINI_BASE_URL", "https://example.org/#hunter22"),
            ("GEMINI_BASE_URL", "https://user:hunter22@example.org"),
            ("GEMINI_BASE_URL", "https://example.org:0"),
            ("GEMINI_BASE_URL", "https://example.org:99999"),
            ("GEMINI_BASE_URL", f"https://example.org/{'x' * 500}"),
            ("GEMINI_PROXY", "10.0.0.1:3128"),
            ("GEMINI_PROXY", "http://10.0.0.1"),
            ("GEMINI_PROXY", "http://10.0.0.1:99999"),
            ("GEMINI_PROXY", "http://user:hunter22@10.0.0.1:3128/path"),
            ("GEMINI_PROXY", "socks5://user:hunter22@10.0.0.1:1080"),
            ("GEMINI_PROXY", "http://user:hunter22\\@10.0.0.1:3128"),
        ],
    )
    def test_a_bad_value_is_named_and_not_repeated(self, tmp_path: Path, name: str, value: str) -> None:
        settings = load(tmp_path, **{name: value})
        with pytest.raises(ConfigError, match=f"^{name}: must be ") as refusal:
            settings.provider_values("gemini")
        assert value not in str(refusal.value)
        assert "hunter22" not in str(refusal.value)

    def test_what_others_keep_under_such_names_is_their_affair(self, tmp_path: Path) -> None:
        settings = load(tmp_path, HTTP_PROXY="socks5://x", NO_PROXY="*", STRIPE_API_KEY="two words")
        assert settings.provider_values("gemini") == {}
