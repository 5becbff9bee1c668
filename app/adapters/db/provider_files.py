"""What lies at the providers: where it is, and until when."""

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.adapters.db.connection import Database
from app.adapters.db.expiry import forget
from app.adapters.db.schema import provider_file

_LEAST_LEFT = timedelta(minutes=10)


class PostgresRemoteFiles:
    """Implements ports.RemoteFiles and ports.ExpiringRows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, provider: str, account: str, sha256: str) -> str | None:
        is_good = provider_file.c.expires_at > func.now() + _LEAST_LEFT
        rows = self._database.run(select(provider_file.c.address).where(_is(provider, account, sha256), is_good))
        return rows[0].address if rows else None

    def keep(self, provider: str, account: str, sha256: str, address: str, lifetime_seconds: float) -> None:
        place = {"address": address, "expires_at": func.now() + timedelta(seconds=lifetime_seconds)}
        statement = insert(provider_file).values(provider=provider, account=account, sha256=sha256, **place)
        self._database.run(statement.on_conflict_do_update(constraint=provider_file.primary_key, set_=place))

    def forget(self, provider: str, account: str, sha256: str) -> None:
        self._database.run(delete(provider_file).where(_is(provider, account, sha256)))

    def forget_expired(self, limit: int) -> int:
        return forget(self._database, provider_file, provider_file.c.expires_at <= func.now(), limit)


def _is(provider: str, account: str, sha256: str) -> ColumnElement[bool]:
    columns = provider_file.c
    return (columns.provider == provider) & (columns.account == account) & (columns.sha256 == sha256)
