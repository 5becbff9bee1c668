"""Administrators come in by password or token; a stranger learns nothing, not even by the clock."""

import pytest

from app.domain.errors import Reason, Refused
from app.services.access import TOKEN_LIFETIME_SECONDS, AccessService
from tests.services.house import House

PASSWORD = "serg-secret-1"


class Office(House):
    """A house whose administrator is serg; three wrong attempts in five minutes are allowed."""

    def __init__(self) -> None:
        super().__init__()
        self.access = AccessService(
            accounts=self.stores.accounts,
            tokens=self.stores.tokens,
            hasher=self.hasher,
            throttle=self.stores.throttle_of(limit=3, window_seconds=300),
        )
        self.access.add_administrator("serg", PASSWORD)

    def refusal(self, username: str, password: str, client: str = "10.0.0.7") -> Refused:
        with pytest.raises(Refused) as raised:
            self.access.log_in(username, password, client)
        return raised.value


@pytest.fixture
def office() -> Office:
    return Office()


class TestPasswords:
    def test_the_right_one_says_who_came_in(self, office: Office) -> None:
        assert office.access.log_in("serg", PASSWORD, "10.0.0.7") == "serg"

    def test_a_stranger_costs_as_much_as_a_wrong_password_and_hears_the_same(self, office: Office) -> None:
        unknown = office.refusal("nobody", PASSWORD)
        wrong = office.refusal("serg", "guess")
        assert office.hasher.verified == [PASSWORD, "guess"]
        assert (unknown.reason, unknown.message, unknown.details) == (wrong.reason, wrong.message, wrong.details)
        assert unknown.reason is Reason.INVALID_CREDENTIALS

    @pytest.mark.parametrize("username", ["", "SERG", "serg ", "\ud800", "serg\x00", "s" * 100_000])
    def test_whatever_is_typed_is_wrong_and_never_an_error(self, office: Office, username: str) -> None:
        assert office.refusal(username, PASSWORD).reason is Reason.INVALID_CREDENTIALS
        assert office.hasher.verified == [PASSWORD]

    def test_the_stand_in_for_strangers_has_no_password(self, office: Office) -> None:
        for guess in ("", "plain-1:", "decoy"):
            assert office.refusal("nobody", guess, client=guess).reason is Reason.INVALID_CREDENTIALS

    def test_an_old_hash_is_renewed_on_the_way_in(self, office: Office) -> None:
        office.hasher.generation = 2
        office.access.log_in("serg", PASSWORD, "10.0.0.7")
        account = office.stores.accounts.get("serg")
        assert account is not None
        assert not office.hasher.needs_rehash(account.password_hash)
        office.access.log_in("serg", PASSWORD, "10.0.0.7")

    def test_a_wrong_password_renews_nothing(self, office: Office) -> None:
        before = office.stores.accounts.get("serg")
        office.hasher.generation = 2
        office.refusal("serg", "guess")
        assert office.stores.accounts.get("serg") == before


class TestThrottling:
    def test_guessing_at_one_user_from_many_places_is_stopped(self, office: Office) -> None:
        reasons = [office.refusal("serg", "guess", client=f"10.0.0.{number}").reason for number in range(4)]
        assert reasons == [Reason.INVALID_CREDENTIALS] * 3 + [Reason.TOO_MANY_ATTEMPTS]
        assert len(office.hasher.verified) == 3

    def test_guessing_at_many_users_from_one_place_is_stopped(self, office: Office) -> None:
        reasons = [office.refusal(f"user-{number}", "guess").reason for number in range(4)]
        assert reasons == [Reason.INVALID_CREDENTIALS] * 3 + [Reason.TOO_MANY_ATTEMPTS]
        assert office.refusal("serg", PASSWORD).retry_after == pytest.approx(300, abs=2)

    def test_coming_in_forgives_the_failures_before(self, office: Office) -> None:
        for _ in range(3):
            office.refusal("serg", "guess")
            office.refusal("serg", "guess")
            office.access.log_in("serg", PASSWORD, "10.0.0.7")

    def test_the_pause_ends(self, office: Office) -> None:
        for _ in range(3):
            office.refusal("serg", "guess")
        office.stores.pass_time(301)
        assert office.access.log_in("serg", PASSWORD, "10.0.0.7") == "serg"


class TestTokens:
    def test_a_token_stands_for_its_user_until_it_expires(self, office: Office) -> None:
        secret, token = office.access.issue_token("serg", PASSWORD, "10.0.0.7")
        assert token.username == office.access.user_of_token(secret) == "serg"
        office.stores.pass_time(TOKEN_LIFETIME_SECONDS - 60)
        assert office.access.user_of_token(secret) == "serg"
        office.stores.pass_time(61)
        assert office.access.user_of_token(secret) is None

    def test_only_a_digest_of_it_is_kept(self, office: Office) -> None:
        secret, token = office.access.issue_token("serg", PASSWORD, "10.0.0.7")
        assert secret not in str(office.database.table("api_token"))
        assert office.access.user_of_token(token.digest) is None

    def test_every_token_is_another(self, office: Office) -> None:
        secrets = {office.access.issue_token("serg", PASSWORD, "10.0.0.7")[0] for _ in range(5)}
        assert len(secrets) == 5

    def test_a_wrong_password_gets_none(self, office: Office) -> None:
        with pytest.raises(Refused):
            office.access.issue_token("serg", "guess", "10.0.0.7")
        assert office.database.table("api_token") == {}

    @pytest.mark.parametrize("secret", ["", "guess", "токен", "\ud800", "\x00"])
    def test_what_is_no_token_is_nobody(self, office: Office, secret: str) -> None:
        assert office.access.user_of_token(secret) is None


class TestAccounts:
    def test_an_administrators_password_is_not_overwritten(self, office: Office) -> None:
        assert not office.access.add_administrator("serg", "another")
        assert office.access.log_in("serg", PASSWORD, "10.0.0.7") == "serg"

    def test_sessions_of_a_user_end_without_touching_others(self, office: Office) -> None:
        office.access.add_administrator("igor", "igor-secret-1")
        before = [office.access.session_epoch(name) for name in ("serg", "igor", "nobody")]
        office.access.end_sessions("serg")
        after = [office.access.session_epoch(name) for name in ("serg", "igor", "nobody")]
        assert before == [0, 0, None]
        assert after == [1, 0, None]

    def test_a_new_password_ends_the_sessions_of_the_old(self, office: Office) -> None:
        before = office.access.session_epoch("serg")
        office.access.set_password("serg", "brand-new-1")
        assert office.access.session_epoch("serg") != before
        assert office.access.log_in("serg", "brand-new-1", "10.0.0.7") == "serg"
        assert office.refusal("serg", PASSWORD).reason is Reason.INVALID_CREDENTIALS

    def test_setting_a_strangers_password_makes_an_administrator(self, office: Office) -> None:
        office.access.set_password("igor", "igor-secret-1")
        assert office.access.log_in("igor", "igor-secret-1", "10.0.0.7") == "igor"
