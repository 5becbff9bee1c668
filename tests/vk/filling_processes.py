"""Processes that fill albums, over one PostgreSQL database and one fake VK; some die at a given step."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from app.adapters.db.connection import Database
from app.adapters.db.vk.pace import PostgresTokenPace
from app.adapters.files import open_media_store
from app.adapters.images import Images
from app.services.vk.filling import AlbumFiller
from app.services.vk.media import VkMediaService
from app.services.vk.tokens import CommunityTokens
from app.services.vk.uploads import Uploads
from tests.adapters.vk_calls import RULES, Client
from tests.support.postgres_stores import PostgresStores
from tests.vk.filling_house import album_filler, album_finder
from tests.vk.media_house import KEY
from tests.vk.tracker_processes import AFTER, BEFORE, PROCESSES, Death, Mortal, Place, ended

DEATHS = (
    Death("uploads.take", AFTER),
    *(
        Death(step, moment)
        for step in ("photos.createAlbum", "uploads.announce", "api.upload", "photos.save")
        for moment in (BEFORE, AFTER)
    ),
    Death("albums.remember", BEFORE),
    Death("uploads.sent", BEFORE),
)


def fill_and_die(place: Place, death: Death) -> None:
    """Fill albums in a process until it dies; fails if it survives."""
    process = PROCESSES.Process(target=_fill_until_death, args=(place, death))
    process.start()
    assert ended(process) == -signal.SIGKILL, f"it was not killed {death}"


def fill_together(place: Place, number: int) -> None:
    """So many processes fill whatever is due, all from the same moment on."""
    start = PROCESSES.Barrier(number)
    fillers = [PROCESSES.Process(target=_fill_at, args=(place, start)) for _ in range(number)]
    for filler in fillers:
        filler.start()
    assert [ended(filler) for filler in fillers] == [0] * number


def _fill_until_death(place: Place, death: Death) -> None:
    with _filler(place, lambda target, name: Mortal(target, name, death)) as (filler, _):
        while filler.step():
            pass


def _fill_at(place: Place, start: Barrier) -> None:
    with _filler(place, lambda target, name: target) as (filler, stores):
        start.wait(60)
        while stores.album_uploads.tally("slot-001").waiting:
            filler.step()


@contextmanager
def _filler(place: Place, wrapped: Callable[[Any, str], Any]) -> Iterator[tuple[AlbumFiller, PostgresStores]]:
    database = Database(place.database_url, pool_size=2, application_name="tests-filler")
    stores = PostgresStores(database)
    stores.album_uploads = wrapped(stores.album_uploads, "uploads")
    stores.filled_albums = wrapped(stores.filled_albums, "albums")
    api = wrapped(Client(place.vk_url, PostgresTokenPace(database)), "api")
    vk = VkMediaService(
        api=api,
        uploads=Uploads(api=api, images=Images()),
        communities=stores.communities,
        tokens=CommunityTokens(secrets=stores.secrets_of(KEY), rules=RULES),
        cache=stores.vk_cache,
        audit=stores.audit,
        transaction=stores.transaction,
    )
    files = open_media_store(str(Path(place.media_root)), {})
    yield album_filler(stores, album_finder(stores, vk), vk, place.vk_url, files, time.monotonic), stores
    database.close()
