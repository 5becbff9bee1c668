"""How much there is of what the gallery shows, when it goes, and what is out of guests' sight."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext

from app.domain.photo import KEPT_HOURS, UNDO_SECONDS, PhotoState
from app.ports.photos import Tally
from app.services.settings.values import RESULT_RETENTION
from app.web.pages.gallery.look import Look
from app.web.use_cases import services


@dataclass(frozen=True, slots=True)
class Tab:
    """A state of photos: how many there are of it among those that are looked at, and where they are."""

    state: PhotoState
    title: str
    photos: int
    address: str


@dataclass(frozen=True, slots=True)
class Summary:
    """`tally` is of what the page shows; `retention_hours` is how long photos stay that nobody keeps longer."""

    look: Look
    tabs: list[Tab]
    tally: Tally
    retention_hours: int
    kept_hours: int = KEPT_HOURS
    undo_minutes: int = round(UNDO_SECONDS / 60)

    @classmethod
    def of(cls, look: Look) -> "Summary":
        tallies = services().gallery.tallies(look.wanted)
        return cls(
            look=look,
            tabs=list(_tabs(look, tallies)),
            tally=tallies[look.wanted.state],
            retention_hours=services().settings.read()[RESULT_RETENTION].value,
        )


def _tabs(look: Look, tallies: Mapping[PhotoState, Tally]) -> list[Tab]:
    titles = {
        PhotoState.VISIBLE: gettext("Shown"),
        PhotoState.HIDDEN: gettext("Hidden"),
        PhotoState.DELETED: gettext("Deleted"),
    }
    return [Tab(state, title, tallies[state].photos, _address(look, state)) for state, title in titles.items()]


def _address(look: Look, state: PhotoState) -> str:
    return look.without("state").address(state=None if state is PhotoState.VISIBLE else state.value)
