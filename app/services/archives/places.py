"""How many archives may leave one process at a time."""

import threading
from weakref import WeakSet

from app.domain.errors import Reason, Refused

_RETRY_SECONDS = 30.0


class Place:
    """Somebody's right to read an archive; given up when it is left or forgotten."""

    __slots__ = ("__weakref__", "_places", "is_guests")

    def __init__(self, places: "Places", is_guests: bool) -> None:
        self._places = places
        self.is_guests = is_guests

    def leave(self) -> None:
        """More than once is no error."""
        self._places.give_up(self)


class Places:
    """`in_all` places, of which guests take `for_guests` at most, so that the house comes through."""

    def __init__(self, in_all: int, for_guests: int) -> None:
        self._in_all = in_all
        self._for_guests = for_guests
        self._taken: WeakSet[Place] = WeakSet()
        self._changing = threading.Lock()

    def take(self, for_guest: bool) -> Place:
        """Raises Refused(ARCHIVES_BUSY) at once if there is none."""
        with self._changing:
            guests = sum(place.is_guests for place in self._taken)
            if len(self._taken) >= self._in_all or (for_guest and guests >= self._for_guests):
                raise Refused(
                    Reason.ARCHIVES_BUSY,
                    "Other archives are being downloaded at the moment; try again shortly.",
                    retry_after=_RETRY_SECONDS,
                )
            place = Place(self, for_guest)
            self._taken.add(place)
            return place

    def give_up(self, place: Place) -> None:
        with self._changing:
            self._taken.discard(place)
