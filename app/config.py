"""The environment, read once: the only place that looks at os.environ. docs/configuration.md explains each name."""

import base64
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.domain.connection import ALLOWED, BASE_URL, CONNECTION_FIELDS, has_good_port, is_usable, normal_form
from app.services.settings.values import INGEST_PASSWORD_LENGTH

_ROOT = Path(__file__).resolve().parent.parent

RESERVED_THREADS = 8
"""Web threads that held requests never take, so that pages and health checks stay quick."""

ARCHIVE_THREADS = 6
"""Web threads beside all others, for photos that leave as a ZIP: each is held until its reader has it all."""

GUEST_ARCHIVE_THREADS = 4
"""How many of those guests may take, so that administrators always come through."""

ADMIN_PASSWORD_LENGTH = (8, 128)
"""The fewest and the most characters of an administrator's password."""


class ConfigError(ValueError):
    """A variable has a value that cannot be used; the message names it and says what is allowed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation's configuration. Times are in seconds, sizes in bytes."""

    database_url: str | None
    var_dir: Path
    media_root: str
    host: str
    port: int
    public_base_url: str | None
    trusted_hosts: tuple[str, ...]
    trusted_proxy: str | None
    secret_key: str
    encryption_keys: tuple[str, ...]
    admin_passwords: Mapping[str, str]
    ingest_password: str | None
    web_threads: int
    held_requests_max: int
    worker_concurrency: int
    queue_max_active_jobs: int
    slot_max_active_jobs: int | None
    ingest_poll_seconds: float
    sync_response_seconds: float | None
    shutdown_grace_seconds: float
    max_upload_bytes: int
    telegram_api_base_url: str
    vk_api_base_url: str
    s3_options: Mapping[str, str]
    provider_variables: Mapping[str, str]
    catalogue_path: Path = _ROOT / "configs" / "providers.json"
    vk_rules_path: Path = _ROOT / "configs" / "vk.json"

    def __repr__(self) -> str:
        return f"Settings(port={self.port}, var_dir={str(self.var_dir)!r}, …)"

    def provider_values(self, provider_id: str) -> dict[str, str]:
        """The initial values of a provider of the catalogue, by name (app.domain.connection). Raises ConfigError."""
        names = {name: f"{provider_id}_{name}".upper() for name in CONNECTION_FIELDS}
        values = {name: _read(self.provider_variables, names[name], _usable(name), None) for name in names}
        return {name: value for name, value in values.items() if value is not None}


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the environment. Raises ConfigError."""
    env = {k: v for k, v in (os.environ if environ is None else environ).items() if v.strip()}
    var_dir = Path(env.get("VAR_DIR", "./var")).expanduser().resolve()
    held = _read(env, "HELD_REQUESTS_MAX", _integer(1, 4096), 64)
    host = env.get("HOST", "0.0.0.0").strip()  # noqa: S104 - booths are other machines
    base_url = _read(env, "PUBLIC_BASE_URL", _base_url, None)
    return Settings(
        database_url=_read(env, "DATABASE_URL", _database_url, None),
        var_dir=var_dir,
        media_root=_read(env, "MEDIA_ROOT", _media_root, str(var_dir / "media")),
        host=host,
        port=_read(env, "PORT", _integer(1, 65535), 8000),
        public_base_url=base_url,
        trusted_hosts=_trusted_hosts(_read(env, "TRUSTED_HOSTS", _names, ()), base_url, host),
        trusted_proxy=env.get("TRUSTED_PROXY"),
        secret_key=_read(env, "SECRET_KEY", _password(16, 4096), None)
        or _stored_secret("SECRET_KEY", var_dir / "secret_key", lambda: secrets.token_urlsafe(48)),
        encryption_keys=_encryption_keys(env, var_dir),
        admin_passwords={
            user: value
            for user in ("serg", "igor")
            if (value := _read(env, f"ADMIN_PASSWORD_{user.upper()}", _password(*ADMIN_PASSWORD_LENGTH), None))
        },
        ingest_password=_read(env, "INGEST_PASSWORD", _password(*INGEST_PASSWORD_LENGTH), None),
        web_threads=_read(env, "WEB_THREADS", _integer(held + RESERVED_THREADS, 8192), held + RESERVED_THREADS),
        held_requests_max=held,
        worker_concurrency=_read(env, "WORKER_CONCURRENCY", _integer(1, 256), 8),
        queue_max_active_jobs=_read(env, "QUEUE_MAX_ACTIVE_JOBS", _integer(1, 1_000_000), 200),
        slot_max_active_jobs=_read(env, "SLOT_MAX_ACTIVE_JOBS", _integer(1, 1_000_000), None),
        ingest_poll_seconds=_read(env, "INGEST_POLL_SECONDS", _number(0.05, 2), 1.0),
        sync_response_seconds=_read(env, "SYNC_RESPONSE_SECONDS", _number(0.1, 3600), None),
        shutdown_grace_seconds=_read(env, "SHUTDOWN_GRACE_SECONDS", _number(0, 120), 3.0),
        max_upload_bytes=_read(env, "MAX_UPLOAD_MB", _integer(1, 1024), 25) * 1024 * 1024,
        telegram_api_base_url=_read(env, "TELEGRAM_API_BASE_URL", _usable(BASE_URL), "https://api.telegram.org"),
        vk_api_base_url=_read(env, "VK_API_BASE_URL", _usable(BASE_URL), "https://api.vk.ru"),
        s3_options={k: env[k] for k in _S3_NAMES if k in env},
        provider_variables={k: v for k, v in env.items() if k.endswith(_PROVIDER_SUFFIXES)},
    )


_S3_NAMES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
)

# Whose they are only the catalogue knows: others may have variables with such names for purposes of their own.
_PROVIDER_SUFFIXES = tuple(f"_{name.upper()}" for name in CONNECTION_FIELDS)


def _read(env: Mapping[str, str], name: str, parse: Callable[[str], Any], default: Any) -> Any:
    if name not in env:
        return default
    try:
        return parse(env[name].strip())
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from None


def _number(low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise ConfigError(f"must be a number from {low:g} to {high:g}, not {text!r}")
        return value

    return parse


def _integer(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ConfigError(f"must be a whole number from {low} to {high}, not {text!r}")
        return int(text)

    return parse


def _password(shortest: int, longest: int) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not shortest <= len(text) <= longest or not text.isprintable():
            raise ConfigError(f"must have {shortest} to {longest} printable characters")
        return text

    return parse


def _database_url(text: str) -> str:
    """Platforms hand out `postgres://`, which SQLAlchemy refuses."""
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in ("postgres", "postgresql", "postgresql+psycopg2") or not has_good_port(text):
        raise ConfigError("must be a postgresql:// URL")
    return f"postgresql+psycopg2://{rest}"


def _media_root(text: str) -> str:
    scheme, separator, _ = text.partition("://")
    if separator and scheme != "s3":
        raise ConfigError("must be a folder or an s3://bucket/prefix URL")
    return text if separator else str(Path(text).expanduser().resolve())


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    is_bare = parts.path in ("", "/") and not parts.query and not parts.fragment and "@" not in parts.netloc
    if parts.scheme not in ("http", "https") or not parts.hostname or not is_bare or not has_good_port(text):
        raise ConfigError("must be an http:// or https:// address without a path, such as https://photo.example.org")
    return text.rstrip("/")


def _usable(name: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not is_usable(name, text):
            raise ConfigError(f"must be {ALLOWED[name]}")
        return normal_form(name, text)

    return parse


def _trusted_hosts(named: tuple[str, ...], base_url: str | None, host: str) -> tuple[str, ...]:
    """Nobody is refused unless something is set; then the public address always counts.

    Without names of one's own, health checks and `make run` still ask for this machine or the address of HOST.
    """
    if base_url is None:
        return named
    return (*(named or ("localhost", "127.0.0.1", host)), urlsplit(base_url).hostname or "")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _encryption_keys(env: Mapping[str, str], var_dir: Path) -> tuple[str, ...]:
    given: tuple[str, ...] | None = _read(env, "ENCRYPTION_KEYS", _fernet_keys, None)
    if given:
        return given
    path = var_dir / "encryption_key"
    kept = _stored_secret("ENCRYPTION_KEYS", path, _new_fernet_key)
    try:
        return _fernet_keys(kept)
    except ConfigError as error:
        raise ConfigError(f"ENCRYPTION_KEYS: {path} {error}") from None


def _new_fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _fernet_keys(text: str) -> tuple[str, ...]:
    keys = _names(text)
    if not keys or not all(re.fullmatch(r"[A-Za-z0-9_-]{43}=", key) for key in keys):
        raise ConfigError(
            "must hold Fernet keys, newest first, separated by commas; "
            "each is 32 random bytes in URL-safe base64: 43 characters and a ="
        )
    return keys


def _stored_secret(name: str, path: Path, make: Callable[[], str]) -> str:
    """What stands in for `name`, kept in a file: made at the first start, the same for all who share the folder."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        if not path.exists():
            draft.touch(mode=0o600)
            draft.write_text(make())
            _publish(draft, path)
        return path.read_text().strip()
    except OSError as error:
        raise ConfigError(
            f"VAR_DIR: {path.parent} cannot be written ({error.strerror}), and {name} is not set"
        ) from None


def _publish(draft: Path, path: Path) -> None:
    """Give the finished draft its name unless another process was first: `link` refuses to replace."""
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
