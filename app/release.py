"""What happens before a new version serves: migrations, the administrators, the first passwords."""

import contextlib
import secrets
from collections.abc import Callable
from pathlib import Path

from app.adapters.db.migrate import alone, is_current, upgrade
from app.config import ConfigError, Settings
from app.domain.errors import MediaStoreUnavailable
from app.ports.settings import INGEST_PASSWORD_KEY
from app.services.settings.values import GRACE
from app.wiring import Wiring
from app.wiring.parts import database_url

ADMINISTRATORS = ("serg", "igor")
BOOTHS = "ingest"
"""Stands among the users for the password that all booths share."""

Tell = Callable[[str, str], None]
"""Shows a user and a password that was made up, which nothing but a hash remembers afterwards."""


def release(settings: Settings, tell: Tell) -> str | None:
    """Bring the database up to date; safe to repeat, and for several at once. Given passwords count at first only.

    A password that had to be made up is told as soon as it is valid, so that no later failure can lose it. Returns
    the booths' password if it is known. Raises what `startup` turns into a line.
    """
    wiring = Wiring(settings, role="release", pool_size=2)
    _check(wiring)
    url = database_url(settings)
    with alone(url):
        upgrade(url)
        with contextlib.closing(wiring.database):
            _add_administrators(wiring, tell)
            _set_ingest_password(wiring, tell)
            return _known_ingest_password(wiring)


def set_password(settings: Settings, user: str, password: str, grace_hours: int = 0) -> None:
    """Replace the password of an administrator, whose sessions and tokens end, or of the booths.

    Booths may go on with the old one for `grace_hours`. Raises ConfigError as `require_release` does.
    """
    require_release(settings)
    wiring = Wiring(settings, role="password", pool_size=1)
    with contextlib.closing(wiring.database):
        if user == BOOTHS:
            wiring.settings_service.change({INGEST_PASSWORD_KEY: password, GRACE: grace_hours}, None)
            _remember(settings, password)
        else:
            wiring.access.set_password(user, password, None)


def require_release(settings: Settings) -> None:
    """Raises ConfigError for a database that `release` has not seen, or an older version of it has."""
    if not is_current(database_url(settings)):
        where = "DATABASE_URL" if settings.database_url else "the embedded database"
        raise ConfigError(f"{where}: not all tables of this version are there; run `python -m app release` first")


def new_password() -> str:
    """72 random bits, short enough to be typed into a booth program."""
    return secrets.token_urlsafe(9)


def _check(wiring: Wiring) -> None:
    """What cannot work in any process is said before anything changes; a folder is made by those that use it."""
    for spec in wiring.catalogue.providers:
        wiring.settings.provider_values(spec.id)
    with contextlib.suppress(MediaStoreUnavailable):
        wiring.media  # noqa: B018 - opens the store


def _add_administrators(wiring: Wiring, tell: Tell) -> None:
    for username in ADMINISTRATORS:
        given = wiring.settings.admin_passwords.get(username)
        password = given or new_password()
        if wiring.access.add_administrator(username, password) and not given:
            tell(username, password)


def _set_ingest_password(wiring: Wiring, tell: Tell) -> None:
    """Give the booths a password if they have none; one that was made up is kept for `_known_ingest_password`."""
    if wiring.stores.settings.get(INGEST_PASSWORD_KEY):
        return
    given = wiring.settings.ingest_password
    password = given or new_password()
    wiring.settings_service.change({INGEST_PASSWORD_KEY: password}, None)
    if not given:
        tell(BOOTHS, password)
        _remember(wiring.settings, password)


def _known_ingest_password(wiring: Wiring) -> str | None:
    """The booths' password if it is given, or was made up at an earlier start, and is still the valid one."""
    current = wiring.stores.settings.get(INGEST_PASSWORD_KEY)
    known = wiring.settings.ingest_password or _remembered(wiring.settings)
    return known if current and current.value and known and wiring.hasher.verify(current.value["hash"], known) else None


def _remember(settings: Settings, password: str) -> None:
    """For the line that tries a slot, and only for that: a folder that cannot be written costs nothing more."""
    path = _memory(settings)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(password)


def _remembered(settings: Settings) -> str:
    try:
        return _memory(settings).read_text()
    except OSError:
        return ""


def _memory(settings: Settings) -> Path:
    return settings.var_dir / "ingest_password"
