"""Somebody else who uses the database while a service writes its audit row."""

from collections.abc import Mapping
from threading import Thread
from typing import Any

from tests.services.house import House


class Bystander:
    """The part of ports.AuditLog that records; `was_kept_waiting` says whether a lock was held meanwhile."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.was_kept_waiting: bool | None = None

    def record(
        self, username: str | None, action: str, subject: str = "", detail: Mapping[str, Any] | None = None
    ) -> None:
        other = Thread(target=self._house.stores.slots.all, daemon=True)
        other.start()
        other.join(2)
        self.was_kept_waiting = other.is_alive()
