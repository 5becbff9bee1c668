"""The settings' section on alerts: where they are told, whether that works, and a message to try it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import flash, get_flashed_messages, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.channels import CHAT_ID, FIELDS, HIDDEN, LANGUAGE, SECRET, TOKEN, URL, Channel, Mishap
from app.domain.errors import Reason, Refused
from app.services.notices.channels import ChannelView, Trial
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.pages.secret_fields import ValueCard, entered, to_repeat, typed
from app.web.pages.site import answer, blueprint, is_htmx
from app.web.use_cases import services

_CHANGED = "alert_channel"
"""The category of the flashed message that names the channel which was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCard(ValueCard):
    """The card of one channel; `trial` was just asked for."""

    view: ChannelView
    trial: Trial | None = None

    @property
    def duration(self) -> timedelta:
        return timedelta(milliseconds=self.trial.duration_ms if self.trial else 0)


@blueprint.app_template_global()
def alert_channel_cards() -> list[ChannelCard]:
    """Those of all channels, for the page that is being made."""
    changed = get_flashed_messages(category_filter=[_CHANGED])
    opened = (request.args.get("alerts"), *changed)
    language = services().channels.language().value
    return [
        _card(view, language, is_open=channel in opened, done=gettext("Saved") if channel in changed else "")
        for channel, view in services().channels.views().items()
    ]


@blueprint.post("/settings/alerts/<channel>")
def save_alert_channel(channel: str) -> ResponseReturnValue:
    """Change what differs; what is hidden stays if it is blank, everything else goes."""
    known = services().channels.known(channel)
    try:
        _change(known, _entered(known))
    except Refused as refused:
        if refused.reason is not Reason.INVALID_SETTINGS:
            raise
        problems = {path.rpartition(".")[2]: _problem(why["code"]) for path, why in refused.details["fields"].items()}
        card = _current(known, problems={**problems, **to_repeat(_hidden(known), problems)}, with_typed=True)
        return _answer(card, STATUS[refused.reason])
    if is_htmx():
        return _answer(_current(known, done=gettext("Saved")))
    flash(known.value, _CHANGED)
    return redirect(url_for("pages.settings", _anchor=f"alerts-{known.value}"), 303)


@blueprint.post("/settings/alerts/<channel>/remove")
def remove_alert_secret(channel: str) -> ResponseReturnValue:
    """Remove what is hidden; what was typed beside it stays typed and is not saved."""
    known, name = services().channels.known(channel), request.form.get("remove", "")
    if name not in _hidden(known):
        raise Refused(Reason.INVALID_REQUEST, "Say what to remove: token or secret.")
    _change(known, {name: None})
    card = _current(known, problems=to_repeat(_hidden(known)), done=gettext("Removed"), removed=name, with_typed=True)
    return _answer(card)


@blueprint.post("/settings/alerts/<channel>/test")
def try_alert_channel(channel: str) -> ResponseReturnValue:
    """Send a message with what is saved; answers within five seconds."""
    known = services().channels.known(channel)
    trial = services().channels.test(known)
    return answer("alert_channel.html", "_alert_trial.html", card=_current(known, trial=trial))


@blueprint.app_template_filter()
def channel_name(channel: Channel) -> str:
    return str({Channel.TELEGRAM: gettext("Telegram bot"), Channel.WEBHOOK: gettext("Webhook")}[channel])


@blueprint.app_template_filter()
def mishap_sentence(mishap: Mishap) -> str:
    """Why an alert could not be told, and what to look at."""
    sentences = {
        Mishap.NOT_SET_UP: gettext("This is not set up yet: fill in the fields and save them."),
        Mishap.UNREACHABLE: gettext("The address cannot be reached."),
        Mishap.TLS: gettext("The other side’s certificate is not valid, so nothing was sent."),
        Mishap.NO_ANSWER: gettext("There was no answer in time."),
        Mishap.REDIRECTED: gettext("The address leads on to another one. Enter that one: it is not followed."),
        Mishap.NOT_AUTHORISED: gettext("The other side does not let us in: check the token or the secret."),
        Mishap.NOT_FOUND: gettext("There is nothing at this address: check it, or the token."),
        Mishap.REFUSED: gettext("The other side did not take the message."),
        Mishap.RATE_LIMITED: gettext("There were too many messages: the other side asks for a pause."),
        Mishap.OUT_OF_ORDER: gettext("The other side is out of order at the moment."),
    }
    return str(sentences[mishap])


def _current(channel: Channel, *, with_typed: bool = False, **what: Any) -> ChannelCard:
    """The card as it is stored now; with what the form brought, if that is to be gone on with."""
    view, language = services().channels.views()[channel], services().channels.language().value
    return _card(view, language, with_typed=with_typed, **what)


def _card(view: ChannelView, language: str, *, with_typed: bool = False, **what: Any) -> ChannelCard:
    shown = _shown(view, language)
    return ChannelCard(view=view, shown=shown, typed=typed(shown) if with_typed else shown, **what)


def _answer(card: ChannelCard, status: int = 200) -> ResponseReturnValue:
    return answer("alert_channel.html", "_alert_channel.html", status, card=card)


def _change(channel: Channel, values: Mapping[str, str | None]) -> None:
    changes = {name: value for name, value in values.items() if name != LANGUAGE}
    language = {LANGUAGE: values[LANGUAGE]} if LANGUAGE in values else {}
    services().channels.change({channel.value: changes, **language}, require_user())


def _entered(channel: Channel) -> dict[str, str | None]:
    language = {LANGUAGE: request.form[LANGUAGE]} if LANGUAGE in request.form else {}
    return {**entered(FIELDS[channel], HIDDEN), **language}


def _hidden(channel: Channel) -> list[str]:
    return [name for name in FIELDS[channel] if name in HIDDEN]


def _shown(view: ChannelView, language: str) -> dict[str, str]:
    fields = {name: value.value or "" for name, value in view.fields.items() if name not in HIDDEN}
    return {**fields, LANGUAGE: language} if view.channel is Channel.TELEGRAM else fields


def _problem(code: str) -> str:
    sentences = {
        f"bad_{URL}": gettext("An address such as https://hooks.example.org/photo, in Latin letters."),
        f"bad_{SECRET}": gettext("From 8 to 256 Latin letters, digits and signs, without spaces."),
        f"bad_{TOKEN}": gettext("A token as @BotFather gives it: digits, a colon, and about 35 letters and digits."),
        f"bad_{CHAT_ID}": gettext("A number such as -1001234567890, or the @name of a channel."),
    }
    return str(sentences.get(code) or gettext("This value cannot be used."))
