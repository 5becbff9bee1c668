"""How many archives may leave one process at a time."""

import threading
from weakref import WeakSet

from app.domain.errors import Reason, Refused
from app.domain.networks import place_of

_RETRY_SECONDS = 30.0
_OF_ONE_HAND = 2  # places that guests at one address may have


class Place:
    """Somebody's right to read an archive; given up when it is left or forgotten."""

    __slots__ = ("__weakref__", "_places", "guest")

    def __init__(self, places: "Places", guest: str | None) -> None:
        self._places = places
        self.guest = guest

    def leave(self) -> None:
        """More than once is no error."""
        self._places.give_up(self)


class Places:
    """`in_all` places, of which guests take `for_guests` at most, so that the house comes through.

    And of those one guest takes two: others want theirs too.
    """

    def __init__(self, in_all: int, for_guests: int) -> None:
        self._in_all = in_all
        self._for_guests = for_guests
        self._taken: WeakSet[Place] = WeakSet()
        self._changing = threading.Lock()

    def take(self, client: str | None) -> Place:
        """`client` is the address of a guest, None for the house. Raises Refused(ARCHIVES_BUSY) if there is none."""
        guest = None if client is None else place_of(client)
        with self._changing:
            if self._is_full_for(guest):
                raise Refused(
                    Reason.ARCHIVES_BUSY,
                    "Other archives are being downloaded at the moment; try again shortly.",
                    retry_after=_RETRY_SECONDS,
                )
            place = Place(self, guest)
            self._taken.add(place)
            return place

    def _is_full_for(self, guest: str | None) -> bool:
        guests = [place.guest for place in self._taken if place.guest is not None]
        is_full_for_guests = len(guests) >= self._for_guests or guests.count(guest or "") >= _OF_ONE_HAND
        return len(self._taken) >= self._in_all or (guest is not None and is_full_for_guests)

    def give_up(self, place: Place) -> None:
        with self._changing:
            self._taken.discard(place)
