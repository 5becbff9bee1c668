"""Post trackers in processes of their own, over one PostgreSQL database and one fake VK; some die at a given step.

They are forked from a server process that has imported everything, so that each costs hardly more than its work.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from app.adapters.db.connection import Database
from app.adapters.db.vk.pace import PostgresTokenPace
from app.adapters.files import open_media_store
from app.ports.media import MediaStore
from app.services.vk.post_tracker import PostTracker
from tests.adapters.vk_calls import Client
from tests.support.postgres_stores import PostgresStores
from tests.vk.post_house import post_tracker

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])
_LONGEST_SECONDS = 60

AFTER, BEFORE = "after", "before"
STEPS = ("posts.take_due", "posts.hold", "media.read", "api.upload", "photos.saveWallPhoto", "posts.attach")
LAST_STEPS = ("posts.announce", "wall.post", "posts.sent", "posts.unverified", "wall.get", "posts.finish")


@dataclass(frozen=True)
class Place:
    """What trackers work on."""

    database_url: str
    vk_url: str
    media_root: str


@dataclass(frozen=True)
class Ground:
    """What a house and its processes share: an empty database, a folder for files, and where these are."""

    stores: PostgresStores
    files: MediaStore
    place: Place


def new_ground(vk_url: str, stores: PostgresStores, folder: Path) -> Ground:
    stores.reset()
    database_url = stores.database.engine.url.render_as_string(hide_password=False)
    return Ground(stores, open_media_store(str(folder), {}), Place(database_url, vk_url, str(folder)))


@dataclass(frozen=True)
class Death:
    """By kill -9, BEFORE or AFTER a call of `step` takes place."""

    step: str
    moment: str

    def __str__(self) -> str:
        return f"{self.moment} {self.step}"


def run_and_die(place: Place, death: Death) -> None:
    """Take steps in a process until it dies; fails if it survives."""
    process = PROCESSES.Process(target=_work_until_death, args=(place, death))
    process.start()
    assert ended(process) == -signal.SIGKILL, f"it was not killed {death}"


def race(place: Place, number: int) -> None:
    """So many processes publish whatever is due, all at the same moment."""
    start = PROCESSES.Barrier(number)
    racers = [PROCESSES.Process(target=_publish_at, args=(place, start)) for _ in range(number)]
    for racer in racers:
        racer.start()
    assert [ended(racer) for racer in racers] == [0] * number


def ended(process: BaseProcess) -> int | None:
    """Its exit code; one that goes on for too long is killed."""
    process.join(_LONGEST_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
    return process.exitcode


def _work_until_death(place: Place, death: Death) -> None:
    with _tracker(place, lambda target, name: Mortal(target, name, death)) as tracker:
        while tracker.publish_due() or tracker.verify():
            pass


def _publish_at(place: Place, start: Barrier) -> None:
    with _tracker(place, lambda target, name: target) as tracker:
        start.wait(_LONGEST_SECONDS)
        while tracker.publish_due():
            pass


@contextmanager
def _tracker(place: Place, wrapped: Callable[[Any, str], Any]) -> Iterator[PostTracker]:
    database = Database(place.database_url, pool_size=2, application_name="tests-tracker")
    stores = PostgresStores(database)
    stores.system_posts = wrapped(stores.system_posts, "posts")
    media = open_media_store(str(Path(place.media_root)), {})
    api = Client(place.vk_url, PostgresTokenPace(database))
    yield post_tracker(stores, wrapped(api, "api"), wrapped(media, "media"))
    database.close()


class Mortal:
    """Stands before a part, and kills the process around one of its calls; calls of VK's are known by their method."""

    def __init__(self, target: Any, name: str, death: Death) -> None:
        self._target = target
        self._name = name
        self._death = death

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._target, name)

        def call(*args: Any, **named: Any) -> Any:
            steps = (f"{self._name}.{name}", args[0] if args else None)
            if self._death.step in steps and self._death.moment == BEFORE:
                os.kill(os.getpid(), signal.SIGKILL)
            outcome = method(*args, **named)
            if self._death.step in steps and self._death.moment == AFTER and outcome:
                os.kill(os.getpid(), signal.SIGKILL)
            return outcome

        return call
