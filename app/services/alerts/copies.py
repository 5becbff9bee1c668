"""Copies that the studio wants and does not get."""

from collections.abc import Iterator, Mapping, Sequence

from app.domain.alerts import Alert, Lack, Trouble
from app.domain.slot import Slot
from app.ports.alerts import CopyTrouble, Vitals
from app.services.alerts.uses import named


def troubles(vitals: Vitals, slots: Sequence[Slot], lacking: Sequence[Alert]) -> Iterator[Alert]:
    """`lacking`: what is told already. Where there is nowhere to copy to, nobody need hear that it fails."""
    if lost := _alert(Trouble.COPIES_LOST, vitals.lost_copies, slots):
        yield lost
    is_explained = any(alert.kind is Lack.COPY_STORAGE for alert in lacking)
    if not is_explained and (failing := _alert(Trouble.COPIES_FAILING, vitals.overdue_copies, slots)):
        yield failing


def _alert(kind: Trouble, found: Mapping[str, CopyTrouble], slots: Sequence[Slot]) -> Alert | None:
    """All slots fail at the same storage, so they are told of together; why, by the slot that began."""
    suffering = tuple(named(slot) for slot in slots if slot.id in found)
    if not suffering:
        return None
    oldest = min(found.values(), key=lambda trouble: trouble.since)
    return Alert(kind, message=oldest.error, since=oldest.since, slots=suffering)
