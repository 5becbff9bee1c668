"""Bearer tokens: named, scoped, ending, revocable, and known by a digest only."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.errors import Reason, Refused
from app.ports.access import Account, Scope
from app.services.access.tokens import LOGIN_TOKEN_SECONDS, LOGIN_TOKENS_MAX, TokenService
from tests.services.house import House

WANTED = {"name": "Night upload", "scope": "read", "expires_in_days": 30}


class Issuer(House):
    """A house whose programs come in by token."""

    def __init__(self) -> None:
        super().__init__()
        self.stores.accounts.add(Account("serg", "hash"))
        self.service = TokenService(
            tokens=self.stores.tokens, audit=self.stores.audit, transaction=self.stores.transaction
        )

    def problems(self, wanted: dict[str, Any]) -> dict[str, Any]:
        with pytest.raises(Refused) as raised:
            self.service.issue(wanted, "serg")
        assert raised.value.reason is Reason.INVALID_SETTINGS
        assert self.service.valid(1, 10) == ([], 0)
        fields: dict[str, Any] = raised.value.details["fields"]
        return fields


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


def test_a_token_is_what_was_asked_for(issuer: Issuer) -> None:
    secret, token = issuer.service.issue(WANTED, "serg")
    assert (token.name, token.scope, token.username) == ("Night upload", Scope.READ, "serg")
    assert token.expires_at - token.created_at == timedelta(days=30)
    assert issuer.service.use(secret) == token


def test_it_ends_when_it_was_said_to(issuer: Issuer) -> None:
    secret, _ = issuer.service.issue({**WANTED, "expires_in_days": 1}, "serg")
    issuer.stores.pass_time(24 * 3600 - 5)
    assert issuer.service.use(secret) is not None
    issuer.stores.pass_time(6)
    assert issuer.service.use(secret) is None


def test_the_token_of_a_login_may_write_for_twelve_hours(issuer: Issuer) -> None:
    secret, token = issuer.service.issue_for_login("serg")
    assert (token.name, token.scope) == ("POST /api/login", Scope.WRITE)
    assert token.expires_at - token.created_at == timedelta(seconds=LOGIN_TOKEN_SECONDS) == timedelta(hours=12)
    assert issuer.service.use(secret) is not None


def test_only_the_newest_tokens_of_logins_stay(issuer: Issuer) -> None:
    issuer.stores.accounts.add(Account("igor", "hash"))
    named, igors = issuer.service.issue(WANTED, "serg")[0], issuer.service.issue_for_login("igor")[0]
    secrets = [issuer.service.issue_for_login("serg")[0] for _ in range(LOGIN_TOKENS_MAX + 3)]
    assert [issuer.service.use(secret) is not None for secret in secrets] == [False] * 3 + [True] * LOGIN_TOKENS_MAX
    assert issuer.service.use(named) is not None
    assert issuer.service.use(igors) is not None


def test_none_outlives_the_token_that_asked_for_it(issuer: Issuer) -> None:
    _, login = issuer.service.issue_for_login("serg")
    _, capped = issuer.service.issue(WANTED, "serg", login.expires_at)
    _, longest = issuer.service.issue({**WANTED, "expires_in_days": 366}, "serg")
    _, shorter = issuer.service.issue({**WANTED, "expires_in_days": 1}, "serg", longest.expires_at)
    assert capped.expires_at == login.expires_at
    assert shorter.expires_at - shorter.created_at == timedelta(days=1)


def test_only_a_digest_of_the_secret_is_kept(issuer: Issuer) -> None:
    secret, token = issuer.service.issue(WANTED, "serg")
    [stored_as] = issuer.database.table("api_token")
    assert secret not in str(issuer.database.table("api_token"))
    assert [issuer.service.use(text) for text in (stored_as, str(token.id))] == [None, None]


def test_every_secret_is_another(issuer: Issuer) -> None:
    assert len({issuer.service.issue(WANTED, "serg")[0] for _ in range(5)}) == 5


@pytest.mark.parametrize("secret", ["", "guess", "токен", "\ud800", "\x00"])
def test_what_is_no_token_is_nobody(issuer: Issuer, secret: str) -> None:
    assert issuer.service.use(secret) is None


def test_a_revoked_token_is_nobody(issuer: Issuer) -> None:
    secret, token = issuer.service.issue(WANTED, "serg")
    issuer.service.revoke(token.id, "igor")
    assert issuer.service.use(secret) is None
    with pytest.raises(Refused) as raised:
        issuer.service.revoke(token.id, "igor")
    assert raised.value.reason is Reason.NOT_FOUND


def test_both_are_on_record_without_the_secret(issuer: Issuer) -> None:
    secret, token = issuer.service.issue(WANTED, "serg")
    issuer.service.revoke(token.id, "igor")
    [revoked, issued], _ = issuer.stores.audit.search(page=1, page_size=10)
    assert (issued.username, issued.action, issued.subject) == ("serg", "token.issued", "Night upload")
    assert issued.detail == {"scope": "read", "expires_at": token.expires_at.isoformat()}
    assert (revoked.username, revoked.action, revoked.detail) == ("igor", "token.revoked", {"username": "serg"})
    assert secret not in str(issuer.database.table("audit_log"))


def test_nothing_is_on_record_of_a_token_that_never_was(issuer: Issuer) -> None:
    with pytest.raises(Refused):
        issuer.service.revoke(UUID(int=0), "serg")
    assert issuer.stores.audit.search(page=1, page_size=10) == ([], 0)


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "two\nlines", "nul\x00", "\ud800", None, 7, ["x"]])
def test_a_name_is_needed_that_people_can_read(issuer: Issuer, name: object) -> None:
    assert issuer.problems({**WANTED, "name": name}) == {"name": {"code": "bad_length", "minimum": 1, "maximum": 60}}


@pytest.mark.parametrize("scope", ["", "admin", "READ", None, 1, ["read"]])
def test_a_scope_is_one_of_two(issuer: Issuer, scope: object) -> None:
    assert issuer.problems({**WANTED, "scope": scope}) == {
        "scope": {"code": "not_an_option", "options": ["read", "write"]}
    }


@pytest.mark.parametrize("days", [0, -1, 367, 1.5, "30", True, None, 10**30])
def test_no_token_is_for_ever(issuer: Issuer, days: object) -> None:
    assert issuer.problems({**WANTED, "expires_in_days": days}) == {
        "expires_in_days": {"code": "out_of_range", "minimum": 1, "maximum": 366}
    }


def test_everything_that_is_wrong_is_said_at_once(issuer: Issuer) -> None:
    assert issuer.problems({"colour": "red"}).keys() == {"name", "scope", "expires_in_days", "colour"}
