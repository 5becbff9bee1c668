"""A VK community that photos are published to. The user's documents call it a project."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class LatePolicy(StrEnum):
    """What becomes of a post whose time passed while nothing was running: PUBLISH it now, or ASK a person."""

    PUBLISH = "publish"
    ASK = "ask"


LATE_MINUTES = 15
"""A post is late when its time passed so long ago before anybody could publish it."""


class Secret(StrEnum):
    """What is kept encrypted of a community.

    USER_TOKEN is an administrator's: only with one can photos be uploaded and albums and walls be read (error 27).
    COMMUNITY_TOKEN sets up Callback. CALLBACK_SECRET comes with every Callback event.
    """

    USER_TOKEN = "user_token"  # noqa: S105 - names of secrets, no secrets
    COMMUNITY_TOKEN = "community_token"  # noqa: S105
    CALLBACK_SECRET = "callback_secret"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Community:
    """`group_id` is positive; as an owner of photos and posts VK calls the community `-group_id`.

    `confirmation_code` is what VK expects as the answer to a confirmation; `callback_server_id` VK's number of our
    Callback server, None while it is not set up. `version` grows by one with every change.
    """

    id: UUID
    group_id: int
    name: str
    screen_name: str
    photo_url: str
    confirmation_code: str
    callback_server_id: int | None
    late_policy: LatePolicy
    version: int
    created_by: str | None
    created_at: datetime

    @property
    def owner_id(self) -> int:
        return -self.group_id

    @property
    def url(self) -> str:
        return f"https://vk.com/{self.screen_name or f'club{self.group_id}'}"
