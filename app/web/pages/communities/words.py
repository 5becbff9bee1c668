"""What the doctor of tokens and Callback have found, in words: what it is, and what exactly to do."""

from collections.abc import Mapping
from typing import NamedTuple

from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from app.domain.vk.callback_state import CallbackState, CallbackTrouble
from app.domain.vk.community import Secret
from app.domain.vk.content import ContentKind
from app.domain.vk.diagnosis import Ailment, Finding
from app.web.pages.site import blueprint
from app.web.vk_words import vk_error_sentence


class Advice(NamedTuple):
    """What is wrong, and how it is mended."""

    what: str
    mend: str


class _Text(NamedTuple):
    """An Advice whose names in %(…)s are not filled in yet."""

    what: LazyString | str
    mend: LazyString | str

    def told_of(self, details: Mapping[str, str]) -> Advice:
        return Advice(*(str(text) % details for text in self))


@blueprint.app_template_filter()
def ailment_advice(finding: Finding, secret: Secret) -> Advice:
    """What a finding about that token means."""
    told = finding.details
    names = {
        "rights": ", ".join(told.get("rights", ())),
        "name": told.get("name", ""),
        "rest": _rest(told.get("seconds", 60)),
    }
    if finding.ailment is Ailment.MISSING_RIGHTS and secret is Secret.USER_TOKEN and told.get("rights") == ["groups"]:
        return _ONLY_GROUPS_MISSING.told_of(names)
    texts = _OF_USER | _OF_COMMUNITY if secret is Secret.COMMUNITY_TOKEN else _OF_USER
    return texts[finding.ailment].told_of(names)


@blueprint.app_template_filter()
def role_name(role: str) -> str:
    return str(_ROLES.get(role, ""))


@blueprint.app_template_filter()
def content_name(kind: ContentKind) -> str:
    return str(_CONTENTS[kind])


@blueprint.app_template_filter()
def callback_advice(state: CallbackState) -> Advice:
    """Why VK tells us nothing, and what to do."""
    if state.trouble is None:
        return Advice("", "")
    told = state.details
    if state.trouble is CallbackTrouble.CANNOT_ASK:
        return Advice(vk_error_sentence(told.get("code", "")), str(_MANAGER_NEEDED))
    names = {"address": state.address, "url": told.get("url") or "—", "events": ", ".join(told.get("events", ()))}
    return _OF_CALLBACK[state.trouble].told_of(names)


