"""Photos and links of guests, for tests of what they see."""

import hashlib
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

from app.domain.job import extension
from app.wiring import Wiring
from tests.factories import SUCCESS, new_job, stored_result
from tests.support.booths import photo
from tests.web.playing_the_worker import take
from tests.web.visitor import Page, Visitor

PICTURE = photo(900, 600)


def taken(
    wiring: Wiring, data: bytes = PICTURE, *, mime: str = "image/jpeg", size: tuple[int, int] = (900, 600), **job: Any
) -> UUID:
    """A photo that is finished now. `job` replaces what a NewJob has."""
    wiring.stores.queue.enqueue(replace(new_job(), **job))
    claimed = take(wiring)
    result = replace(
        stored_result(claimed.id),
        path=f"results/{claimed.id}.{extension(mime)}",
        mime_type=mime,
        size_bytes=len(data),
        checksum=hashlib.sha256(data).hexdigest(),
        width=size[0],
        height=size[1],
    )
    wiring.media.write(result.path, data)
    assert wiring.stores.queue.finalize_success(claimed, result, None, SUCCESS)
    return claimed.id


def link(wiring: Wiring, **wanted: Any) -> str:
    """The token of a new link to slot-001, unless something else is `wanted`."""
    links = wiring.services().share_links
    scope = {} if "event_id" in wanted else {"slot_id": "slot-001"}
    token = links.token_of(links.create({**scope, "expires_in_days": 7, **wanted}, "serg"))
    assert token
    return token


def shown(html: str) -> list[UUID]:
    """The photos whose tiles are there, in their order."""
    return [UUID(str(e["data-photo"])) for e in Page(html).all("li") if e.get("data-photo")]


def watched(client: FlaskClient, token: str) -> str:
    """Where the gallery's newest page looks for news."""
    return str(Visitor(client).page(f"/s/{token}").one("div", id="gallery")["data-arrivals"])
