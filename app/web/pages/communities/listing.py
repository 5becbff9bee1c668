"""The list of communities, with a blue dot where something has changed in VK, and the form for another one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.errors import Reason, Refused
from app.domain.vk.errors import VkError
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.pages.communities.frame import allow_pictures_of_vk
from app.web.pages.communities.problems import field_problems
from app.web.pages.secret_fields import to_repeat
from app.web.pages.site import blueprint
from app.web.use_cases import services
from app.web.vk_words import vk_error_sentence

_TOKENS = ("user_token", "community_token")
_FIELDS = ("link", *_TOKENS)


@dataclass(frozen=True, slots=True)
class AddForm:
    """`link` as it was typed, `problems` sentences by field, `failure` what VK answered instead."""

    link: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)
    failure: str = ""

    @property
    def focus(self) -> str:
        return next(iter(self.problems), "")


@blueprint.get("/communities")
def communities() -> ResponseReturnValue:
    return _list(AddForm())


@blueprint.post("/communities")
def add_community() -> ResponseReturnValue:
    """Connect one, and have its tokens checked on its page."""
    wanted = {name: request.form.get(name, "").strip() for name in _FIELDS}
    try:
        community = services().communities.add(wanted, require_user())
    except Refused as refused:
        return _list(AddForm(wanted["link"], _problems(refused))), STATUS[refused.reason]
    except VkError as error:
        return _list(AddForm(wanted["link"], to_repeat(_TOKENS), vk_error_sentence(error.code))), 502
    flash(gettext("The community is connected."))
    return redirect(url_for("pages.community", community_id=community.id, check=1), 303)


def _problems(refused: Refused) -> dict[str, str]:
    if refused.reason is Reason.COMMUNITY_EXISTS:
        problems = {"link": gettext("This community is connected already.")}
    else:
        problems = field_problems(refused)
    return problems | to_repeat(_TOKENS, problems)


def _list(form: AddForm) -> str:
    allow_pictures_of_vk()
    found = services().communities.all()
    return render_template(
        "communities.html",
        communities=found,
        callbacks={one.id: services().callback_setup.known(one) for one in found},
        without_token=services().communities.without_token(),
        unseen=services().updates.unseen(require_user()),
        form=form,
    )
