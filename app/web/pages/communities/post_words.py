"""Posts on their way, in words: where each is, why it stopped, and what helps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import format_decimal, format_timedelta, gettext

from app.domain.vk.errors import VkListTooLong
from app.domain.vk.posts import PostStatus, SystemPost
from app.services.vk.cautions import Caution, CautionKind
from app.web.pages.formats import clock, day
from app.web.vk_words import vk_error_sentence

_WAITS_FOR_PEOPLE = (PostStatus.ERROR, PostStatus.POSSIBLE_ERROR, PostStatus.LATE)


@dataclass(frozen=True, slots=True)
class PostState:
    """`kind` is a class of the pill; `reason` and `advice` are sentences, empty where nothing is to be said.

    `link` is where VK wants a person to go. `needs_person`: nothing happens until somebody decides.
    """

    label: str
    kind: str = ""
    reason: str = ""
    advice: str = ""
    link: str = ""
    needs_person: bool = False


def state_of(post: SystemPost) -> PostState:
    match post.status:
        case PostStatus.PENDING_PUBLICATION:
            return _pending(post)
        case PostStatus.PUBLISHING:
            return _publishing(post)
        case PostStatus.LATE:
            return _late()
        case PostStatus.POSSIBLE_ERROR:
            return _possible_error(post)
        case PostStatus.ERROR:
            return _error(post)


def is_waiting_for_people(post: SystemPost) -> bool:
    return post.status in _WAITS_FOR_PEOPLE


def no_token_sentence() -> str:
    return str(gettext("Nothing can be published now: there is no token of an administrator. Enter one, or plan it."))


def caution_sentence(caution: Caution) -> str:
    when = f"{day(caution.when)}, {clock(caution.when)}" if caution.when else ""
    sentences = {
        CautionKind.SAME_TEXT: gettext("A post with the same text: %(when)s.", when=when),
        CautionKind.SAME_PHOTOS: gettext("Photos of this post are in another one, too: %(when)s.", when=when),
        CautionKind.TIME_TAKEN: gettext("Another post is scheduled for the same minute. VK may refuse one of them."),
        CautionKind.TOO_MANY_POSTS: gettext(
            "That is more than %(n)s posts in 24 hours: VK may refuse it.", n=caution.number
        ),
    }
    return str(sentences[caution.kind])


def _pending(post: SystemPost) -> PostState:
    if post.error:
        again = gettext("It is tried again by itself, you need not do anything.")
        return PostState(gettext("Will be tried again"), "warning", reason_of(post.error), again)
    if post.publication_date - post.read_at < timedelta(minutes=1):
        return PostState(gettext("Is about to be published"))
    return PostState(gettext("Scheduled"), advice=_in_time(post.publication_date - post.read_at))


def _publishing(post: SystemPost) -> PostState:
    if post.attempted_at is None:
        return PostState(gettext("Photos are on their way to VK"), "busy")
    return PostState(gettext("Sent, being looked for on the wall"), "busy")


def _late() -> PostState:
    return PostState(
        gettext("Late"),
        "warning",
        gettext("Its time passed while the server was not running, or VK could not be reached."),
        gettext("Publish it now, give it another time, or drop it."),
        needs_person=True,
    )


def _possible_error(post: SystemPost) -> PostState:
    known = post.error or {}
    reason = gettext("It was sent, but it is not on the wall.")
    if known.get("stage") == "verification":
        reason = gettext("It was sent, but the wall cannot be looked at.") + " " + reason_of(known)
    advice = gettext("Try again: the wall is looked at first, so that it never appears twice.")
    if known.get("code") == VkListTooLong.code:
        advice = gettext("If it is on the wall, tell its link here. If not, drop this post and write it anew.")
    return PostState(gettext("May have failed"), "warning", reason, advice, needs_person=True)


def _error(post: SystemPost) -> PostState:
    known = post.error or {}
    link = str(known.get("details", {}).get("redirect_uri", ""))
    link = link if link.startswith("https://") else ""
    return PostState(gettext("Not published"), "bad", reason_of(known), _advice(known), link, needs_person=True)


def reason_of(error: Mapping[str, Any]) -> str:
    """Why, for what SystemPost.error keeps."""
    code = str(error.get("code", ""))
    own = _OWN.get(code)
    return own(error) if own else vk_error_sentence(code)


def _advice(error: Mapping[str, Any]) -> str:
    if error.get("needs_person"):
        return str(gettext("If that does not help: take photos and text, publish the post by hand, and tell it here."))
    advice = {
        "unknown_variables": gettext("Give the variable a value, or change the text; then try again."),
        "text_too_long": gettext("Shorten the text, or what its variables stand for."),
        "nothing_to_post": gettext("Write something, or add a photo."),
        "photo_withdrawn": gettext("Take the photo out, or show it in the gallery again; then try again."),
        "photo_missing": gettext("Take the photo out, or add it anew; then try again."),
        "photo_unusable": gettext("Take the photo out, or put another one in its place."),
        "file_refused": gettext("Take the photo out, or put another one in its place."),
        "time_taken": gettext("Try again, or choose another time."),
    }
    return str(advice.get(error.get("code", ""), gettext("Try again. If that does not help, publish it by hand.")))


def _unknown_variables(error: Mapping[str, Any]) -> str:
    names = ", ".join(f"{{{name}}}" for name in error.get("names", ()))
    return str(gettext("Variables without a value: %(names)s.", names=names))


def _too_long(error: Mapping[str, Any]) -> str:
    numbers = {name: format_decimal(error.get("details", {}).get(name, 0)) for name in ("length", "limit")}
    return str(gettext("With its variables the text has %(length)s characters; VK takes %(limit)s.", **numbers))


_OWN: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "unknown_variables": _unknown_variables,
    "text_too_long": _too_long,
    "nothing_to_post": lambda _: str(gettext("There is neither text nor a photo.")),
    "photo_withdrawn": lambda _: str(gettext("A photo of this post was hidden or deleted after it was planned.")),
    "photo_missing": lambda _: str(gettext("Our copy of a photo is lost.")),
    "photo_unusable": lambda _: str(gettext("VK takes no picture like one of these.")),
    "media_unavailable": lambda _: str(gettext("The store of pictures does not answer.")),
    "interrupted": lambda _: str(gettext("The server stopped several times while it published this.")),
    "not_found": lambda _: str(gettext("It was sent, but it is not on the wall.")),
}


def _in_time(left: timedelta) -> str:
    return str(format_timedelta(left, add_direction=True))
