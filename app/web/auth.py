"""Who asks: the session cookie of a browser, or the bearer token of a program."""

from datetime import datetime

from flask import Flask, Request, request
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFProtect

from app.domain.errors import Reason, Refused
from app.ports.access import Scope
from app.web.links import is_for_guests
from app.web.use_cases import services

csrf = CSRFProtect()
login_manager = LoginManager()
login_manager.login_view = "pages.login"
login_manager.session_protection = "basic"

_OPEN = ("/ingest/", "/api/ingest/", "/api/login", "/api/callback")
"""Here neither cookies nor tokens count: who asks brings a password, or VK its secret."""

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class User(UserMixin):  # type: ignore[misc]  # flask-login has no types
    """An administrator; `id` is the user name, and a session keeps the epoch with it.

    `scope` and `expires_at` are a token's; a session has all rights, and no end that must be heeded.
    """

    def __init__(
        self,
        username: str,
        session_epoch: int | None = None,
        scope: Scope = Scope.WRITE,
        expires_at: datetime | None = None,
    ) -> None:
        self.id = username
        self.scope = scope
        self.expires_at = expires_at
        self._session_epoch = session_epoch

    def get_id(self) -> str:
        """What a session stores."""
        return f"{self._session_epoch}:{self.id}"


def register_auth(app: Flask) -> None:
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # as long as the session
    csrf.init_app(app)
    # Looked up only by the templates that name it: an error page must not ask the database who reads it.
    login_manager.init_app(app, add_context_processor=False)
    app.jinja_env.globals["current_user"] = current_user
    app.before_request(_check_csrf)
    app.before_request(_check_scope)


def require_user() -> str:
    """The user's name; raises Refused(NOT_AUTHENTICATED)."""
    if not current_user.is_authenticated:
        raise Refused(Reason.NOT_AUTHENTICATED, "Log in, or send a bearer token from POST /api/login in Authorization.")
    return str(current_user.id)


def client_address() -> str:
    return request.remote_addr or "unknown"


@login_manager.user_loader  # type: ignore[untyped-decorator]  # flask-login has no types
def _from_session(session_id: str) -> User | None:
    """A request that brings a token is judged by that alone, as it need not prove where its form came from."""
    if _bearer(request):
        return None
    username = session_id.partition(":")[2]
    epoch = services().access.session_epoch(username)
    user = User(username, epoch)
    return user if epoch is not None and user.get_id() == session_id else None


@login_manager.request_loader  # type: ignore[untyped-decorator]  # flask-login has no types
def _from_token(incoming: Request) -> User | None:
    secret = _bearer(incoming)
    token = services().tokens.use(secret) if secret else None
    return User(token.username, scope=token.scope, expires_at=token.expires_at) if token else None


def _bearer(incoming: Request) -> str:
    scheme, _, secret = incoming.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _check_csrf() -> None:
    """A browser sends cookies by itself, and therefore must prove where its form came from; a token proves itself.

    Guests have no session, and their only form asks for a password.
    """
    carries_no_cookie = bool(_bearer(request)) or request.path.startswith(_OPEN)
    if carries_no_cookie or request.endpoint is None or is_for_guests(request.path):
        return
    if request.blueprint == "api" and not current_user.is_authenticated:
        return  # who is no user is told so, rather than that a token is missing
    csrf.protect()


def _check_scope() -> None:
    """A token that may only read changes nothing, whatever the address."""
    if request.method in _SAFE_METHODS or not _bearer(request) or request.path.startswith(_OPEN):
        return
    if current_user.is_authenticated and current_user.scope is Scope.READ:
        raise Refused(
            Reason.INSUFFICIENT_SCOPE,
            "This token may only read; what changes something needs one with the scope write.",
            details={"scope": Scope.READ.value, "needed": Scope.WRITE.value},
        )
