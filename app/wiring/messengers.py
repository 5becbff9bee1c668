"""How each channel of alerts is told."""

from collections.abc import Mapping

from app.adapters.messengers.telegram import TelegramMessenger
from app.adapters.messengers.webhook import WebhookMessenger
from app.config import Settings
from app.domain.catalogue import Catalogue
from app.domain.channels import Channel
from app.ports.alerts import Messenger
from app.ports.providers import HttpClient
from app.web.alert_words import TelegramWords


def messengers(http: HttpClient, catalogue: Catalogue, settings: Settings) -> Mapping[Channel, Messenger]:
    words = TelegramWords(catalogue, settings.public_base_url)
    return {
        Channel.WEBHOOK: WebhookMessenger(http, settings.public_base_url),
        Channel.TELEGRAM: TelegramMessenger(http, words, settings.telegram_api_base_url),
    }
