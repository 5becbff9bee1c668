"""Walls: the methods wall.*, and what becomes of postponed posts."""

import re
from dataclasses import dataclass, replace
from typing import Any

from tests.support.fakes.vk import shapes
from tests.support.fakes.vk.asked import USER, Asked, method
from tests.support.fakes.vk.refusals import Refusal, bad
from tests.support.fakes.vk.world import ADMINISTRATOR, Group, Key, Post, World

ATTACHMENTS_MAX = 10
TEXT_MAX = 15_895
GUID_SECONDS = 3600
DAY = 86_400
_PHOTO = re.compile(r"photo(-?\d+)_(\d+)(?:_(\w+))?")
_POST = re.compile(r"(-?\d+)_(\d+)(?:_\w+)?")


@dataclass(frozen=True)
class Draft:
    """What a post is to be. `publish_date` of 0: now."""

    text: str
    photos: list[Key]
    publish_date: int = 0


@method("wall.post", USER, right="wall")
def post(world: World, asked: Asked) -> Any:
    """A `guid` that was used within the hour, by fake's clock, brings back the post that it made."""
    group = _wall(world, asked)
    _check_writer(world, asked, group)
    known = _by_guid(world, asked, group)
    if known is None:
        known = _published(world, asked, group) if "post_id" in asked.fields else _posted(world, asked, group)
        world.guids[asked.user_id, group.id, asked.text("guid")] = (known, world.clock.unix())
    return {"post_id": known}


@method("wall.edit", USER, right="wall")
def edit(world: World, asked: Asked) -> Any:
    group = _wall(world, asked)
    _check_writer(world, asked, group)
    old = _existing(world, asked, group)
    photos = _attached(world, asked, group) if "attachments" in asked.fields else old.photos
    text = asked.text("message", longest=TEXT_MAX) if "message" in asked.fields else old.text
    date = asked.number("publish_date", old.date, lowest=0)
    change_post(world, old, Draft(text, photos, date))
    return {"post_id": old.id}


@method("wall.delete", USER, right="wall")
def delete(world: World, asked: Asked) -> Any:
    group = _wall(world, asked)
    _check_writer(world, asked, group)
    remove_post(world, _existing(world, asked, group))
    return 1


@method("wall.get", USER, right="wall")
def get(world: World, asked: Asked) -> Any:
    """Published posts, the newest first, or postponed ones, the next first, for those who manage the community."""
    group = _wall(world, asked)
    kind = asked.text("filter") or "all"
    if kind not in ("all", "owner", "others", "postponed", "suggests"):
        raise bad("filter")
    if kind in ("postponed", "suggests") and world.role(asked.token, group.id) is None:
        raise Refusal(15)
    posts = [] if kind in ("others", "suggests") else on_wall(world, group.id, is_postponed=kind == "postponed")
    posts.sort(key=lambda post: not post.is_pinned)
    page = posts[asked.page(default=20, most=100)]
    return {"count": len(posts), "items": [shapes.post(world, post) for post in page]}


@method("wall.getById", USER, right="wall")
def get_by_id(world: World, asked: Asked) -> Any:
    """Those that exist, in the order of the question; postponed ones only for those who manage the community."""
    names = [_POST.fullmatch(name) for name in asked.several("posts", most=100)]
    if not names or not all(names):
        raise bad("posts")
    keys = [(int(name[1]), int(name[2])) for name in names if name]
    posts = [world.posts[key] for key in keys if key in world.posts]
    seen = [post for post in posts if not post.is_postponed or world.role(asked.token, -post.owner_id)]
    return {"items": [shapes.post(world, post) for post in seen]}


def on_wall(world: World, group_id: int, *, is_postponed: bool = False) -> list[Post]:
    """A community's posts: published ones, the newest first, or postponed ones, the next first."""
    posts = [post for post in world.posts.values() if (post.owner_id, post.is_postponed) == (-group_id, is_postponed)]
    return sorted(posts, key=lambda post: (post.date, post.id), reverse=not is_postponed)


def add_post(world: World, group_id: int, created_by: int, draft: Draft, *, from_group: bool = True) -> Post:
    """Publish or postpone it, and tell so."""
    is_postponed = draft.publish_date > world.clock.unix()
    date = draft.publish_date if is_postponed else world.clock.unix()
    number = world.next_id("post", -group_id)
    from_id = -group_id if from_group else created_by
    made = Post(number, -group_id, from_id, created_by, date, draft.text, list(draft.photos), is_postponed)
    world.posts[-group_id, number] = made
    _tell(world, made, "wall_schedule_post_new" if is_postponed else "wall_post_new")
    return made


