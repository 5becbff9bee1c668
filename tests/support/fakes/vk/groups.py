"""Communities, what tokens may, and the Callback settings: groups.*, account.*, users.* and utils.*."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from tests.support.fakes.vk import shapes
from tests.support.fakes.vk.asked import COMMUNITY, USER, Asked, managed_group, method
from tests.support.fakes.vk.callback_servers import EVENTS, CallbackServer
from tests.support.fakes.vk.refusals import Refusal, bad
from tests.support.fakes.vk.world import Group, World

APP_RIGHTS = {"photos": 4, "wall": 8192, "offline": 65536, "groups": 262144}
COMMUNITY_RIGHTS = {"photos": 4, "app_widget": 64, "messages": 4096, "docs": 131072, "manage": 262144}


@method("groups.getById", USER, COMMUNITY)
def get_by_id(world: World, asked: Asked) -> Any:
    """By number or short name; a community's token that names none means its own."""
    names = asked.several("group_ids") or asked.several("group_id") or [str(asked.token.group_id or "")]
    found = [_named(world, name) for name in names]
    if not all(found):
        raise bad("group_ids")
    groups = [shapes.group(world, group, world.role(asked.token, group.id)) for group in found if group]
    return {"groups": groups, "profiles": []}


@method("groups.getTokenPermissions", COMMUNITY)
def get_token_permissions(world: World, asked: Asked) -> Any:
    settings = [{"name": name, "setting": bit} for name, bit in COMMUNITY_RIGHTS.items() if name in asked.token.rights]
    return {"mask": sum(setting["setting"] for setting in settings), "permissions": settings}


@method("account.getAppPermissions", USER)
def get_app_permissions(world: World, asked: Asked) -> Any:
    """A number of bits, and nothing around it."""
    return sum(bit for name, bit in APP_RIGHTS.items() if name in asked.token.rights)


@method("users.get", USER)
def get_users(world: World, asked: Asked) -> Any:
    """Whose token it is."""
    return [{"id": asked.user_id, "first_name": "Анна", "last_name": f"Админова {asked.user_id}"}]


@method("utils.getServerTime", USER, COMMUNITY)
def get_server_time(world: World, asked: Asked) -> Any:
    return world.clock.unix()


@method("utils.resolveScreenName", USER, COMMUNITY)
def resolve_screen_name(world: World, asked: Asked) -> Any:
    group = _named(world, asked.text("screen_name", shortest=1))
    return {"type": "group", "object_id": group.id} if group else []


@method("groups.getCallbackConfirmationCode", USER, COMMUNITY, right="groups")
def get_callback_confirmation_code(world: World, asked: Asked) -> Any:
    return {"code": _managed(world, asked).confirmation_code}


@method("groups.getCallbackServers", USER, COMMUNITY, right="groups")
def get_callback_servers(world: World, asked: Asked) -> Any:
    wanted = asked.numbers("server_ids")
    servers = [server for server in world.servers.of(_managed(world, asked).id) if not wanted or server.id in wanted]
    return {"count": len(servers), "items": [_shape(server) for server in servers]}


@method("groups.addCallbackServer", USER, COMMUNITY, right="groups")
def add_callback_server(world: World, asked: Asked) -> Any:
    """VK asks the new server for the confirmation code before it tells it of anything."""
    group = _managed(world, asked)
    if len(world.servers.of(group.id)) >= world.limits.callback_servers:
        raise Refusal(2000)
    return {"server_id": world.servers.add(group.id, *_address(asked)).id}


@method("groups.editCallbackServer", USER, COMMUNITY, right="groups")
def edit_callback_server(world: World, asked: Asked) -> Any:
    """Another address has to be confirmed anew."""
    world.servers.edit(_server(world, asked), *_address(asked))
    return 1


@method("groups.deleteCallbackServer", USER, COMMUNITY, right="groups")
def delete_callback_server(world: World, asked: Asked) -> Any:
    world.servers.remove(_server(world, asked))
    return 1


@method("groups.getCallbackSettings", USER, COMMUNITY, right="groups")
def get_callback_settings(world: World, asked: Asked) -> Any:
    server = _server(world, asked)
    return {"api_version": server.api_version, "events": {name: int(name in server.events) for name in EVENTS}}


@method("groups.setCallbackSettings", USER, COMMUNITY, right="groups")
def set_callback_settings(world: World, asked: Asked) -> Any:
    """Events that are not named stay as they are."""
    server = _server(world, asked)
    named = [name for name in EVENTS if name in asked.fields]
    server.events = {*server.events.difference(named), *(name for name in named if asked.flag(name))}
    server.api_version = asked.text("api_version") or server.api_version
    return 1


def _managed(world: World, asked: Asked) -> Group:
    if asked.token.group_id is not None and "manage" not in asked.token.rights:
        raise Refusal(15, "no access to call this method")
    return managed_group(world, asked)


def _server(world: World, asked: Asked) -> CallbackServer:
    group, number = _managed(world, asked), asked.number("server_id", lowest=1)
    found = next((server for server in world.servers.of(group.id) if server.id == number), None)
    if found is None:
        raise Refusal(104)
    return found


def _address(asked: Asked) -> Sequence[str]:
    """Address, title and secret of a server."""
    url = asked.text("url", shortest=1)
    if not url.startswith(("http://", "https://")):
        raise bad("url")
    return url, asked.text("title", shortest=1, longest=14), asked.text("secret_key", longest=50)


def _shape(server: CallbackServer) -> dict[str, Any]:
    shown = ("id", "title", "creator_id", "url", "secret_key", "status")
    return {name: value for name, value in asdict(server).items() if name in shown}


def _named(world: World, name: str) -> Group | None:
    digits = name.removeprefix("club").removeprefix("public")
    if digits.isdigit():
        return world.groups.get(int(digits))
    return next((group for group in world.groups.values() if group.screen_name == name), None)
