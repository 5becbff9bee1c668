"""What slots, providers, booths and reasons are called in tables and charts."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext

from app.domain.catalogue import Catalogue
from app.domain.errors import Reason
from app.domain.slot import Slot
from app.domain.statistics import Outcome
from app.web.pages.formats import in_language
from app.web.pages.phrases import fault_sentence


@dataclass(frozen=True, slots=True)
class Names:
    """By id; what is no longer there goes by its id."""

    slots: Mapping[str, str]
    providers: Mapping[str, str]

    @classmethod
    def of(cls, slots: list[Slot], catalogue: Catalogue) -> "Names":
        providers = {spec.id: in_language(spec.label) for spec in catalogue.providers}
        return cls({slot.id: slot.name for slot in slots}, providers)

    def slot(self, slot_id: str) -> str:
        return self.slots.get(slot_id, slot_id) or str(gettext("no such slot"))

    def provider(self, provider_id: str) -> str:
        return self.providers.get(provider_id, provider_id) or str(gettext("no provider"))

    def model(self, provider_id: str, model: str) -> str:
        return " · ".join(filter(None, (self.provider(provider_id), model)))


def booth_label(booth: str) -> str:
    return booth or str(gettext("no booth program"))


def ending_label(outcome: Outcome, reason: str) -> str:
    """Why there was no picture, short enough for a legend."""
    if outcome is Outcome.REFUSED:
        return _refused(reason)
    sentences: dict[str, str] = {
        "timeout": gettext("Not ready in time"),
        "cancelled": gettext("Cancelled"),
        "worker_lost": gettext("The worker stopped over and over"),
        Reason.PROVIDER_ERROR: gettext("The provider gave no usable image"),
        Reason.PROVIDER_UNAVAILABLE: gettext("The provider could not be used"),
    }
    return str(sentences.get(reason) or fault_sentence(reason).rstrip("."))


def _refused(reason: str) -> str:
    sentences: dict[str, str] = {
        Reason.INVALID_REQUEST: gettext("Refused: broken form"),
        Reason.INVALID_IMAGE: gettext("Refused: damaged image"),
        Reason.INVALID_PASSWORD: gettext("Refused: wrong password"),
        Reason.SLOT_NOT_FOUND: gettext("Refused: no such slot"),
        Reason.SLOT_DISABLED: gettext("Refused: slot paused"),
        Reason.PAYLOAD_TOO_LARGE: gettext("Refused: photo too large"),
        Reason.UNSUPPORTED_MEDIA_TYPE: gettext("Refused: not a photo"),
        Reason.QUEUE_BUSY: gettext("Refused: queue full"),
        Reason.SLOT_BUSY: gettext("Refused: slot busy"),
        Reason.TOO_MANY_ATTEMPTS: gettext("Refused: too many wrong passwords"),
        Reason.PROVIDER_UNAVAILABLE: gettext("Refused: provider not ready"),
        Reason.QUEUE_UNAVAILABLE: gettext("Refused: database unavailable"),
        Reason.SHUTTING_DOWN: gettext("Refused: server restarting"),
    }
    return str(sentences.get(reason) or gettext("Refused"))