def change_post(world: World, old: Post, draft: Draft) -> None:
    """No event tells of an edited post; a postponed one is told to be deleted, and then new."""
    if old.is_postponed:
        _tell(world, old, "wall_schedule_post_delete")
    old.text, old.photos, old.date = draft.text, list(draft.photos), draft.publish_date or old.date
    if old.is_postponed:
        _tell(world, old, "wall_schedule_post_new")


def remove_post(world: World, gone: Post) -> None:
    """No event tells of a deleted post but of a postponed one."""
    del world.posts[gone.owner_id, gone.id]
    if gone.is_postponed:
        _tell(world, gone, "wall_schedule_post_delete")


def publish_due(world: World) -> None:
    """What is postponed no further appears, with a new id."""
    due = [post for post in world.posts.values() if post.is_postponed and post.date <= world.clock.unix()]
    for post in sorted(due, key=lambda post: (post.date, post.id)):
        publish(world, post)


def publish(world: World, post: Post) -> Post:
    """A postponed post appears with a new id, at its time or, before it, now."""
    del world.posts[post.owner_id, post.id]
    number = world.next_id("post", post.owner_id)
    date = min(post.date, world.clock.unix())
    appeared = replace(post, id=number, date=date, is_postponed=False, postponed_id=post.id)
    world.posts[post.owner_id, number] = appeared
    _tell(world, appeared, "wall_post_new")
    return appeared


def _wall(world: World, asked: Asked) -> Group:
    owner_id = asked.number("owner_id")
    if -owner_id not in world.groups:
        raise Refusal(100, "owner_id is not a community's") if owner_id < 0 else Refusal(15)
    return world.groups[-owner_id]


def _check_writer(world: World, asked: Asked, group: Group) -> None:
    if asked.token.is_of_vk_id:
        raise Refusal(1051)
    if world.role(asked.token, group.id) is None:
        raise Refusal(214)


def _by_guid(world: World, asked: Asked, group: Group) -> int | None:
    number, at = world.guids.get((asked.user_id, group.id, asked.text("guid")), (0, 0))
    is_known = asked.text("guid") and number and world.clock.unix() - at < GUID_SECONDS
    return number if is_known else None


def _posted(world: World, asked: Asked, group: Group) -> int:
    draft = Draft(asked.text("message", longest=TEXT_MAX), _attached(world, asked, group), _date(world, asked, group))
    if not draft.text and not draft.photos:
        raise bad("message", "or attachments should be given")
    _check_limits(world, group, draft)
    return add_post(world, group.id, asked.user_id, draft, from_group=asked.flag("from_group")).id


def _published(world: World, asked: Asked, group: Group) -> int:
    postponed = _existing(world, asked, group)
    if not postponed.is_postponed:
        raise bad("post_id", "is not of a postponed post")
    return publish(world, postponed).id


def _existing(world: World, asked: Asked, group: Group) -> Post:
    found = world.posts.get((group.owner_id, asked.number("post_id", lowest=1)))
    if found is None:
        raise Refusal(104)
    return found


def _attached(world: World, asked: Asked, group: Group) -> list[Key]:
    """What is attached in the end: unknown photos are left out silently, and all if no administrator asks."""
    names = [_PHOTO.fullmatch(name) for name in asked.several("attachments")]
    if not all(names):
        raise bad("attachments")
    if len(names) > ATTACHMENTS_MAX:
        raise bad("attachments", f"has more than {ATTACHMENTS_MAX} items")
    keys = [(int(name[1]), int(name[2])) for name in names if name]
    return [key for key in keys if key in world.photos] if world.role(asked.token, group.id) == ADMINISTRATOR else []


def _date(world: World, asked: Asked, group: Group) -> int:
    """A time to come, at which nothing else is postponed to appear."""
    date = asked.number("publish_date", 0, lowest=0)
    if not date:
        return 0
    if not world.clock.unix() < date < world.clock.unix() + 366 * DAY:
        raise bad("publish_date")
    if any(post.date // 60 == date // 60 for post in on_wall(world, group.id, is_postponed=True)):
        raise Refusal(214, "a post is already scheduled for this time")
    return date


def _check_limits(world: World, group: Group, draft: Draft) -> None:
    now = world.clock.unix()
    posts_today = sum(post.date > now - DAY for post in on_wall(world, group.id))
    postponed = len(on_wall(world, group.id, is_postponed=True))
    if posts_today >= world.limits.posts_a_day and not draft.publish_date:
        raise Refusal(214, "too many posts today")
    if postponed >= world.limits.postponed and draft.publish_date:
        raise Refusal(214, "too many postponed posts")


def _tell(world: World, post: Post, kind: str) -> None:
    told = shapes.post(world, post)
    if post.postponed_id is not None:
        told["postponed_id"] = post.postponed_id
    is_of_schedule = kind.startswith("wall_schedule")
    world.callbacks.tell(-post.owner_id, kind, {"id": post.id, "schedule_time": post.date} if is_of_schedule else told)
