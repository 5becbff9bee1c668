"""Photos that do not come to albums of communities."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from app.domain.alerts import Alert, Trouble
from app.domain.slot import Slot
from app.domain.vk.errors import VkAccessDenied, VkTokenRefused
from app.domain.vk.numbers import kind_of
from app.ports.alerts import UploadTrouble, Vitals
from app.services.alerts.uses import named

_REFUSED = (VkTokenRefused, VkAccessDenied)


def troubles(vitals: Vitals, slots: Sequence[Slot]) -> Iterator[Alert]:
    """Those of one kind are told of together, with the communities' names."""
    found: dict[Trouble, list[UploadTrouble]] = defaultdict(list)
    if vitals.lost_uploads:
        found[Trouble.UPLOADS_LOST] += vitals.lost_uploads
    for trouble in vitals.overdue_uploads:
        is_refused = issubclass(kind_of(trouble.code), _REFUSED)
        found[Trouble.COMMUNITY_REFUSED if is_refused else Trouble.UPLOADS_FAILING].append(trouble)
    for kind, met in found.items():
        names = ", ".join(dict.fromkeys(trouble.community for trouble in met))
        suffering = {slot_id for trouble in met for slot_id in trouble.slot_ids}
        yield Alert(
            kind,
            message=names,
            since=min(trouble.since for trouble in met),
            slots=tuple(named(slot) for slot in slots if slot.id in suffering),
        )
