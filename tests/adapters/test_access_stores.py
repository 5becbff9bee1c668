"""The contracts of ports/access.py, held by PostgreSQL and by the twins in memory."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from app.ports.access import Account, Scope, Token
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores

Stores = MemoryStores | PostgresStores


class TestAccounts:
    def test_an_account_is_found_by_its_exact_name(self, stores: Stores) -> None:
        assert stores.accounts.add(Account("serg", "hash"))
        assert stores.accounts.get("serg") == Account("serg", "hash")
        assert stores.accounts.get("Serg") is None

    def test_adding_twice_changes_nothing(self, stores: Stores) -> None:
        stores.accounts.add(Account("serg", "old"))
        assert not stores.accounts.add(Account("serg", "new"))
        assert stores.accounts.get("serg") == Account("serg", "old")

    def test_a_hash_is_renewed_for_one_user(self, stores: Stores) -> None:
        for name in ("serg", "igor"):
            stores.accounts.add(Account(name, "old"))
        stores.accounts.update_hash("serg", "new")
        stores.accounts.update_hash("nobody", "new")
        assert stores.accounts.get("serg") == Account("serg", "new")
        assert stores.accounts.get("igor") == Account("igor", "old")
        assert stores.accounts.get("nobody") is None

    def test_ending_sessions_raises_one_users_epoch_and_nothing_else_does(self, stores: Stores) -> None:
        for name in ("serg", "igor"):
            stores.accounts.add(Account(name, "hash"))
        stores.accounts.end_sessions("serg")
        stores.accounts.update_hash("serg", "new")
        stores.accounts.end_sessions("serg")
        stores.accounts.end_sessions("nobody")
        assert stores.accounts.get("serg") == Account("serg", "new", session_epoch=2)
        assert stores.accounts.get("igor") == Account("igor", "hash", session_epoch=0)


class TestTokens:
    @pytest.fixture(autouse=True)
    def owners(self, stores: Stores) -> None:
        for name in ("serg", "igor"):
            stores.accounts.add(Account(name, "hash"))

    def issued(self, stores: Stores, digest: str, username: str = "serg", seconds: float = 3600) -> Token:
        return stores.tokens.issue(digest, username, f"of {digest}", Scope.READ, seconds)

    def test_a_token_is_valid_until_its_time_is_over(self, stores: Stores) -> None:
        token = stores.tokens.issue("digest", "serg", "Билеты", Scope.READ, 3600)
        assert (token.name, token.scope, token.username, token.last_used_at) == ("Билеты", Scope.READ, "serg", None)
        assert token.expires_at - token.created_at == timedelta(hours=1)
        assert token.created_at - datetime.now(UTC) == pytest.approx(timedelta(), abs=timedelta(seconds=5))
        assert stores.tokens.use("digest") == token
        stores.pass_time(3590)
        assert stores.tokens.use("digest") is not None
        stores.pass_time(11)
        assert stores.tokens.use("digest") is None
        assert stores.tokens.valid(1, 10) == ([], 0)
        assert stores.tokens.revoke(token.id) is None

    def test_an_unknown_digest_is_nobody(self, stores: Stores) -> None:
        assert stores.tokens.use("0" * 64) is None

    def test_its_last_use_is_noted_at_most_once_a_minute(self, stores: Stores) -> None:
        def noted() -> timedelta | None:
            [token] = stores.tokens.valid(1, 1)[0]
            return token.last_used_at and token.last_used_at - token.created_at

        self.issued(stores, "digest")
        assert noted() is None
        stores.tokens.use("digest")
        first = noted()
        assert first is not None
        stores.tokens.use("digest")
        assert noted() == first
        stores.pass_time(61)
        stores.tokens.use("digest")
        assert noted() == pytest.approx(timedelta(seconds=61), abs=timedelta(seconds=5))

    def test_the_newest_come_first_page_by_page(self, stores: Stores) -> None:
        for number in range(3):
            self.issued(stores, str(number))
            stores.pass_time(1)
        pages = [stores.tokens.valid(page, 2) for page in (1, 2, 3)]
        assert [[token.name for token in tokens] for tokens, _ in pages] == [["of 2", "of 1"], ["of 0"], []]
        assert {total for _, total in pages} == {3}

    def test_a_revoked_token_is_gone_and_others_stay(self, stores: Stores) -> None:
        one, other = (self.issued(stores, digest) for digest in ("one", "other"))
        gone = stores.tokens.revoke(one.id)
        assert gone is not None
        assert gone.id == one.id
        assert stores.tokens.revoke(one.id) is None
        assert (stores.tokens.use("one"), stores.tokens.use("other")) == (None, other)

    def test_a_token_may_have_to_end_earlier_than_wanted(self, stores: Stores) -> None:
        first = self.issued(stores, "first")
        ends = [
            stores.tokens.issue(digest, "serg", "x", Scope.READ, seconds, first.expires_at).expires_at
            for digest, seconds in (("longer", 7200), ("shorter", 60))
        ]
        assert ends[0] == first.expires_at
        assert ends[1] < first.expires_at

    def test_the_newest_of_a_name_are_kept(self, stores: Stores) -> None:
        for digest, username, name in (
            ("old", "serg", "a"), ("igors", "igor", "a"), ("other", "serg", "b"), ("new", "serg", "a")
        ):  # fmt: skip
            stores.tokens.issue(digest, username, name, Scope.READ, 3600)
            stores.pass_time(1)
        stores.tokens.keep_newest("serg", "a", 1)
        left = [digest for digest in ("old", "igors", "other", "new") if stores.tokens.use(digest)]
        assert left == ["igors", "other", "new"]

    def test_all_of_a_user_are_revoked_at_once(self, stores: Stores) -> None:
        for digest, username in (("one", "serg"), ("two", "serg"), ("three", "igor")):
            self.issued(stores, digest, username)
        assert [stores.tokens.revoke_all("serg"), stores.tokens.revoke_all("serg")] == [2, 0]
        assert [token.username for token in stores.tokens.valid(1, 10)[0]] == ["igor"]


class TestThrottle:
    def test_a_key_is_refused_from_its_last_allowed_failure_to_the_windows_end(self, stores: Stores) -> None:
        throttle = stores.throttle_of(window_seconds=60)
        throttle.failed("a")
        stores.pass_time(20)
        throttle.failed("a")
        assert throttle.retry_after("a", 3) is None
        throttle.failed("a")
        assert throttle.retry_after("a", 3) == pytest.approx(40, abs=2)
        assert throttle.retry_after("b", 3) is None

    def test_a_new_window_begins_with_a_clean_slate(self, stores: Stores) -> None:
        throttle = stores.throttle_of(window_seconds=60)
        for _ in range(5):
            throttle.failed("a")
        stores.pass_time(61)
        assert throttle.retry_after("a", 2) is None
        throttle.failed("a")
        assert throttle.retry_after("a", 2) is None
        throttle.failed("a")
        assert throttle.retry_after("a", 2) == pytest.approx(60, abs=2)

    def test_failing_on_does_not_prolong_the_pause(self, stores: Stores) -> None:
        throttle = stores.throttle_of(window_seconds=60)
        throttle.failed("a")
        stores.pass_time(30)
        throttle.failed("a")
        assert throttle.retry_after("a", 1) == pytest.approx(30, abs=2)

    def test_a_failure_can_be_taken_back(self, stores: Stores) -> None:
        throttle = stores.throttle_of(window_seconds=60)
        assert [throttle.failed("a"), throttle.failed("a")] == [1, 2]
        throttle.forgive("a")
        throttle.forgive("never seen")
        assert throttle.retry_after("a", 2) is None
        assert throttle.retry_after("a", 1) == pytest.approx(60, abs=2)
        throttle.forgive("a")
        assert throttle.failed("a") == 1

    def test_success_clears_the_key(self, stores: Stores) -> None:
        throttle = stores.throttle_of(window_seconds=60)
        throttle.failed("a")
        throttle.clear("a")
        throttle.clear("never seen")
        assert throttle.retry_after("a", 1) is None

    def test_failures_at_the_same_moment_all_count(self, stores: Stores) -> None:
        throttle, start = stores.throttle_of(window_seconds=60), Barrier(8)

        def fail(_: int) -> None:
            start.wait()
            throttle.failed("a")

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(fail, range(8)))
        assert throttle.retry_after("a", 8) is not None


def test_settings_are_found_by_how_their_keys_begin(stores: Stores) -> None:
    for key in ("providers.gemini.daily_budget_usd", "providers_of_old", "provider%", "time_zone"):
        stores.settings.put(key, "5", "serg")
    found = stores.settings.below("providers.")
    assert {key: (kept.value, kept.updated_by) for key, kept in found.items()} == {
        "providers.gemini.daily_budget_usd": ("5", "serg")
    }
    assert stores.settings.below("provider%") != {}
    assert stores.settings.below("%") == {}
