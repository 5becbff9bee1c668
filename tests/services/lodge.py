"""A house with events and guests' links, and the people who use them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.errors import Reason, Refused
from app.domain.events import Event
from app.domain.share_link import ShareLink
from app.domain.share_token import LinkKey
from app.ports.audit import Change
from app.services.access.guests import LinkGuard
from app.services.events import EventService
from app.services.share_links import ShareLinkService
from tests.services.house import House

EVENING = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
EVENT = {"name": "Свадьба", "starts_at": EVENING, "ends_at": EVENING + timedelta(hours=6)}
LINK = {"slot_id": "slot-003", "expires_in_days": 7}
PASSWORD = "роза-2026"
GUEST = "198.51.100.4"


class Lodge(House):
    def __init__(self) -> None:
        super().__init__()
        self.throttle = self.stores.throttle_of(window_seconds=300)
        self.links = self.links_of("the installation's secret")
        self.events = EventService(
            events=self.stores.studio_events,
            links=self.stores.share_links,
            slots=self.stores.slots,
            audit=self.stores.audit,
            transaction=self.stores.transaction,
        )

    def links_of(self, secret: str) -> ShareLinkService:
        """As an installation with this SECRET_KEY has it."""
        return ShareLinkService(
            links=self.stores.share_links,
            events=self.stores.studio_events,
            slots=self.stores.slots,
            key=LinkKey(secret),
            guard=LinkGuard(hasher=self.hasher, throttle=self.throttle),
            hasher=self.hasher,
            audit=self.stores.audit,
            transaction=self.stores.transaction,
        )

    def event(self, **changes: Any) -> Event:
        return self.events.create({**EVENT, **changes}, "serg")

    def link(self, **changes: Any) -> ShareLink:
        return self.links.create({**LINK, **changes}, "serg")

    def locked(self) -> ShareLink:
        return self.link(password=PASSWORD)

    def token(self, link: ShareLink) -> str:
        token = self.links.token_of(link)
        assert token is not None
        return token

    def refusal(self, token: str, client: str = GUEST) -> Refused:
        """Why a guest does not come in."""
        with pytest.raises(Refused) as raised:
            self.links.open(token, client)
        return raised.value

    def wrong_password(self, link: ShareLink, password: str = "guess", client: str = GUEST) -> Refused:
        with pytest.raises(Refused) as raised:
            self.links.unlock(link, password, client)
        return raised.value

    def problems(self, **changes: Any) -> dict[str, Any]:
        """Of a link that cannot be made."""
        with pytest.raises(Refused) as raised:
            self.link(**changes)
        assert raised.value.reason is Reason.INVALID_SETTINGS
        assert self.links.page(1, 10)[1] == 0
        fields: dict[str, Any] = raised.value.details["fields"]
        return fields

    def last_change(self) -> Change:
        return self.stores.audit.search(page=1, page_size=1)[0][0]

    def changes_of(self, subject: UUID) -> list[str]:
        """What was done with it, first things first."""
        found, _ = self.stores.audit.search(subject=str(subject), page=1, page_size=100)
        return [change.action for change in reversed(found)]
