"""The smaller pictures of a finished photo."""

import base64
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from app.domain.errors import DatabaseUnavailable
from app.domain.media import PLACEHOLDER_SIDE
from app.services.processing.previews import Previews
from tests import pictures
from tests.services.house import House, shot
from tests.twins.memory_media_store import MemoryMediaStore
from tests.twins.troubled_media import FullFor


class Darkroom(House):
    """A house in which previews are made of a finished photo."""

    def __init__(self, media: MemoryMediaStore | None = None) -> None:
        super().__init__()
        self.media = media or self.media
        self.previews = Previews(self.media, self.images, self.stores.photos)
        self.job_id = self.finished()

    @property
    def made(self) -> set[str]:
        return {entry.key for entry in self.media.list("previews")}

    @property
    def placeholder(self) -> bytes:
        photo = self.stores.photos.find(self.job_id)
        assert photo is not None
        return base64.b64decode(photo.placeholder, validate=True)

    def make(self, picture: bytes) -> list[str]:
        """What is told of it in the log."""
        with capture_logs() as logs:
            self.previews.make(self.job_id, picture)
        return [entry["event"] for entry in logs]


@pytest.fixture
def darkroom() -> Darkroom:
    return Darkroom()


def both(job_id: UUID) -> set[str]:
    return {f"previews/{job_id}/{size}.webp" for size in ("grid", "large")}


def test_a_photo_gets_two_previews_and_a_placeholder(darkroom: Darkroom) -> None:
    assert darkroom.make(shot(900, 600)) == []
    assert darkroom.made == both(darkroom.job_id)
    tiny = pictures.opened(darkroom.placeholder)
    assert (tiny.format, tiny.size) == ("WEBP", (PLACEHOLDER_SIDE, round(PLACEHOLDER_SIDE * 2 / 3)))


@pytest.mark.parametrize("size", [(900, 600), (600, 900), (2000, 10), (1, 1)])
def test_a_placeholder_is_small_enough_to_stand_in_a_page(darkroom: Darkroom, size: tuple[int, int]) -> None:
    darkroom.make(shot(*size))
    assert 0 < len(darkroom.placeholder) < 500
    assert max(pictures.opened(darkroom.placeholder).size) <= PLACEHOLDER_SIDE


def test_without_the_database_there_is_no_placeholder(darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise DatabaseUnavailable("gone")

    monkeypatch.setattr(darkroom.stores.photos, "set_placeholder", away)
    assert darkroom.make(shot()) == ["placeholder_not_kept"]
    assert darkroom.made == both(darkroom.job_id)
    assert darkroom.placeholder == b""


def test_without_room_for_previews_there_is_a_placeholder() -> None:
    darkroom = Darkroom(FullFor("previews/"))
    assert darkroom.make(shot()) == ["preview_not_made"] * 2
    assert darkroom.made == set()
    assert pictures.opened(darkroom.placeholder).format == "WEBP"


def test_of_what_is_no_picture_there_is_nothing(darkroom: Darkroom) -> None:
    assert darkroom.make(b"no picture") == ["preview_not_made"] * 2
    assert (darkroom.made, darkroom.placeholder) == (set(), b"")
