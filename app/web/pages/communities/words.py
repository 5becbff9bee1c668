"""What the doctor of tokens and Callback have found, in words: what it is, and what exactly to do."""

from typing import Any, NamedTuple

from flask_babel import gettext, ngettext

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


@blueprint.app_template_filter()
def ailment_advice(finding: Finding, secret: Secret) -> Advice:
    """What a finding about that token means."""
    told = finding.details
    if secret is Secret.COMMUNITY_TOKEN and finding.ailment in _OF_COMMUNITY:
        return Advice(*_OF_COMMUNITY[finding.ailment](told))
    return Advice(*_OF_USER[finding.ailment](told))


@blueprint.app_template_filter()
def role_name(role: str) -> str:
    names = {
        "administrator": gettext("administrator of this community"),
        "editor": gettext("editor of this community"),
        "moderator": gettext("moderator of this community"),
        "stranger": gettext("nobody in this community"),
    }
    return str(names.get(role, ""))


@blueprint.app_template_filter()
def content_name(kind: ContentKind) -> str:
    names = {
        ContentKind.SCHEDULED_POSTS: gettext("Postponed posts"),
        ContentKind.PUBLISHED_POSTS: gettext("Posts on the wall"),
        ContentKind.ALBUMS: gettext("Albums"),
        ContentKind.PHOTOS: gettext("Photos"),
    }
    return str(names[kind])


@blueprint.app_template_filter()
def callback_advice(state: CallbackState) -> Advice:
    """Why VK tells us nothing, and what to do."""
    told = state.details
    texts = {
        CallbackTrouble.NO_ADDRESS: (
            gettext("This server has no public address, so that VK cannot reach it."),
            gettext(
                "Publishing works all the same, and changes in VK are looked for from time to time. To see them"
                " at once, start the server with PUBLIC_BASE_URL, an address that is open to the Internet."
            ),
        ),
        CallbackTrouble.NOT_SET_UP: (
            gettext("VK does not tell us yet what happens in the community."),
            gettext("Set it up: one click is enough."),
        ),
        CallbackTrouble.GONE: (
            gettext("Our server was deleted in the community’s settings in VK."),
            gettext("Set it up again."),
        ),
        CallbackTrouble.OTHER_ADDRESS: (
            gettext("VK tells another address of changes: %(url)s.", url=told.get("url") or "—"),
            gettext("Set it up again, and it will be ours."),
        ),
        CallbackTrouble.CODE_CHANGED: (
            gettext("VK has changed the code by which it confirms this server."),
            gettext("Set it up again: the new code is fetched."),
        ),
        CallbackTrouble.WAITING: (
            gettext("VK has not confirmed this server yet."),
            gettext("Look again in a minute. If it stays so, check that %(url)s is open to VK.", url=state.address),
        ),
        CallbackTrouble.FAILED: (
            gettext("VK tried to reach this server and failed."),
            gettext("Check that %(url)s is open to VK, and set it up again.", url=state.address),
        ),
        CallbackTrouble.EVENTS_MISSING: (
            gettext("VK does not tell us of everything: %(events)s.", events=", ".join(told.get("events", []))),
            gettext("Set it up again."),
        ),
        CallbackTrouble.NO_SECRET: (
            gettext("VK signs its events with another secret than ours: they are refused."),
            gettext("Set it up again: both get the same one."),
        ),
        CallbackTrouble.CANNOT_ASK: (
            vk_error_sentence(str(told.get("code", ""))),
            gettext("It needs a token of the community that may manage it, or an administrator’s with “groups”."),
        ),
    }
    return Advice(*texts[state.trouble]) if state.trouble else Advice("", "")


def _rights(told: Any) -> str:
    return ", ".join(told.get("rights", []))


def _rest(told: Any) -> str:
    minutes = max(1, round(told.get("seconds", 60) / 60))
    return str(ngettext("It goes on by itself in %(num)s minute.", "It goes on by itself in %(num)s minutes.", minutes))


_OF_USER: dict[Ailment, Any] = {
    Ailment.NOT_SET: lambda told: (
        gettext("There is no token of an administrator: nothing can be published."),
        gettext("Get one as described in the settings, and enter it there."),
    ),
    Ailment.UNREADABLE: lambda told: (
        gettext("The token cannot be decrypted with the keys of this server."),
        gettext("Enter it again in the settings, or bring back the old key in ENCRYPTION_KEYS."),
    ),
    Ailment.REFUSED: lambda told: (
        gettext("VK refuses the token: it has ended, or was taken back, or the password was changed."),
        gettext("Get a new one, with the right “offline” so that it lasts, and enter it in the settings."),
    ),
    Ailment.WRONG_TYPE: lambda told: (
        gettext("This is the token of a community. Photos cannot be uploaded with it."),
        gettext("Enter the token of an administrator here; this one belongs into the other field."),
    ),
    Ailment.VK_ID: lambda told: (
        gettext("This is a token of VK ID (vk2.a…). VK does not let such tokens post to walls."),
        gettext("Get one through an application of your own (it begins with vk1.a), and enter it in the settings."),
    ),
    Ailment.MISSING_RIGHTS: lambda told: (
        gettext("The token lacks rights: %(rights)s.", rights=_rights(told)),
        gettext("Get a new one, and tick these rights or name them in “scope”.")
        if told.get("rights") != ["groups"]
        else gettext("It is needed to set up Callback only; a token of the community does as well."),
    ),
    Ailment.NOT_ADMINISTRATOR: lambda told: (
        gettext("The owner of the token is not an administrator of this community: VK drops photos from their posts."),
        gettext("Make them an administrator in the community’s settings in VK, or enter an administrator’s token."),
    ),
    Ailment.OTHER_COMMUNITY: lambda told: (
        gettext("This token belongs to another community: %(name)s.", name=told.get("name", "")),
        gettext("Create one in the settings of this community in VK."),
    ),
    Ailment.SHORT_LIVED: lambda told: (
        gettext("The token will soon end: it was issued without the right “offline”, for an hour or a day."),
        gettext("Get a new one with “offline”: it stays until it is taken back."),
    ),
    Ailment.PARKED: lambda told: (gettext("VK lets this token rest: it was used too often."), _rest(told)),
    Ailment.NEEDS_PERSON: lambda told: (
        gettext("VK wants the owner of the token to act: a captcha, or a confirmation."),
        gettext("Open VK as this person and follow what it asks for; then check again."),
    ),
    Ailment.NO_ANSWER: lambda told: (
        gettext("VK did not answer in time."),
        gettext("Check again in a minute. If it stays so, see whether this server can reach api.vk.ru."),
    ),
}

_OF_COMMUNITY: dict[Ailment, Any] = {
    Ailment.ABSENT: lambda told: (
        gettext("There is none. It is only needed to set up Callback without the administrator’s token."),
        "",
    ),
    Ailment.REFUSED: lambda told: (
        gettext("VK refuses the token: it was taken back."),
        gettext("Create a new one in VK: Manage, API usage, Create token; and enter it in the settings."),
    ),
    Ailment.WRONG_TYPE: lambda told: (
        gettext("This is no token of a community."),
        gettext("It may belong into the other field. Create one in VK: Manage, API usage, Create token."),
    ),
    Ailment.MISSING_RIGHTS: lambda told: (
        gettext("The token lacks the right to manage the community: Callback cannot be set up with it."),
        gettext("Create a new one in VK, with “Allow the app to manage the community”."),
    ),
}
