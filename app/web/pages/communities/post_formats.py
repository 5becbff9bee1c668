"""How templates show posts: as VK does, and by the days of the house."""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

from flask_babel import format_date, format_decimal, gettext, to_user_timezone
from markupsafe import Markup, escape

from app.domain.vk.posts import WallPost
from app.web.pages.communities.post_words import caution_sentence
from app.web.pages.site import blueprint

blueprint.add_app_template_filter(caution_sentence)

_LINKS = re.compile(r"(https?://\S+|#[\w@]+|@\w+|\{\w+\})")


@blueprint.app_template_test("wall_post")
def is_wall_post(entry: object) -> bool:
    return isinstance(entry, WallPost)


@blueprint.app_template_filter()
def day_name(when: datetime) -> str:
    """Today, tomorrow, or weekday and day."""
    days = (to_user_timezone(when).date() - to_user_timezone(datetime.now(UTC)).date()) // timedelta(days=1)
    near = {0: gettext("Today"), 1: gettext("Tomorrow")}.get(days)
    return near or str(format_date(when, "EEEE, d MMMM"))


@blueprint.app_template_filter()
def weekday(day: date) -> str:
    return str(format_date(day, "ccc"))


@blueprint.app_template_filter()
def long_date(day: date) -> str:
    return str(format_date(day, "d MMMM"))


@blueprint.app_template_filter()
def number(amount: int) -> str:
    return str(format_decimal(amount))


@blueprint.app_template_filter()
def vk_text(text: str, unknown: Collection[str]) -> Markup:
    """With links and hashtags as VK marks them, and variables that stand for nothing."""
    return Markup("").join(_marked(piece, unknown) for piece in _LINKS.split(text))


def _marked(piece: str, unknown: Collection[str]) -> Markup:
    if piece.startswith("{") and piece.strip("{}") in unknown:
        return Markup("<mark>{}</mark>").format(piece)
    if _LINKS.fullmatch(piece) and not piece.startswith("{"):
        return Markup('<span class="vk-link">{}</span>').format(piece)
    return escape(piece)
