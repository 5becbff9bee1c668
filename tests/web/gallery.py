"""The administrators' gallery, for tests of what is on its pages and of what they do."""

from collections.abc import Callable
from uuid import UUID

from app.wiring import Wiring
from tests import pictures
from tests.web.playing_the_worker import finished
from tests.web.visitor import Page, Visitor

JPEG = pictures.jpeg(64, 48)

Finish = Callable[..., UUID]


def finishing(wiring: Wiring) -> Finish:
    """Lets a booth's photo be finished."""

    def one(slot_id: str = "slot-001") -> UUID:
        return finished(wiring, JPEG, slot_id=slot_id)

    return one


def shown(page: Page) -> list[UUID]:
    return [UUID(tile["data-photo"]) for tile in page.all("li") if tile.get("data-photo")]


def change(visitor: Visitor, action: str, *ids: UUID, htmx: bool = True, **more: str) -> Page:
    fields = {"action": action, "ids": [str(photo_id) for photo_id in ids], **more}
    answer = visitor.post("/gallery/selection", fields, htmx=htmx)
    assert answer.status_code == 200, answer.text
    return Page(answer.text)
