"""The contract of the providers' secrets, held by PostgreSQL and by the twin; and what PostgreSQL really keeps."""

import contextlib
import traceback

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from app.ports.secrets import SecretStore, SecretUnreadable
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores

Stores = MemoryStores | PostgresStores
OLD, NEW, LOST = (Fernet.generate_key().decode() for _ in range(3))
SECRET = "AIzaSy-ключ-1234567890"


def values(store: SecretStore, provider: str = "gemini") -> dict[str, str | None]:
    return {name: secret.value for name, secret in store.of(provider).items()}


class TestContract:
    def test_what_nobody_touched_is_not_there(self, stores: Stores) -> None:
        assert stores.secrets_of(OLD).of("gemini") == {}

    def test_a_value_comes_back_with_who_set_it(self, stores: Stores) -> None:
        store = stores.secrets_of(OLD)
        store.put("gemini", "api_key", SECRET, "serg")
        store.put("openai", "api_key", "another", None)
        kept = store.of("gemini")["api_key"]
        assert (kept.value, kept.updated_by, kept.is_readable) == (SECRET, "serg", True)
        assert kept.updated_at.tzinfo is not None
        assert values(store, "openai") == {"api_key": "another"}

    def test_those_of_all_providers_come_at_once(self, stores: Stores) -> None:
        store = stores.secrets_of(OLD)
        assert store.all() == {}
        for provider, name in (("gemini", "api_key"), ("gemini", "proxy"), ("openai", "api_key")):
            store.put(provider, name, SECRET, "serg")
        assert store.all() == {provider: store.of(provider) for provider in ("gemini", "openai")}

    def test_a_removed_value_stays_known_as_removed(self, stores: Stores) -> None:
        store = stores.secrets_of(OLD)
        store.put("gemini", "proxy", "http://p:1", "serg")
        store.put("gemini", "proxy", None, "igor")
        kept = store.of("gemini")["proxy"]
        assert (kept.value, kept.updated_by, kept.is_readable) == (None, "igor", True)

    def test_an_older_key_still_decrypts_and_the_newest_encrypts(self, stores: Stores) -> None:
        stores.secrets_of(OLD).put("gemini", "api_key", SECRET, "serg")
        both = stores.secrets_of(NEW, OLD)
        assert values(both) == {"api_key": SECRET}
        both.put("gemini", "proxy", "http://p:1", "serg")
        assert values(stores.secrets_of(NEW)) == {"api_key": None, "proxy": "http://p:1"}

    def test_a_value_whose_key_is_gone_is_unreadable_until_it_is_entered_again(self, stores: Stores) -> None:
        stores.secrets_of(LOST).put("gemini", "api_key", SECRET, "serg")
        store = stores.secrets_of(NEW)
        kept = store.of("gemini")["api_key"]
        assert (kept.value, kept.updated_by, kept.is_readable) == (None, "serg", False)
        store.put("gemini", "api_key", SECRET, "igor")
        assert values(store) == {"api_key": SECRET}

    def test_after_a_rotation_the_old_key_is_not_needed_any_more(self, stores: Stores) -> None:
        old = stores.secrets_of(OLD)
        for name, value in (("api_key", SECRET), ("base_url", "https://x"), ("proxy", None)):
            old.put("gemini", name, value, "serg")
        before = old.of("gemini")
        assert stores.secrets_of(NEW, OLD).rotate() == 2
        assert stores.secrets_of(NEW).of("gemini") == before
        assert not stores.secrets_of(OLD).of("gemini")["api_key"].is_readable

    def test_a_rotation_that_cannot_read_everything_changes_nothing(self, stores: Stores) -> None:
        stores.secrets_of(OLD).put("gemini", "api_key", SECRET, "serg")
        stores.secrets_of(LOST).put("openai", "proxy", "http://p:1", "serg")
        with pytest.raises(SecretUnreadable, match="proxy of openai"):
            stores.secrets_of(NEW, OLD).rotate()
        assert values(stores.secrets_of(OLD)) == {"api_key": SECRET}

    def test_changes_of_one_transaction_come_together_or_not_at_all(self, stores: Stores) -> None:
        store = stores.secrets_of(OLD)
        with contextlib.suppress(RuntimeError), stores.transaction():
            store.put("gemini", "api_key", SECRET, "serg")
            raise RuntimeError
        assert values(store) == {}


def test_the_database_never_sees_the_plain_text(shared_postgres: PostgresStores) -> None:
    shared_postgres.reset()
    shared_postgres.secrets_of(OLD).put("gemini", "api_key", SECRET, "serg")
    with shared_postgres.transaction() as session:
        [kept] = session.scalars(text("SELECT encrypted FROM provider_secret"))
    assert SECRET.encode() not in bytes(kept)
    assert Fernet(OLD).decrypt(bytes(kept)).decode() == SECRET


@pytest.mark.parametrize("kind", ["memory", "postgres"])
def test_neither_values_nor_keys_are_shown(kind: str, shared_postgres: PostgresStores) -> None:
    shared_postgres.reset()
    stores: Stores = MemoryStores() if kind == "memory" else shared_postgres
    store = stores.secrets_of(OLD)
    store.put("gemini", "api_key", SECRET, "serg")
    try:
        stores.secrets_of(NEW).rotate()
    except SecretUnreadable as error:
        shown = "".join(traceback.format_exception(error))
    for text_of in (shown, repr(store), str(store), repr(store.of("gemini"))):
        assert SECRET not in text_of
        assert OLD not in text_of
        assert NEW not in text_of
