"""Why what was typed about a community cannot be used."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from app.domain.errors import Reason, Refused
from app.domain.vk.errors import VkTokenRefused
from app.domain.vk.numbers import kind_of
from app.web.pages import phrases
from app.web.vk_words import vk_error_sentence


def field_problems(refused: Refused) -> dict[str, str]:
    """Sentences by field; raises `refused` if it is about anything else."""
    if refused.reason is not Reason.INVALID_SETTINGS:
        raise refused
    return {name: _sentence(found) for name, found in refused.details["fields"].items()}


def _sentence(found: Mapping[str, Any]) -> str:
    code = found["code"]
    if issubclass(kind_of(code), VkTokenRefused):
        return vk_error_sentence(code)
    sentences = {
        "bad_link": gettext("A link such as vk.com/studio, a short name, or a number."),
        "no_such_community": gettext("VK knows no such community."),
        "token_required": gettext("A token is needed to ask VK about the community."),
        "bad_token": gettext("This is no token: paste it as VK gave it, or the whole address that holds it."),
        "bad_code": gettext("Latin letters and digits, as VK shows the code."),
        "bad_secret": gettext("Up to 50 Latin letters and digits."),
    }
    return str(sentences.get(code) or phrases.problem(found))
