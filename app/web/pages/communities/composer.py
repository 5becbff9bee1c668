"""The composer: a form whose every button works without a script, and a preview that follows with one."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.domain.errors import Reason, Refused
from app.domain.vk.community import Community
from app.domain.vk.drafts import draft_of
from app.domain.vk.errors import VkError, VkFileRefused
from app.domain.vk.posts import PHOTOS_MAX, PastPost, SystemPost
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.pages import phrases
from app.web.pages.communities.composer_form import NOW, ComposerForm, form_of, new_form, sent_form
from app.web.pages.communities.composer_view import composer, preview_of
from app.web.pages.communities.frame import community_page, opened
from app.web.pages.communities.post_words import no_token_sentence
from app.web.pages.formats import house_zone
from app.web.pages.site import blueprint, is_htmx
from app.web.use_cases import services
from app.web.vk_words import vk_error_sentence

_CONFLICT = STATUS[Reason.VERSION_CONFLICT]


@blueprint.get("/communities/<uuid:community_id>/posts/new")
def new_post(community_id: UUID) -> ResponseReturnValue:
    """`photos` are ids of jobs, joined by commas, whose results the post begins with; `day` is that of its date.

    `like` is the id of a post that is over: its text, and of its photos the results that guests may see still.
    """
    community = opened(community_id)
    if like := request.args.get("like", type=UUID):
        return _page(community, _like(community_id, like), None)
    photos = list(filter(None, request.args.get("photos", "").split(",")))[:PHOTOS_MAX]
    return _page(community, new_form(house_zone(), request.args.get("day"), photos), None)


@blueprint.post("/communities/<uuid:community_id>/posts")
def create_post(community_id: UUID) -> ResponseReturnValue:
    return _pressed(opened(community_id), None)


@blueprint.get("/communities/<uuid:community_id>/posts/<uuid:post_id>")
def edit_post(community_id: UUID, post_id: UUID) -> ResponseReturnValue:
    community, post = opened(community_id), _of(community_id, post_id)
    return _page(community, form_of(post, house_zone()), post)


@blueprint.post("/communities/<uuid:community_id>/posts/<uuid:post_id>")
def change_post(community_id: UUID, post_id: UUID) -> ResponseReturnValue:
    return _pressed(opened(community_id), _of(community_id, post_id))


def _pressed(community: Community, post: SystemPost | None) -> ResponseReturnValue:
    """What the button `step` says is done with the form: it is drawn anew, unless it is to be stored."""
    form = sent_form(request.form, house_zone(), post)
    step, _, argument = request.form.get("step", "look").partition(":")
    if step == "store":
        return _store(community, form, post)
    if step == "look" and is_htmx():
        return render_template("_post_preview.html", composer=preview_of(community, form, post))
    steps: dict[str, Callable[[], ComposerForm]] = {
        "add": lambda: _with_added(form),
        "earlier": lambda: form.moved(_number(argument), -1),
        "later": lambda: form.moved(_number(argument), 1),
        "drop": lambda: form.without(_number(argument)),
        "shelf": lambda: replace(form, shelf=argument),
    }
    return _page(community, steps.get(step, lambda: form)(), post)


def _store(community: Community, form: ComposerForm, post: SystemPost | None) -> ResponseReturnValue:
    """What speaks against the post is shown first; who presses the button again has seen it."""
    if form.when == NOW and services().communities.lacks_token(community.id):
        return _page(community, form.with_problem("form", no_token_sentence()), post, _CONFLICT)
    posts = services().posts
    try:
        if post is None and (found := posts.planned_before(community.id, form.post_id)):
            return _stored(community, form, found)
        posts.draft(community.id, form.wanted)
        cautions = services().cautions.about(community, draft_of(form.wanted), post)
        if any(caution.kind not in form.known for caution in cautions):
            return _page(community, form, post, _CONFLICT)
        if post is None:
            planned = posts.schedule(community.id, form.wanted, require_user(), form.post_id)
            return _stored(community, form, planned)
        stored = posts.edit(post.id, form.wanted, form.version, require_user())
    except Refused as refused:
        return _page(community, _refused(form, refused), post, STATUS[refused.reason])
    except VkError as error:
        return _page(community, form.with_problem("form", vk_error_sentence(error.code)), post, _CONFLICT)
    return _stored(community, form, stored)


def _stored(community: Community, form: ComposerForm, stored: SystemPost | PastPost) -> ResponseReturnValue:
    """A form that is sent again may have planned a post that is over by now."""
    if isinstance(stored, PastPost):
        flash(gettext("This post is in the history already: nothing new was planned."))
        return redirect(url_for("pages.community_history", community_id=community.id), 303)
    flash(gettext("The post is about to be published.") if form.when == NOW else gettext("The post is scheduled."))
    return redirect(url_for("pages.community_posts", community_id=community.id, _anchor=f"post-{stored.id}"), 303)


def _refused(form: ComposerForm, refused: Refused) -> ComposerForm:
    if refused.reason is Reason.INVALID_SETTINGS:
        return form.refused(refused)
    if refused.reason is Reason.VERSION_CONFLICT:
        sentence = gettext("The post has been changed meanwhile, or is being published. Load the page again.")
        return form.with_problem("form", sentence)
    return form.with_problem("photos", phrases.refusal(refused.reason))


def _with_added(form: ComposerForm) -> ComposerForm:
    """With the photos that are ticked and the files that were chosen, as many as there is room for."""
    try:
        files = [part for part in request.files.getlist("files") if part.filename]
        room = PHOTOS_MAX - len(form.photos)
        uploads = [str(services().post_photos.keep_upload(part.read())) for part in files[:room]]
    except Refused as refused:
        return form.with_problem("photos", phrases.refusal(refused.reason))
    except VkFileRefused as error:
        return form.with_problem("photos", vk_error_sentence(error.code))
    grown = form.with_photos([*request.form.getlist("pick"), *uploads])
    if len(grown.photos) <= PHOTOS_MAX and len(files) <= room:
        return grown
    sentence = gettext("A post holds at most %(n)s photos.", n=PHOTOS_MAX)
    return replace(grown, photos=grown.photos[:PHOTOS_MAX]).with_problem("photos", sentence)


def _page(community: Community, form: ComposerForm, post: SystemPost | None, status: int = 200) -> ResponseReturnValue:
    """The whole page, or for htmx the form alone."""
    template = "_composer.html" if is_htmx() else "composer.html"
    return community_page(template, community, status, composer=composer(community, form, post))


def _like(community_id: UUID, post_id: UUID) -> ComposerForm:
    past = services().posts.past(post_id)
    if past.community_id != community_id:
        raise Refused(Reason.NOT_FOUND, "There is no such post in this community.")
    visible = services().album_orders.visible(past.job_ids)
    photos = [str(job_id) for job_id in past.job_ids if job_id in visible]
    form = replace(new_form(house_zone(), None, photos), text=past.text)
    if not (lost := past.photos - len(photos)):
        return form
    sentence = ngettext(
        "%(num)s photo is not here any more: add it anew.", "%(num)s photos are not here any more: add them anew.", lost
    )
    return form.with_problem("photos", sentence)


def _of(community_id: UUID, post_id: UUID) -> SystemPost:
    post = services().posts.find(post_id)
    if post.community_id != community_id:
        raise Refused(Reason.NOT_FOUND, "There is no such post in this community.")
    return post


def _number(text: str) -> int:
    """-1 for what is no place of a photo."""
    return int(text) if text.isdecimal() and len(text) < 3 else -1
