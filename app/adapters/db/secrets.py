"""Keys, proxies and addresses of the providers, encrypted with Fernet (AES-128-CBC and HMAC-SHA256)."""

from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.adapters.db.connection import Database
from app.adapters.db.schema import provider_secret
from app.ports.secrets import SecretUnreadable, StoredSecret

_KEY_COLUMNS = (provider_secret.c.provider, provider_secret.c.name)


class PostgresSecretStore:
    """Implements ports.SecretStore. `keys` are Fernet keys, newest first; any of them decrypts, the newest encrypts."""

    def __init__(self, database: Database, keys: Sequence[str]) -> None:
        self._database = database
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def of(self, provider: str) -> Mapping[str, StoredSecret]:
        rows = self._database.run(select(provider_secret).where(provider_secret.c.provider == provider))
        return {row.name: self._decrypted(row) for row in rows}

    def all(self) -> Mapping[str, Mapping[str, StoredSecret]]:
        found: dict[str, dict[str, StoredSecret]] = {}
        for row in self._database.run(select(provider_secret)):
            found.setdefault(row.provider, {})[row.name] = self._decrypted(row)
        return found

    def put(self, provider: str, name: str, value: str | None, author: str | None) -> None:
        encrypted = None if value is None else self._fernet.encrypt(value.encode())
        values = {"encrypted": encrypted, "updated_by": author, "updated_at": func.now()}
        statement = insert(provider_secret).values(provider=provider, name=name, **values)
        self._database.run(statement.on_conflict_do_update(index_elements=_KEY_COLUMNS, set_=values))

    def rotate(self) -> int:
        kept = select(provider_secret).where(provider_secret.c.encrypted.is_not(None)).with_for_update()
        renewed = (
            update(provider_secret)
            .where(*(column == bindparam(f"of_{column.name}") for column in _KEY_COLUMNS))
            .values(encrypted=bindparam("renewed"))
        )
        with self._database.transaction() as session:
            rows = session.execute(kept.order_by(*_KEY_COLUMNS)).all()
            for row in rows:
                session.execute(renewed, self._rotated(row))
        return len(rows)

    def _decrypted(self, row: Row[Any]) -> StoredSecret:
        if row.encrypted is None:
            return StoredSecret(None, row.updated_by, row.updated_at)
        try:
            value = self._fernet.decrypt(row.encrypted).decode()
        except InvalidToken:
            return StoredSecret(None, row.updated_by, row.updated_at, is_readable=False)
        return StoredSecret(value, row.updated_by, row.updated_at)

    def _rotated(self, row: Row[Any]) -> dict[str, Any]:
        try:
            renewed = self._fernet.rotate(row.encrypted)
        except InvalidToken:
            raise SecretUnreadable(f"{row.name} of {row.provider} needs a key that ENCRYPTION_KEYS lacks") from None
        return {"of_provider": row.provider, "of_name": row.name, "renewed": renewed}
