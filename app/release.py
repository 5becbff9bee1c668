"""What happens before a new version serves: migrations, the administrators, the first passwords."""

import secrets

from app.adapters.db.migrate import upgrade
from app.config import Settings
from app.wiring import Wiring, database_url

ADMINISTRATORS = ("serg", "igor")


def release(settings: Settings) -> dict[str, str]:
    """Bring the database up to date; safe to repeat. Returns the passwords that were made up just now, by user.

    The ingest password is under the key "ingest". Given passwords count at the first start only.
    """
    wiring = Wiring(settings, role="release", pool_size=2)
    upgrade(database_url(settings))
    made: dict[str, str] = {}
    for username in ADMINISTRATORS:
        given = settings.admin_passwords.get(username)
        password = given or secrets.token_urlsafe(12)
        if wiring.access.add_administrator(username, password) and not given:
            made[username] = password
    if not wiring.settings_service.has_ingest_password():
        password = settings.ingest_password or secrets.token_urlsafe(9)
        wiring.settings_service.change({"ingest_password": password}, None)
        if not settings.ingest_password:
            made["ingest"] = password
    wiring.database.close()
    return made
