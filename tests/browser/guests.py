"""What tests of guests' pages share: photos that have their files, links, and a phone's size."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from playwright.sync_api import Locator, expect

from app.domain.share_link import ShareLink
from app.wiring import Wiring
from tests.browser import photos
from tests.support.installation import Installation

SOON_MS = 5_000
"""Within which an open page that somebody sees has learnt of what has changed: it asks every two seconds."""


def shared(wiring: Wiring, **wanted: Any) -> ShareLink:
    return wiring.services().share_links.create({"expires_in_days": 3, **wanted}, "serg")


def address(wiring: Wiring, link: ShareLink) -> str:
    return f"/s/{wiring.services().share_links.token_of(link)}"


def gallery_of(wiring: Wiring, slot: str, **wanted: Any) -> str:
    """The address of a new gallery."""
    return address(wiring, shared(wiring, slot_id=slot, **wanted))


def give_picture(house: Installation, photo_id: UUID) -> None:
    """The picture itself, beside its previews."""
    data = photos.picture_of((1800, 1200), 0)
    (house.media / "results").mkdir(exist_ok=True)
    (house.media / f"results/{photo_id}.jpg").write_bytes(data)
    house.ledger.ask("UPDATE job SET result_size_bytes = :size WHERE id = :id", size=len(data), id=photo_id)


def photos_of_slot(house: Installation, slot: str, number: int, *, with_pictures: int) -> Iterator[list[UUID]]:
    """Photos of a slot, newest first, while a fixture lasts; the first have their pictures too, not only previews."""
    made = photos.finished(house, number, slot=slot)
    for photo_id in made[:with_pictures]:
        give_picture(house, photo_id)
    yield made
    house.ledger.ask("DELETE FROM job WHERE slot_id = :slot", slot=slot)


def is_drawn(picture: Locator) -> None:
    expect(picture).to_be_visible()
    picture.evaluate("(image) => image.decode()")
