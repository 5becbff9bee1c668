"""Implements ports.vk.api.VkApi: https://dev.vk.com/ru/api/api-requests."""

import math
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event
from typing import Any
from urllib.parse import urlencode

import structlog

from app.adapters.vk_api.addresses import connection_to
from app.adapters.vk_api.answers import response_of, upload_of
from app.domain.deadlines import Deadline
from app.domain.errors import DatabaseUnavailable, ProviderFault
from app.domain.vk.errors import VkBusy, VkError, VkOutcomeUnknown, VkQuotaUsedUp, VkUnreachable, VkUploadFailed
from app.domain.vk.media import SLOWEST_LINE
from app.domain.vk.rules import VkRules
from app.ports.providers import Connection, HttpClient, HttpReply
from app.ports.vk.api import TokenPace, UploadFile, VkToken

log = structlog.get_logger(__name__)

_CALL_SECONDS = 15.0
_UPLOAD_SECONDS = 30.0  # beside those that its bytes need
_ANSWER_MAX_BYTES = 16 << 20  # a thousand photos with all their sizes are about five megabytes
_UPLOAD_ANSWER_MAX_BYTES = 1 << 20
_PAUSES = (0.5, 1.0, 2.0)
_AGAIN_WITHIN_SECONDS = 15.0
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_FLOOD_CONTROL = 9

# A busy VK refuses before it does anything; of a lost answer nobody knows, so that only reads are asked again.
_WRITE_AGAIN: tuple[type[VkError], ...] = (VkBusy, VkUnreachable)
_READ_AGAIN: tuple[type[VkError], ...] = (*_WRITE_AGAIN, VkOutcomeUnknown)


class VkClient:
    """`base_url` is where the API is, without a slash at its end. `sleep` waits so many seconds."""

    def __init__(
        self,
        http: HttpClient,
        pace: TokenPace,
        rules: VkRules,
        base_url: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = http
        self._pace = pace
        self._rules = rules
        self._api = Connection(base_url)
        self._sleep = sleep

    def read(self, method: str, token: VkToken, **parameters: Any) -> Any:
        return self._call(method, token, parameters, _READ_AGAIN, None)

    def write(
        self, method: str, token: VkToken, before_sending: Callable[[], None] | None = None, /, **parameters: Any
    ) -> Any:
        return self._call(method, token, parameters, _WRITE_AGAIN, before_sending)

    def upload(self, url: str, files: Mapping[str, UploadFile]) -> Mapping[str, Any]:
        size = sum(len(file.data) for file in files.values())
        deadline = Deadline(time.monotonic() + _UPLOAD_SECONDS + size / SLOWEST_LINE)
        parts = [(field, (file.name, file.data, "image/jpeg")) for field, file in files.items()]
        try:
            server = connection_to(url, self._api.base_url)
            with self._http.session(server, deadline, Event()) as session:
                return upload_of(session.send("POST", url, files=parts, max_bytes=_UPLOAD_ANSWER_MAX_BYTES))
        except (ProviderFault, ValueError) as error:
            raise VkUploadFailed(f"The photo cannot be uploaded: {error}") from None

    def _call(
        self,
        method: str,
        token: VkToken,
        parameters: Mapping[str, Any],
        again: tuple[type[VkError], ...],
        before_sending: Callable[[], None] | None,
    ) -> Any:
        last_try_at = time.monotonic() + _AGAIN_WITHIN_SECONDS
        pauses = iter(_PAUSES)
        while True:
            try:
                return self._once(method, token, parameters, before_sending)
            except VkError as error:
                log.info("vk_call_failed", method=method, code=error.code, vk_code=error.vk_code)
                pause = next(pauses, math.inf)
                if not isinstance(error, again) or time.monotonic() + pause > last_try_at:
                    raise
            self._sleep(pause)

    def _once(
        self, method: str, token: VkToken, parameters: Mapping[str, Any], before_sending: Callable[[], None] | None
    ) -> Any:
        self._sleep(self._pace.reserve(token.value, token.calls_per_second, method))
        if before_sending:
            before_sending()
        form = _form({**parameters, "access_token": token.value, "v": self._rules.api_version})
        try:
            return response_of(self._send(method, form), method, token.value)
        except VkQuotaUsedUp as error:
            self._let_rest(token, error)
            raise

    def _send(self, method: str, form: bytes) -> HttpReply:
        deadline = Deadline(time.monotonic() + _CALL_SECONDS)
        try:
            with self._http.session(self._api, deadline, Event()) as session:
                path = f"/method/{method}"
                return session.send("POST", path, body=form, headers=_FORM, max_bytes=_ANSWER_MAX_BYTES)
        except ProviderFault as fault:
            kind = VkOutcomeUnknown if fault.may_have_cost else VkUnreachable
            raise kind(fault.message, method=method) from None

    def _let_rest(self, token: VkToken, error: VkQuotaUsedUp) -> None:
        """Flood control is held against the token, a quota against one method.

        So a wall that was read too often can still be posted to.
        """
        is_flood = error.vk_code == _FLOOD_CONTROL
        seconds = self._rules.flood_pause_seconds if is_flood else self._rules.quota_pause_seconds
        error.retry_after = seconds
        with suppress(DatabaseUnavailable):  # what VK said is what the caller must hear
            self._pace.park(token.value, seconds, error.message, "" if is_flood else error.method)


def _form(parameters: Mapping[str, Any]) -> bytes:
    """What is None is left out; lists are joined by commas, and truths are 1 and 0, as VK has them."""
    known = {name: _text(value) for name, value in parameters.items() if value is not None}
    return urlencode(known, errors="replace").encode()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value)
