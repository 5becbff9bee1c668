"""What VK's `error` objects become."""

from collections.abc import Mapping
from typing import Any

from app.domain.text import storable
from app.domain.vk.errors import VkError
from app.domain.vk.numbers import meaning_of

_MESSAGE_MAX = 300


def refusal(error: Mapping[str, Any], method: str, token: str) -> VkError:
    """What VK's `error` object says. `request_params`, which repeat the call, are left where they are."""
    number: int = error["error_code"]
    message = quotable(str(error.get("error_msg") or "No reason given."), token)
    kind, code = meaning_of(number, message)
    return kind(message, code=code, vk_code=number, method=method, details=_details(error, token))


def quotable(text: str, token: str | None = None) -> str:
    """`text` as it may be shown and stored, the token masked should VK have repeated it."""
    text = storable(text, len(text))
    return storable(text.replace(token, "•••") if token else text, _MESSAGE_MAX)


def _details(error: Mapping[str, Any], token: str) -> dict[str, Any]:
    """Where a person can go on: only addresses of the web, for pages make links of them."""
    address = error.get("redirect_uri")
    if isinstance(address, str) and address.startswith("https://") and token not in address:
        return {"redirect_uri": address}
    return {}
