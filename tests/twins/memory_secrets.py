"""The providers' secrets in memory: a value remembers the key that it was stored under, and is of no use without it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.ports.secrets import SecretUnreadable, StoredSecret
from tests.twins.memory_database import MemoryDatabase


@dataclass(frozen=True, slots=True)
class _Row:
    secret: StoredSecret
    key: str = field(repr=False)


class MemorySecretStore:
    """Implements ports.SecretStore."""

    def __init__(self, database: MemoryDatabase, keys: Sequence[str]) -> None:
        self._database = database
        self._keys = tuple(keys)

    def of(self, provider: str) -> Mapping[str, StoredSecret]:
        with self._database.transaction():
            return {name: self._seen(row) for (owner, name), row in self._rows.items() if owner == provider}

    def all(self) -> Mapping[str, Mapping[str, StoredSecret]]:
        with self._database.transaction():
            return {owner: self.of(owner) for owner, _ in self._rows}

    def put(self, provider: str, name: str, value: str | None, author: str | None) -> None:
        with self._database.transaction():
            secret = StoredSecret(value, author, self._database.now())
            self._rows[provider, name] = _Row(secret, self._keys[0])

    def rotate(self) -> int:
        with self._database.transaction():
            kept = {place: row for place, row in self._rows.items() if row.secret.value is not None}
            for (provider, name), row in kept.items():
                if row.key not in self._keys:
                    raise SecretUnreadable(f"{name} of {provider} needs a key that ENCRYPTION_KEYS lacks")
                self._rows[provider, name] = replace(row, key=self._keys[0])
            return len(kept)

    def _seen(self, row: _Row) -> StoredSecret:
        if row.secret.value is None or row.key in self._keys:
            return row.secret
        return replace(row.secret, value=None, is_readable=False)

    @property
    def _rows(self) -> dict[tuple[str, str], _Row]:
        return self._database.table("provider_secret")
