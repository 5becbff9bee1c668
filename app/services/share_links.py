"""Links by which guests come to photos: opening them, and giving them out."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from app.domain.errors import Reason, Refused
from app.domain.share_link import Audience, ShareLink, days_problem, link_problems
from app.domain.share_token import LinkKey, digest_of
from app.domain.text import is_storable, uuid_in
from app.ports.access import GuestGuard, PasswordHasher
from app.ports.audit import AuditLog
from app.ports.sharing import EventStore, NewShareLink, ShareLinkStore
from app.ports.slots import SlotStore
from app.ports.upkeep import Transaction

_DAY_SECONDS = 24 * 3600
_NO_SUCH_EVENT = {"event_id": {"code": "not_an_option"}}


class ShareLinkService:
    def __init__(
        self,
        *,
        links: ShareLinkStore,
        events: EventStore,
        slots: SlotStore,
        key: LinkKey,
        guard: GuestGuard,
        hasher: PasswordHasher,
        audit: AuditLog,
        transaction: Transaction,
    ) -> None:
        self._links = links
        self._events = events
        self._slots = slots
        self._key = key
        self._guard = guard
        self._hasher = hasher
        self._audit = audit
        self._transaction = transaction

    def open(self, token: str, client: str) -> ShareLink:
        """The link that a guest at the address `client` has come by.

        Raises Refused: NOT_FOUND, the same for whatever is no token of ours; TOO_MANY_ATTEMPTS instead if that comes
        too often; LINK_CLOSED for one that has expired or was revoked. A link with a password must be unlocked too.
        """
        link = self._links.opened(digest_of(token))
        if link is None:
            self._guard.missed(client)
            raise Refused(Reason.NOT_FOUND, "There is no such link.")
        if not link.is_open:
            raise _closed()
        return link

    def unlock(self, link: ShareLink, password: str, client: str) -> str:
        """The stamp by which the guest's browser shows from now on that it knew the password.

        Raises Refused: INVALID_PASSWORD, or TOO_MANY_ATTEMPTS with retry_after.
        """
        if link.password_hash is not None:
            self._guard.check(link.id, link.password_hash, client, password.strip())
        return self.lock_stamp(link)

    def lock_stamp(self, link: ShareLink) -> str:
        """43 characters of base64url. Another password, another SECRET_KEY and another link have another."""
        return self._key.stamp(link.id, link.password_hash or "")

    def is_unlocked(self, link: ShareLink, stamp: str) -> bool:
        """Whether a guest who brings `stamp` may come in; nobody needs one for a link without a password."""
        return not link.has_password or hmac.compare_digest(
            self.lock_stamp(link).encode(), stamp.encode("utf-8", "surrogatepass")
        )

    def token_of(self, link: ShareLink) -> str | None:
        """What the link's addresses /s/<token> and /wall/<token> are made of.

        None if SECRET_KEY has changed since: what was given out goes on working, but nobody can make it again.
        """
        token = self._key.token(link.id)
        return token if digest_of(token) == link.digest else None

    def page(
        self, page: int, page_size: int, *, slot_id: str | None = None, event_id: UUID | None = None
    ) -> tuple[Sequence[ShareLink], int]:
        """A page of links, of one slot or event where one is given, open ones first, and how many there are in all."""
        if not is_storable(slot_id or ""):
            return [], 0
        return self._links.page(page, page_size, slot_id=slot_id, event_id=event_id)

    def find(self, link_id: UUID) -> ShareLink:
        """Open or not; raises Refused(NOT_FOUND)."""
        link = self._links.get(link_id)
        if link is None:
            raise Refused(Reason.NOT_FOUND, "There is no such link.")
        return link

    def create(self, wanted: Mapping[str, Any], author: str) -> ShareLink:
        """`wanted` holds `expires_in_days`, either `slot_id` or `event_id`, and may hold `name`, `audience` (all),
        `allows_archive` (false) and `password` (none). Raises Refused(INVALID_SETTINGS) with details by field.
        """
        problems = link_problems(wanted) or self._scope_problems(wanted)
        if problems:
            raise _impossible(problems)
        new = self._new(wanted, author)
        with self._transaction():
            try:
                link = self._links.add(new)
            except LookupError:  # the event was removed a moment ago
                raise _impossible(_NO_SUCH_EVENT) from None
            self._audit.record(author, "link.created", str(link.id), _told(link))
        return link

    def revoke(self, link_id: UUID, author: str) -> ShareLink:
        """From now on nobody comes in by it; raises Refused: NOT_FOUND, or LINK_CLOSED if nobody could."""
        with self._transaction():
            self.find(link_id)
            link = self._links.revoke(link_id, author)
            if link is None:
                raise _closed()
            self._audit.record(author, "link.revoked", str(link.id), {"label": _label(link)})
        return link

    def prolong(self, link_id: UUID, days: Any, author: str) -> ShareLink:
        """Let it live for `days` from now on; raises Refused(INVALID_SETTINGS) and as `revoke` does."""
        if problem := days_problem(days):
            fields = {"expires_in_days": problem}
            raise Refused(Reason.INVALID_SETTINGS, "The link cannot live so long.", details={"fields": fields})
        with self._transaction():
            old = self.find(link_id)
            link = self._links.prolong(link_id, old.read_at + timedelta(days=days))
            if link is None:
                raise _closed()
            ends = [old.expires_at.isoformat(), link.expires_at.isoformat()]
            self._audit.record(author, "link.prolonged", str(link.id), {"label": _label(link), "expires_at": ends})
        return link

    def _scope_problems(self, wanted: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """A slot or an event that there is not."""
        slot_id = wanted.get("slot_id")
        if slot_id is not None:
            known = [slot.id for slot in self._slots.all()]
            return {} if slot_id in known else {"slot_id": {"code": "not_an_option", "options": known}}
        event_id = uuid_in(wanted["event_id"])
        is_known = event_id is not None and self._events.get(event_id) is not None
        return {} if is_known else _NO_SUCH_EVENT

    def _new(self, wanted: Mapping[str, Any], author: str) -> NewShareLink:
        link_id, password = uuid4(), wanted.get("password")
        return NewShareLink(
            id=link_id,
            digest=digest_of(self._key.token(link_id)),
            name=wanted.get("name", "").strip(),
            slot_id=wanted.get("slot_id"),
            event_id=uuid_in(wanted.get("event_id") or ""),
            audience=Audience(wanted.get("audience", Audience.ALL)),
            allows_archive=wanted.get("allows_archive", False),
            password_hash=self._hasher.hash(password.strip()) if password is not None else None,
            lifetime_seconds=wanted["expires_in_days"] * _DAY_SECONDS,
            author=author,
        )


def _impossible(problems: Mapping[str, Any]) -> Refused:
    return Refused(Reason.INVALID_SETTINGS, "The link cannot be like this.", details={"fields": problems})


def _closed() -> Refused:
    return Refused(Reason.LINK_CLOSED, "The link has expired or was revoked.")


def _label(link: ShareLink) -> str:
    """What people know it by."""
    return link.name or (link.event.name if link.event else link.slot_id or "")


def _told(link: ShareLink) -> dict[str, Any]:
    """As the audit log tells it: of the password only that there is one."""
    return {
        "label": _label(link),
        **({"event": link.event.name} if link.event else {"slot_id": link.slot_id}),
        "audience": link.audience.value,
        "allows_archive": link.allows_archive,
        **({"password": "set"} if link.has_password else {}),
        "expires_at": link.expires_at.isoformat(),
    }