def _rest(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return str(ngettext("It goes on by itself in %(num)s minute.", "It goes on by itself in %(num)s minutes.", minutes))


_ROLES = {
    "administrator": _("administrator of this community"),
    "editor": _("editor of this community"),
    "moderator": _("moderator of this community"),
    "stranger": _("nobody in this community"),
}

_CONTENTS = {
    ContentKind.SCHEDULED_POSTS: _("Postponed posts"),
    ContentKind.PUBLISHED_POSTS: _("Posts on the wall"),
    ContentKind.ALBUMS: _("Albums"),
    ContentKind.PHOTOS: _("Photos"),
}

_OF_CALLBACK = {
    CallbackTrouble.NO_ADDRESS: _Text(
        _("This server has no public address, so that VK cannot reach it."),
        _(
            "Publishing works all the same, and changes in VK are looked for from time to time. For the"
            " administrator of the server: to see them at once, start it with PUBLIC_BASE_URL, an address that is"
            " open to the Internet."
        ),
    ),
    CallbackTrouble.NOT_SET_UP: _Text(
        _("VK does not tell us yet what happens in the community."),
        _("Set it up: one click is enough."),
    ),
    CallbackTrouble.GONE: _Text(
        _("Our server was deleted in the community’s settings in VK."),
        _("Set it up again."),
    ),
    CallbackTrouble.OTHER_ADDRESS: _Text(
        _("VK tells another address of changes: %(url)s."),
        _("Set it up again, and it will be ours."),
    ),
    CallbackTrouble.CODE_CHANGED: _Text(
        _("VK has changed the code by which it confirms this server."),
        _("Set it up again: the new code is fetched."),
    ),
    CallbackTrouble.WAITING: _Text(
        _("VK has not confirmed this server yet."),
        _("Look again in a minute. If it stays so, check that %(address)s is open to VK."),
    ),
    CallbackTrouble.FAILED: _Text(
        _("VK tried to reach this server and failed."),
        _("Check that %(address)s is open to VK, and set it up again."),
    ),
    CallbackTrouble.EVENTS_MISSING: _Text(
        _("VK does not tell us of everything: %(events)s."),
        _("Set it up again."),
    ),
    CallbackTrouble.NO_SECRET: _Text(
        _("VK signs its events with another secret than ours: they are refused."),
        _("Set it up again: both get the same one."),
    ),
}

_MANAGER_NEEDED = _("It needs a token of the community that may manage it, or an administrator’s with “groups”.")

_OF_USER = {
    Ailment.NOT_SET: _Text(
        _("There is no token of an administrator: nothing can be published."),
        _("Get one as described in the settings, and enter it there."),
    ),
    Ailment.UNREADABLE: _Text(
        _("The token cannot be decrypted with the keys of this server."),
        _("Enter it again in the settings, or bring back the old key in ENCRYPTION_KEYS."),
    ),
    Ailment.REFUSED: _Text(
        _("VK refuses the token: it has expired, or was taken back, or the password was changed."),
        _("Get a new one, with the right “offline” so that it lasts, and enter it in the settings."),
    ),
    Ailment.WRONG_TYPE: _Text(
        _("This is the token of a community. Photos cannot be uploaded with it."),
        _("Enter the token of an administrator here; this one belongs into the other field."),
    ),
    Ailment.VK_ID: _Text(
        _("This is a token of VK ID (vk2.a…). VK does not let such tokens post to walls."),
        _("Get one through an application of your own (it begins with vk1.a), and enter it in the settings."),
    ),
    Ailment.MISSING_RIGHTS: _Text(
        _("The token lacks rights: %(rights)s."),
        _("Get a new one, and tick these rights or name them in “scope”."),
    ),
    Ailment.NOT_ADMINISTRATOR: _Text(
        _("The owner of the token is not an administrator of this community: VK drops photos from their posts."),
        _("Make them an administrator in the community’s settings in VK, or enter an administrator’s token."),
    ),
    Ailment.OTHER_COMMUNITY: _Text(
        _("This token belongs to another community: %(name)s."),
        _("Create one in the settings of this community in VK."),
    ),
    Ailment.SHORT_LIVED: _Text(
        _("The token will soon expire: it was issued without the right “offline”, for an hour or a day."),
        _("Get a new one with “offline”: it stays until it is taken back."),
    ),
    Ailment.PARKED: _Text(_("VK lets this token rest: it was used too often."), "%(rest)s"),
    Ailment.NEEDS_PERSON: _Text(
        _("VK wants the owner of the token to act: a captcha, or a confirmation."),
        _("Open VK as this person and follow what it asks for; then check again."),
    ),
    Ailment.NO_ANSWER: _Text(
        _("VK did not answer in time."),
        _("Check again in a minute. If it stays so, see whether this server can reach api.vk.ru."),
    ),
}

_ONLY_GROUPS_MISSING = _Text(
    _("The token lacks rights: %(rights)s."),
    _("It is needed to set up Callback only; a token of the community does as well."),
)

_OF_COMMUNITY = {
    Ailment.ABSENT: _Text(
        _("There is none. It is only needed to set up Callback without the administrator’s token."),
        "",
    ),
    Ailment.REFUSED: _Text(
        _("VK refuses the token: it was taken back."),
        _("Create a new one in VK: Manage, API usage, Access tokens, Create token; and enter it in the settings."),
    ),
    Ailment.WRONG_TYPE: _Text(
        _("This is no token of a community."),
        _("It may belong into the other field. Create one in VK: Manage, API usage, Access tokens, Create token."),
    ),
    Ailment.MISSING_RIGHTS: _Text(
        _("The token lacks the right to manage the community: Callback cannot be set up with it."),
        _("Create a new one in VK, with “Allow the app to manage the community”."),
    ),
}
