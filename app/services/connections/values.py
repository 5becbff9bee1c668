"""Values that people enter for a provider: what is wrong with them, and whether they change anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.catalogue import ProviderSpec
from app.domain.connection import API_KEY, BASE_URL, CONNECTION_FIELDS, PROXY, is_usable, normal_form
from app.ports.settings import SettingView

BUDGET = "daily_budget_usd"
BUDGET_RANGE = (0, 100_000)

_CODES = {API_KEY: "bad_key", BASE_URL: "bad_address", PROXY: "bad_proxy"}


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """How a provider is reached, for people: the key and the proxy without their values.

    A value that is set and has no `updated_at` comes from the environment. `unreadable` are the names of those that
    were encrypted with a key which is gone.
    """

    spec: ProviderSpec
    api_key: SettingView
    base_url: SettingView
    proxy: SettingView
    daily_budget_usd: SettingView
    unreadable: tuple[str, ...]


def problem_of(name: str, value: Any) -> dict[str, Any] | None:
    """Why `value` cannot be entered, as a code with what is allowed; None removes a value and is no problem."""
    if name not in (*CONNECTION_FIELDS, BUDGET):
        return {"code": "unknown_field", "allowed": [*CONNECTION_FIELDS, BUDGET]}
    if value is None:
        return None
    if name == BUDGET:
        low, high = BUDGET_RANGE
        is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        return None if is_number and low <= value <= high else {"code": "out_of_range", "minimum": low, "maximum": high}
    fits = isinstance(value, str) and (not value.strip() or is_usable(name, value.strip()))
    return None if fits else {"code": _CODES[name]}


def entered(values: Mapping[str, Any]) -> dict[str, str | None]:
    """What to store of `values`, None for what to remove; blank ones stay as they are and are left out."""
    texts = {name: values[name] for name in CONNECTION_FIELDS if name in values}
    return {
        name: None if text is None else normal_form(name, text.strip())
        for name, text in texts.items()
        if text is None or text.strip()
    }


def is_change(view: ConnectionView, name: str, value: str | None) -> bool:
    """Whether storing `value` makes a difference: not where there is nothing to remove, or the address is the same.

    A secret that is entered always does: nobody must find out whether it is the one that was there.
    """
    current: SettingView = getattr(view, name)
    if name in view.unreadable:
        return True
    return current.is_set if value is None else name != BASE_URL or value != current.value
