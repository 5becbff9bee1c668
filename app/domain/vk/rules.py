"""How hard VK may be asked: what its sources disagree on, or may change without telling us."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VkRules:
    """As `configs/vk.json` says; its schema tells what the sources say.

    `user_calls_per_second` and `community_calls_per_second` are what tokens of either type may call. A token rests for
    `flood_pause_seconds` after flood control (9), for `quota_pause_seconds` once a method's quota is used up (29).
    `posts_per_day` is a community's, in any 24 hours.
    """

    api_version: str
    user_calls_per_second: int
    community_calls_per_second: int
    flood_pause_seconds: float
    quota_pause_seconds: float
    posts_per_day: int
