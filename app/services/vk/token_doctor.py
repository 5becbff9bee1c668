"""The doctor of tokens: whose a token is, what it may do, how long it will live, and what is wrong with it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.domain.vk.community import Community, Secret
from app.domain.vk.diagnosis import (
    COMMUNITY_RIGHTS,
    OFFLINE,
    USER_RIGHTS,
    VK_ID_PREFIX,
    Ailment,
    Diagnosis,
    Finding,
    TokenReport,
)
from app.domain.vk.errors import (
    VkAccessDenied,
    VkCaptcha,
    VkError,
    VkQuotaUsedUp,
    VkTokenRefused,
    VkValidationNeeded,
    VkWrongTokenType,
)
from app.ports.secrets import StoredSecret
from app.ports.vk.api import TokenPace, VkApi, VkToken
from app.services.vk.bounded import PATIENCE_SECONDS, answer_of, begun
from app.services.vk.communities import CommunityService
from app.services.vk.community_wishes import TOKENS
from app.services.vk.profiles import Profile, Role, read_profile
from app.services.vk.tokens import CommunityTokens

_AILMENTS: tuple[tuple[type[VkError], Ailment], ...] = (
    (VkWrongTokenType, Ailment.WRONG_TYPE),
    (VkTokenRefused, Ailment.REFUSED),
    (VkQuotaUsedUp, Ailment.PARKED),
    (VkCaptcha, Ailment.NEEDS_PERSON),
    (VkValidationNeeded, Ailment.NEEDS_PERSON),
    (VkAccessDenied, Ailment.NOT_ADMINISTRATOR),
)


@dataclass
class _Chart:
    """What was found out until VK refused to say more."""

    token: VkToken
    findings: list[Finding] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    profile: Profile | None = None

    def note(self, ailment: Ailment, **details: Any) -> None:
        self.findings.append(Finding(ailment, details))

    def report(self, secret: Secret) -> TokenReport:
        return TokenReport(secret, tuple(self.findings), **self.facts)


class TokenDoctor:
    def __init__(self, *, communities: CommunityService, tokens: CommunityTokens, api: VkApi, pace: TokenPace) -> None:
        self._communities = communities
        self._tokens = tokens
        self._api = api
        self._pace = pace

    def examine(self, community_id: UUID) -> Diagnosis:
        """Ask VK about both tokens, within five seconds; calls the community from now on as VK does.

        Raises Refused(NOT_FOUND).
        """
        community = self._communities.find(community_id)
        kept = self._tokens.kept(community_id)
        ends = time.monotonic() + PATIENCE_SECONDS
        questions = {name: begun(self._examination(community, name, kept)) for name in TOKENS}
        reports = {name: answer_of(asked, ends - time.monotonic()) for name, asked in questions.items()}
        user, own = (reports[name] or _silent(name) for name in questions)
        return Diagnosis(datetime.now(UTC), user, own)

    def _examination(
        self, community: Community, name: Secret, kept: Mapping[str, StoredSecret]
    ) -> Callable[[], TokenReport]:
        secret = kept.get(name)
        if secret is not None and not secret.is_readable:
            return lambda: TokenReport(name, (Finding(Ailment.UNREADABLE),))
        if secret is None or secret.value is None:
            missing = Ailment.NOT_SET if name is Secret.USER_TOKEN else Ailment.ABSENT
            return lambda: TokenReport(name, (Finding(missing),))
        token = self._tokens.token_of(secret.value, name)
        if name is Secret.COMMUNITY_TOKEN:
            return lambda: self._examined(name, community, token, self._look_at_community_token)
        return lambda: self._examined(name, community, token, self._look_at_user_token)

    def _examined(
        self, name: Secret, community: Community, token: VkToken, look: Callable[[_Chart, Community], None]
    ) -> TokenReport:
        chart = _Chart(token)
        if rest := self._pace.parked([token.value]).get(token.value):
            chart.note(Ailment.PARKED, seconds=round(rest))
            return chart.report(name)
        try:
            look(chart, community)
        except VkError as error:
            chart.findings.append(_finding(error))
        if chart.profile and chart.profile.group_id == community.group_id:
            self._communities.refresh(community, chart.profile)
        return chart.report(name)

    def _look_at_user_token(self, chart: _Chart, community: Community) -> None:
        if chart.token.value.startswith(VK_ID_PREFIX):
            chart.note(Ailment.VK_ID)
        people = self._api.read("users.get", chart.token)
        if not people:  # VK's answer to a community's token
            chart.note(Ailment.WRONG_TYPE)
            return
        chart.facts |= _owner(people[0])
        mask = self._api.read("account.getAppPermissions", chart.token)
        _note_rights(chart, _whole(mask), USER_RIGHTS)
        chart.facts["is_lasting"] = bool(_whole(mask) & OFFLINE)
        if not chart.facts["is_lasting"]:
            chart.note(Ailment.SHORT_LIVED)
        chart.profile = read_profile(self._api, chart.token, community.group_id)
        chart.facts["role"] = chart.profile.role.value
        if chart.profile.role is not Role.ADMINISTRATOR:
            chart.note(Ailment.NOT_ADMINISTRATOR, role=chart.profile.role.value)

    def _look_at_community_token(self, chart: _Chart, community: Community) -> None:
        answer = self._api.read("groups.getTokenPermissions", chart.token)
        _note_rights(chart, _whole(answer.get("mask") if isinstance(answer, Mapping) else 0), COMMUNITY_RIGHTS)
        chart.facts["is_lasting"] = True
        chart.profile = read_profile(self._api, chart.token, None)
        chart.facts["owner"] = chart.profile.name
        chart.facts["owner_url"] = f"https://vk.com/club{chart.profile.group_id}"
        if chart.profile.group_id != community.group_id:
            chart.note(Ailment.OTHER_COMMUNITY, name=chart.profile.name)


def _note_rights(chart: _Chart, mask: int, needed: Mapping[str, int]) -> None:
    chart.facts["rights"] = tuple(name for name, bit in needed.items() if mask & bit)
    if missing := [name for name, bit in needed.items() if not mask & bit]:
        chart.note(Ailment.MISSING_RIGHTS, rights=missing)


def _owner(person: Any) -> dict[str, str]:
    known = person if isinstance(person, Mapping) else {}
    name = " ".join(str(known.get(part) or "") for part in ("first_name", "last_name")).strip()
    return {"owner": name or str(known.get("id", "")), "owner_url": f"https://vk.com/id{_whole(known.get('id'))}"}


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _finding(error: VkError) -> Finding:
    ailment = next((ailment for kind, ailment in _AILMENTS if isinstance(error, kind)), Ailment.NO_ANSWER)
    details = {"message": error.message, "vk_code": error.vk_code, **error.details}
    if error.retry_after:
        details["seconds"] = round(error.retry_after)
    return Finding(ailment, details)


def _silent(name: Secret) -> TokenReport:
    """VK took too long."""
    return TokenReport(name, (Finding(Ailment.NO_ANSWER),))
