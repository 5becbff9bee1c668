"""Bearer tokens on the settings page: who has which, a new one, whose secret is shown once, and their end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app.domain.errors import Reason, Refused
from app.ports.access import Scope, Token
from app.services.access.tokens import LIFETIME_DAYS, LOGIN_TOKEN, NAME_LENGTH
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.pages.phrases import problem
from app.web.pages.site import answer, blueprint, is_htmx
from app.web.use_cases import services

_READ = 200
_SHOWN = 50
_FIRST = {"name": "", "scope": Scope.READ.value, "expires_in_days": "90"}


@dataclass(frozen=True, slots=True)
class TokensCard:
    """What the card shows: the newest of `total` tokens, the new one's form, and a secret just issued.

    Those that programs got for a password stand apart: they come and go, and would bury the others.
    """

    tokens: Sequence[Token]
    total: int
    typed: Mapping[str, str] = field(default_factory=lambda: _FIRST)
    problems: Mapping[str, str] = field(default_factory=dict)
    issued: Token | None = None
    secret: str = field(default="", repr=False)

    @property
    def named(self) -> list[Token]:
        return [token for token in self.tokens if token.name != LOGIN_TOKEN][:_SHOWN]

    @property
    def logins(self) -> list[Token]:
        return [token for token in self.tokens if token.name == LOGIN_TOKEN][:_SHOWN]

    @property
    def unseen(self) -> int:
        return self.total - len(self.named) - len(self.logins)

    @property
    def focus(self) -> str | None:
        return next(iter(self.problems), None)

    @property
    def name_max(self) -> int:
        return NAME_LENGTH[1]

    @property
    def days(self) -> tuple[int, int]:
        return LIFETIME_DAYS


def card() -> TokensCard:
    return TokensCard(*services().tokens.valid(1, _READ))


@blueprint.post("/settings/tokens")
def issue_token() -> ResponseReturnValue:
    """The secret is in this answer only: neither in an address nor in a message that waits for the next page."""
    typed = {name: request.form.get(name, "").strip() for name in _FIRST}
    days = typed["expires_in_days"]
    wanted = {**typed, "expires_in_days": int(days) if days.isdecimal() and len(days) < 6 else days}
    try:
        secret, token = services().tokens.issue(wanted, require_user(), current_user.expires_at)
    except Refused as refused:
        if refused.reason is not Reason.INVALID_SETTINGS:
            raise
        problems = {f"token-{name}": problem(why, typed.get(name)) for name, why in refused.details["fields"].items()}
        tokens, total = services().tokens.valid(1, _READ)
        return _answer(TokensCard(tokens, total, typed, problems), STATUS[refused.reason])
    tokens, total = services().tokens.valid(1, _READ)
    return _answer(TokensCard(tokens, total, issued=token, secret=secret), 201)


@blueprint.post("/settings/tokens/<uuid:token_id>/revoke")
def revoke_token(token_id: UUID) -> ResponseReturnValue:
    services().tokens.revoke(token_id, require_user())
    if is_htmx():
        return _answer(card())
    return redirect(url_for("pages.settings", _anchor="tokens"), 303)


def _answer(shown: TokensCard, status: int = 200) -> ResponseReturnValue:
    title = gettext("API tokens")
    return answer("settings_part.html", "_tokens.html", status, title=title, anchor="tokens", tokens_card=shown)
