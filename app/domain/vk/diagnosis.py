"""What the doctor finds out about the tokens of a community."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.domain.vk.community import Secret

USER_RIGHTS: Mapping[str, int] = {"photos": 4, "wall": 8192, "groups": 262144}
"""Rights that an administrator's token needs, by their bits: https://dev.vk.com/ru/reference/access-rights."""
OFFLINE = 65536
"""A token with this bit lives until somebody takes it back; others end within a day, most of them within an hour."""
COMMUNITY_RIGHTS: Mapping[str, int] = {"manage": 262144}
"""The same of a community's token."""
VK_ID_PREFIX = "vk2."
"""Tokens of VK ID begin so: wall.post refuses them (1051)."""


class Ailment(StrEnum):
    """What is wrong with a token; pages say what exactly to do about each."""

    NOT_SET = "not_set"
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    REFUSED = "refused"
    WRONG_TYPE = "wrong_type"
    VK_ID = "vk_id"
    MISSING_RIGHTS = "missing_rights"
    NOT_ADMINISTRATOR = "not_administrator"
    OTHER_COMMUNITY = "other_community"
    SHORT_LIVED = "short_lived"
    PARKED = "parked"
    NEEDS_PERSON = "needs_person"
    NO_ANSWER = "no_answer"


_MILD = frozenset({Ailment.ABSENT, Ailment.SHORT_LIVED, Ailment.PARKED, Ailment.NO_ANSWER})
"""With these publishing works now, or will by itself. A community's token that is not there is ABSENT."""
_ONLY_FOR_CALLBACK = ["groups"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`details`: `rights` that are missing, the `role` there is, `seconds` that a rest still takes, VK's `message`."""

    ailment: Ailment
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_grave(self) -> bool:
        return self.ailment not in _MILD and self.details.get("rights") != _ONLY_FOR_CALLBACK


@dataclass(frozen=True, slots=True)
class TokenReport:
    """`owner` is whose token it is, `role` what they are in the community, both empty where VK did not say.

    `rights` are those that it has of the ones that are needed. `is_lasting`: whether it stays until it is taken back,
    None if nobody knows.
    """

    secret: Secret
    findings: tuple[Finding, ...]
    owner: str = ""
    owner_url: str = ""
    role: str = ""
    rights: tuple[str, ...] = ()
    is_lasting: bool | None = None

    @property
    def is_fit(self) -> bool:
        return not any(finding.is_grave for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`user` and `community` are the reports on both tokens."""

    checked_at: datetime
    user: TokenReport
    community: TokenReport

    @property
    def is_fit(self) -> bool:
        """Whether photos can be published."""
        return self.user.is_fit
