"""What a guest's device remembers: photos whose codes were opened on it, and links whose passwords were given there.

Both are signed with SECRET_KEY, so that nobody can make them up, and a changed key ends them.
"""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.domain.share_link import ShareLink
from app.web.use_cases import services

PHOTOS_MAX = 60
PHOTOS_LIFETIME = timedelta(days=7)
LINKS_MAX = 20
LINKS_LIFETIME = timedelta(days=7)
"""After its last use; in use it is signed anew each day, so that no screen locks itself while its link is open."""

_RENEWAL = timedelta(days=1)
_PHOTOS = "photos"
_LINKS = "links"


def remembered() -> Sequence[UUID]:
    """The photos that this device remembers, those opened last first."""
    kept = _read(_PHOTOS, PHOTOS_LIFETIME)
    return [UUID(text) for text in kept] if isinstance(kept, list) else []


def remember(response: Response, photo_id: UUID) -> None:
    """This photo's own code was opened here."""
    others = [known for known in remembered() if known != photo_id]
    _sign(response, _PHOTOS, [known.hex for known in (photo_id, *others)][:PHOTOS_MAX], PHOTOS_LIFETIME)


def forget_photos(response: Response) -> None:
    """The next one who holds this device shall not see them."""
    response.delete_cookie(_PHOTOS)


def is_unlocked(link: ShareLink) -> bool:
    """Whether the link has no password, or this device was given it as it is now, which it then goes on knowing."""
    stamp = _unlocked().get(link.id.hex, "")
    if not services().share_links.is_unlocked(link, stamp):
        return False
    if stamp and _read(_LINKS, _RENEWAL) is None:
        after_this_request(lambda response: _renewed(response, link, stamp))
    return True


def remember_unlocked(response: Response, link: ShareLink, stamp: str) -> None:
    """`stamp` is what ShareLinkService.unlock gave for the password."""
    kept = {link.id.hex: stamp}
    kept.update((known, stamp) for known, stamp in _unlocked().items() if known != link.id.hex)
    _sign(response, _LINKS, dict(list(kept.items())[:LINKS_MAX]), LINKS_LIFETIME)


def give(response: Response, name: str, value: str, lifetime: timedelta) -> None:
    """A cookie that other sites' requests do not bring; over HTTPS it never leaves by plain HTTP."""
    response.set_cookie(name, value, max_age=lifetime, secure=_is_https(), httponly=True, samesite="Lax")


def _renewed(response: Response, link: ShareLink, stamp: str) -> Response:
    remember_unlocked(response, link, stamp)
    return response


def _unlocked() -> dict[str, str]:
    kept = _read(_LINKS, LINKS_LIFETIME)
    return kept if isinstance(kept, dict) else {}


def _read(name: str, lifetime: timedelta) -> object:
    """None for a cookie that is missing, forged or older than that."""
    try:
        kept: object = _signer(name).loads(request.cookies.get(name, ""), max_age=int(lifetime.total_seconds()))
    except BadSignature:
        return None
    return kept


def _sign(response: Response, name: str, value: object, lifetime: timedelta) -> None:
    signed = _signer(name).dumps(value)
    give(response, name, signed if isinstance(signed, str) else signed.decode(), lifetime)


def _signer(name: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=f"guest-{name}")


def _is_https() -> bool:
    """Behind a proxy that nobody told us of, a request to the public address says by its host how it came."""
    base = urlsplit(current_app.config["PUBLIC_BASE_URL"] or "")
    return request.is_secure or (base.scheme == "https" and base.netloc == request.host)
