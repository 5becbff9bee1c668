"""What VK's replies and events look like, written by hand after its API schema 5.199.

Closer than that schema: nothing may stand in a reply that is not named here, so that no client comes to need it.
"""

from functools import cache
from typing import Any

from jsonschema import Draft7Validator

Schema = dict[str, Any]

_ID: Schema = {"type": "integer"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_FLAG: Schema = {"enum": [0, 1]}
_TEXT: Schema = {"type": "string"}
_URL: Schema = {"type": "string", "pattern": "^https?://"}
_OWNER: Schema = {"type": "integer", "not": {"const": 0}}


def _object(may_have: Schema | None = None, **has: Schema) -> Schema:
    properties = {**has, **(may_have or {})}
    return {"type": "object", "properties": properties, "required": list(has), "additionalProperties": False}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _page(item: Schema) -> Schema:
    return _object(count=_COUNT, items=_list(item))


_SIZE = _object(type={"enum": ["s", "m", "x", "y", "z", "w"]}, width=_COUNT, height=_COUNT, url=_URL)
_PHOTO = _object(
    {"access_key": _TEXT},
    id=_COUNT,
    owner_id=_OWNER,
    album_id=_ID,
    user_id=_COUNT,
    date=_COUNT,
    text=_TEXT,
    has_tags={"type": "boolean"},
    sizes={**_list(_SIZE), "minItems": 1},
)
_ALBUM = _object(
    {"thumb_src": _URL},
    id=_ID,
    owner_id=_OWNER,
    title=_TEXT,
    description=_TEXT,
    size=_COUNT,
    created=_COUNT,
    updated=_COUNT,
    thumb_id=_COUNT,
    can_upload=_FLAG,
)
_POST = _object(
    {"postponed_id": _ID},
    inner_type={"const": "wall_wallpost"},
    type={"const": "post"},
    id=_ID,
    owner_id={"type": "integer", "maximum": -1},
    from_id=_OWNER,
    created_by=_COUNT,
    date=_COUNT,
    text=_TEXT,
    post_type={"enum": ["post", "postpone"]},
    attachments=_list(_object(type={"const": "photo"}, photo=_PHOTO)),
)
_GROUP = _object(
    {"admin_level": {"enum": [1, 2, 3]}},
    id=_COUNT,
    name=_TEXT,
    screen_name=_TEXT,
    is_closed=_FLAG,
    type={"const": "group"},
    is_admin=_FLAG,
    is_member=_FLAG,
    photo_50=_URL,
    photo_100=_URL,
    photo_200=_URL,
)
_SERVER = _object(
    id=_COUNT,
    title=_TEXT,
    creator_id=_ID,
    url=_URL,
    secret_key=_TEXT,
    status={"enum": ["unconfigured", "failed", "wait", "ok"]},
)
_UPLOAD = _object({"group_id": _COUNT}, album_id=_ID, upload_url=_URL, user_id=_COUNT)
_POST_ID = _object(post_id={"type": "integer", "minimum": 1})
_ONE: Schema = {"const": 1}

RESPONSES: dict[str, Schema] = {
    "photos.createAlbum": _ALBUM,
    "photos.getAlbums": _page(_ALBUM),
    "photos.get": _page(_PHOTO),
    "photos.getById": _list(_PHOTO),
    "photos.getUploadServer": _UPLOAD,
    "photos.save": _list(_PHOTO),
    "photos.getWallUploadServer": _UPLOAD,
    "photos.saveWallPhoto": _list(_PHOTO),
    "wall.post": _POST_ID,
    "wall.edit": _POST_ID,
    "wall.delete": _ONE,
    "wall.get": _page(_POST),
    "wall.getById": _object(items=_list(_POST)),
    "groups.getById": _object(groups=_list(_GROUP), profiles=_list(_object())),
    "groups.getTokenPermissions": _object(mask=_COUNT, permissions=_list(_object(name=_TEXT, setting=_COUNT))),
    "groups.getCallbackConfirmationCode": _object(code=_TEXT),
    "groups.getCallbackServers": _page(_SERVER),
    "groups.addCallbackServer": _object(server_id=_COUNT),
    "groups.editCallbackServer": _ONE,
    "groups.deleteCallbackServer": _ONE,
    "groups.getCallbackSettings": _object(api_version=_TEXT, events={"type": "object", "additionalProperties": _FLAG}),
    "groups.setCallbackSettings": _ONE,
    "account.getAppPermissions": _COUNT,
    "users.get": _list(_object(id=_COUNT, first_name=_TEXT, last_name=_TEXT)),
    "utils.getServerTime": _COUNT,
    "utils.resolveScreenName": {"anyOf": [_object(type={"const": "group"}, object_id=_COUNT), {"const": []}]},
}
"""What stands in `response`, by method."""

_SCHEDULED = _object(id=_COUNT, schedule_time=_COUNT)
EVENTS: dict[str, Schema] = {
    "wall_post_new": _POST,
    "wall_schedule_post_new": _SCHEDULED,
    "wall_schedule_post_delete": _SCHEDULED,
    "photo_new": _PHOTO,
}
"""What stands in `object`, by type of event."""

_FULL = 25
"""Of a longer list only so many are looked at: all come from the same place."""


def check_response(method: str, response: Any) -> None:
    """Raises jsonschema's ValidationError."""
    _validator(method).validate(_shortened(response))


def check_event(kind: str, content: Any) -> None:
    """Raises jsonschema's ValidationError."""
    Draft7Validator(EVENTS[kind]).validate(content)


@cache
def _validator(method: str) -> Draft7Validator:
    return Draft7Validator(RESPONSES[method])


def _shortened(response: Any) -> Any:
    items = response.get("items") if isinstance(response, dict) else None
    return {**response, "items": items[:_FULL]} if items else response
