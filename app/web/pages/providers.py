"""How providers are reached: a card for each on the settings page, its forms, and the check of its key."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.catalogue import Model
from app.domain.connection import API_KEY, BASE_URL, PROXY
from app.domain.errors import Reason, Refused
from app.ports.settings import PROVIDERS_KEY
from app.services.connections import Check
from app.services.connections.values import BUDGET, ConnectionView
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.pages.formats import plain_number
from app.web.pages.phrases import problem
from app.web.pages.secret_fields import ValueCard, to_repeat, typed
from app.web.pages.site import answer, blueprint, is_htmx
from app.web.use_cases import services

CHANGED = "provider"
"""The category of the flashed message that names the provider which was changed."""

_HIDDEN = (API_KEY, PROXY)
_AMOUNT = re.compile(r"\d{1,9}(?:[.,]\d{1,6})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card(ValueCard):
    """The card of one provider."""

    view: ConnectionView
    check: Check | None = None

    @property
    def check_duration(self) -> timedelta:
        return timedelta(milliseconds=self.check.duration_ms if self.check else 0)

    @property
    def models(self) -> list[Model]:
        """Each model once, in the order of the catalogue; they say what a picture costs."""
        return list({m.label["en"]: m for o in self.view.spec.operations for m in o.models}.values())


def all_cards(opened: str | None, changed: str | None) -> list[Card]:
    """Those of all providers; the one that is named is open, and says so if it was changed."""
    return [
        _saved(view) if view.spec.id == changed else _card(view, is_open=view.spec.id == opened)
        for view in services().connections.views()
    ]


@blueprint.post("/settings/providers/<provider_id>")
def save_provider(provider_id: str) -> ResponseReturnValue:
    """Change what differs; a blank key or proxy stays, a blank address or budget goes."""
    view = services().connections.view(provider_id)
    try:
        _change(provider_id, _entered())
    except Refused as refused:
        if refused.reason is not Reason.INVALID_SETTINGS:
            raise
        problems = {path.rpartition(".")[2]: problem(why) for path, why in refused.details["fields"].items()}
        return _answer(_typed_card(view, problems | to_repeat(_HIDDEN, problems)), STATUS[refused.reason])
    if is_htmx():
        return _answer(_saved(services().connections.view(provider_id)))
    flash(provider_id, CHANGED)
    return redirect(url_for("pages.settings", _anchor=f"provider-{provider_id}"), 303)


@blueprint.post("/settings/providers/<provider_id>/remove")
def remove_provider_secret(provider_id: str) -> ResponseReturnValue:
    """Remove the key or the proxy; what was typed beside it stays typed and is not saved."""
    services().connections.view(provider_id)
    name = request.form.get("remove")
    if name not in _HIDDEN:
        raise Refused(Reason.INVALID_REQUEST, "Say what to remove: api_key or proxy.")
    _change(provider_id, {name: None})
    view = services().connections.view(provider_id)
    return _answer(_typed_card(view, to_repeat(_HIDDEN), done=gettext("Removed"), removed=name))


@blueprint.post("/settings/providers/<provider_id>/check")
def check_provider(provider_id: str) -> ResponseReturnValue:
    """Call the provider with what is saved; answers within five seconds."""
    check = services().connections.check(provider_id)
    view = services().connections.view(provider_id)
    return answer("provider.html", "_provider_check.html", card=_card(view, check=check))


def _change(provider_id: str, values: Mapping[str, Any]) -> None:
    services().settings.change({PROVIDERS_KEY: {provider_id: values}}, require_user())


def _card(view: ConnectionView, **what: Any) -> Card:
    """With nothing typed that is not saved."""
    shown = _shown(view)
    return Card(view=view, shown=shown, typed=shown, **what)


def _typed_card(view: ConnectionView, problems: Mapping[str, str], *, done: str = "", removed: str = "") -> Card:
    """With what the form brought, to be gone on with."""
    shown = _shown(view)
    return Card(view=view, shown=shown, typed=typed(shown), problems=problems, done=done, removed=removed)


def _saved(view: ConnectionView) -> Card:
    return _card(view, done=gettext("Saved"))


def _answer(card: Card, status: int = 200) -> ResponseReturnValue:
    return answer("provider.html", "_provider_card.html", status, card=card)


def _entered() -> dict[str, Any]:
    """The form's values as the settings take them."""
    form = request.form
    values: dict[str, Any] = {name: form[name] for name in _HIDDEN if name in form}
    if BASE_URL in form:
        values[BASE_URL] = form[BASE_URL].strip() or None
    if BUDGET in form:
        values[BUDGET] = _amount(form[BUDGET].strip())
    return values


def _amount(text: str) -> Decimal | str | None:
    """A number with a point or a comma; None for nothing; what is neither stays as it is, to be refused."""
    return Decimal(text.replace(",", ".")) if _AMOUNT.fullmatch(text) else text or None


def _shown(view: ConnectionView) -> dict[str, str]:
    budget = view.daily_budget_usd.value
    return {
        BASE_URL: view.base_url.value if view.base_url.is_set else "",
        BUDGET: "" if budget is None else plain_number(budget),
    }
