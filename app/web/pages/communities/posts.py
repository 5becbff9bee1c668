"""Posts on their way: the list of them, and what is done with one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, to_user_timezone
from markupsafe import Markup

from app.domain.errors import Reason, Refused
from app.domain.vk.community import Community
from app.domain.vk.content import ContentKind
from app.domain.vk.drafts import AHEAD_MAX
from app.domain.vk.errors import VkError
from app.domain.vk.posts import SystemPost, WallPost
from app.services.vk.posts import Fate
from app.web.auth import require_user
from app.web.pages.communities.composer_problems import problem_sentence
from app.web.pages.communities.frame import allow_pictures_of_vk, community_page, opened
from app.web.pages.communities.post_words import PostState, is_waiting_for_people, no_token_sentence, state_of
from app.web.pages.site import BAD, blueprint, is_htmx, unless_seen
from app.web.use_cases import services
from app.web.vk_words import vk_error_sentence


@dataclass(frozen=True, slots=True)
class PostRow:
    """`text` is as VK will get it."""

    post: SystemPost
    state: PostState
    text: str

    @property
    def when(self) -> datetime:
        return self.post.publication_date


@dataclass(frozen=True, slots=True)
class PostList:
    """`days` are what is planned here and at VK, by the house's days, none of them empty."""

    waiting: Sequence[PostRow]
    days: Sequence[tuple[datetime, Sequence[PostRow | WallPost]]]

    @property
    def is_empty(self) -> bool:
        return not self.waiting and not self.days

    @property
    def next(self) -> "PostRow | WallPost | None":
        return self.days[0][1][0] if self.days else None

    @property
    def on_their_way(self) -> int:
        return sum(len(rows) for _, rows in self.days)


@blueprint.get("/communities/<uuid:community_id>/posts")
def community_posts(community_id: UUID) -> ResponseReturnValue:
    """The list alone for htmx, unless what somebody did with a post is to be answered by the whole page."""
    community = opened(community_id)
    found = posts_of(community)
    if is_htmx() and request.headers.get("HX-Target") != "main":
        allow_pictures_of_vk()
        return unless_seen(render_template("_posts.html", community=community, posts=found))
    freshness = services().communities.freshness(community_id)[ContentKind.SCHEDULED_POSTS]
    return community_page("community_posts.html", community, posts=found, freshness=freshness)


@blueprint.post("/communities/<uuid:community_id>/posts/refresh")
def refresh_posts(community_id: UUID) -> ResponseReturnValue:
    """Read the wall again: what is postponed at VK, and what stands there."""

    def refresh() -> str:
        services().vk_refreshing.refresh_scheduled_posts(community_id)
        services().vk_refreshing.refresh_published_posts(community_id)
        return str(gettext("Read from VK just now."))

    return _done(community_id, refresh, or_else=gettext("The posts could not be read from VK."))


@blueprint.post("/communities/<uuid:community_id>/posts/<uuid:post_id>/publication")
def publish_post(community_id: UUID, post_id: UUID) -> ResponseReturnValue:
    """At once: a planned one, one that is late, or one that failed."""
    if services().communities.lacks_token(community_id):
        flash(no_token_sentence(), BAD)
        return _back(community_id)

    def publish() -> str:
        fate = services().posts.publish_now(post_id, require_user())
        if fate is Fate.FOUND:
            return str(gettext("The post stands on the wall already: nothing was sent again."))
        return str(gettext("The post is about to be published."))

    return _done(community_id, publish, or_else=gettext("The wall could not be looked at, so nothing was sent."))


@blueprint.post("/communities/<uuid:community_id>/posts/<uuid:post_id>/cancellation")
def cancel_post(community_id: UUID, post_id: UUID) -> ResponseReturnValue:
    def cancel() -> str:
        services().posts.cancel(post_id, require_user())
        again = url_for("pages.new_post", community_id=community_id, like=post_id)
        told = gettext("The post is cancelled. The history remembers it.")
        return Markup('{} <a id="again" href="{}">{}</a>').format(told, again, gettext("Write one like it"))

    return _done(community_id, cancel)


@blueprint.post("/communities/<uuid:community_id>/posts/<uuid:post_id>/settlement")
def settle_post(community_id: UUID, post_id: UUID) -> ResponseReturnValue:
    """Somebody has published it by hand."""

    def settle() -> str:
        services().posts.settle(post_id, request.form.get(f"address-{post_id}", ""), require_user())
        return str(gettext("Written down as published by hand."))

    return _done(community_id, settle)


def rows_of(community_id: UUID, posts: Sequence[SystemPost]) -> list[PostRow]:
    """All posts are of this community."""
    values = services().posts.values(community_id)
    return [PostRow(post, state_of(post), services().post_kits.text(post, values)) for post in posts]


def posts_of(community: Community) -> PostList:
    """What is on its way to the community's wall."""
    rows = rows_of(community.id, services().posts.planned(community.id))
    now = datetime.now(UTC)
    at_vk = [post for post in services().posts.on_wall(community.id, now, now + AHEAD_MAX) if post.is_postponed]
    waiting = [row for row in rows if is_waiting_for_people(row.post)]
    others: list[PostRow | WallPost] = [row for row in rows if not is_waiting_for_people(row.post)]
    return PostList(waiting, by_day([*others, *at_vk]))


@blueprint.app_template_filter()
def moment_of(entry: PostRow | WallPost) -> datetime:
    return entry.when if isinstance(entry, PostRow) else entry.date


def by_day(entries: Sequence[PostRow | WallPost]) -> list[tuple[datetime, list[PostRow | WallPost]]]:
    """By the days of the house, each with a moment of it."""
    ordered = sorted(entries, key=moment_of)
    days = groupby(ordered, key=lambda entry: to_user_timezone(moment_of(entry)).date())
    lists = (list(group) for _, group in days)
    return [(moment_of(found[0]), found) for found in lists]


def _done(community_id: UUID, change: Callable[[], str], or_else: str = "") -> ResponseReturnValue:
    """What was done is said, or why it was not; `or_else` is what VK's refusal means."""
    try:
        flash(change())
    except VkError as error:
        flash(f"{or_else} {vk_error_sentence(error.code)}", BAD)
    except Refused as refused:
        flash(_why_not(refused), BAD)
    return _back(community_id)


def _back(community_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("pages.community_posts", community_id=community_id), 303)


def _why_not(refused: Refused) -> str:
    if refused.reason is Reason.NOT_FOUND:
        return str(gettext("The post is not there any more: it was published or cancelled meanwhile."))
    if refused.reason is Reason.VERSION_CONFLICT:
        return str(gettext("The post is being published at this moment."))
    if refused.reason is Reason.INVALID_SETTINGS:
        return problem_sentence(refused.details["fields"]["address"])
    raise refused
