"""What happens before a new version serves: migrations, the administrators, the first passwords."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from app.adapters.db.migrate import upgrade
from app.config import Settings
from app.ports import INGEST_PASSWORD_KEY
from app.wiring import Wiring, database_url

ADMINISTRATORS = ("serg", "igor")


@dataclass(frozen=True, slots=True)
class Released:
    """`first_passwords` were made up just now, by user; `ingest_password` is None where only its hash is known."""

    first_passwords: dict[str, str]
    ingest_password: str | None


def release(settings: Settings) -> Released:
    """Bring the database up to date; safe to repeat. Given passwords count at the first start only."""
    url = database_url(settings)
    upgrade(url)
    wiring = Wiring(settings, role="release", pool_size=2)
    first_passwords = {**_add_administrators(wiring, settings), **_set_ingest_password(wiring, settings)}
    ingest_password = _known_ingest_password(wiring, settings)
    wiring.database.close()
    return Released(first_passwords, ingest_password)


def _add_administrators(wiring: Wiring, settings: Settings) -> dict[str, str]:
    made = {}
    for username in ADMINISTRATORS:
        given = settings.admin_passwords.get(username)
        password = given or secrets.token_urlsafe(12)
        if wiring.access.add_administrator(username, password) and not given:
            made[username] = password
    return made


def _set_ingest_password(wiring: Wiring, settings: Settings) -> dict[str, str]:
    """Give the booths a password if they have none; one that was made up is kept for `_known_ingest_password`."""
    if wiring.settings_store.get(INGEST_PASSWORD_KEY):
        return {}
    password = settings.ingest_password or secrets.token_urlsafe(9)
    wiring.settings_service.change({INGEST_PASSWORD_KEY: password}, None)
    if settings.ingest_password:
        return {}
    remembered = _remembered(settings)
    remembered.touch(mode=0o600)
    remembered.write_text(password)
    return {"ingest": password}


def _known_ingest_password(wiring: Wiring, settings: Settings) -> str | None:
    """The booths' password if it is given, or was made up at an earlier start, and is still the valid one."""
    current = wiring.settings_store.get(INGEST_PASSWORD_KEY)
    remembered = _remembered(settings)
    known = settings.ingest_password or (remembered.read_text() if remembered.exists() else "")
    return known if current and known and wiring.hasher.verify(current.value["hash"], known) else None


def _remembered(settings: Settings) -> Path:
    return settings.var_dir / "ingest_password"
