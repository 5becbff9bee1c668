"""The table of faults, row by row: what the booth gets, what the log says, how often a provider was asked."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import pytest

from app.domain.errors import FaultKind as Kind

GEMINI, OPENAI, COMFYUI = "gemini", "openai", "comfyui"
TURBOTEXT, REPLICATE = "turbotext", "replicate"
SYNC = (GEMINI, OPENAI)
FREE = (*SYNC, COMFYUI)  # to be asked again
BILLED = (TURBOTEXT, REPLICATE)  # each order
ALL = (*FREE, *BILLED)

WINDOW = 3.0
"""Seconds, a fifteenth of the shortest real window."""


class Lasts(Enum):
    """How long a shot takes whose only provider has the trouble for good."""

    A_MOMENT = "answered at once, or after the short pauses between tries"
    THE_DELAY = "as long as the provider wants to be left alone"
    THE_WINDOW = "all the time but the provider's reserve"


@dataclass(frozen=True)
class Row:
    """One trouble at some providers.

    `fault` is what each attempt of the log says, and `status` the provider's HTTP status beside it. `tries`: attempts
    while it goes on. `once`: attempts that fail when it happens a single time; 0 if the driver mends it by itself, None
    if the provider is not asked again. `booth`: the status of its answer if there is no fallback.
    """

    name: str
    at: tuple[str, ...]
    fault: Kind | None
    status: int | None = None
    tries: int = 1
    once: int | None = None
    booth: int = 502
    alert: bool = False
    lasts: Lasts = Lasts.A_MOMENT

    @property
    def window(self) -> float:
        """Seconds. Short where nothing can come too late: the chain's own times shrink with it."""
        return 1.5 if self.lasts is Lasts.THE_WINDOW else WINDOW


TABLE = (
    # nothing comes, or nothing whole
    Row("hang", ALL, Kind.HANG, booth=504, lasts=Lasts.THE_WINDOW),
    Row("drip", ALL, Kind.HANG, booth=504, lasts=Lasts.THE_WINDOW),
    Row("reset", FREE, Kind.CONNECTION_LOST, tries=2, once=1),
    Row("reset", BILLED, Kind.CONNECTION_LOST),  # the order may have been taken, and billed
    Row("reconnect", (COMFYUI, *BILLED), Kind.HANG, booth=504, lasts=Lasts.THE_WINDOW),
    # not now
    Row("rate_limited_delay", (*SYNC, *BILLED), Kind.RATE_LIMITED, 429, tries=2, once=1, lasts=Lasts.THE_DELAY),
    Row("rate_limited", (*SYNC, *BILLED), Kind.RATE_LIMITED, 429, tries=2, once=1),
    Row("quota_day", (GEMINI,), Kind.QUOTA_EXHAUSTED, 429, alert=True),
    Row("quota_day", (OPENAI,), Kind.ACCOUNT_EMPTY, 429, alert=True),
    Row("quota_day", (TURBOTEXT,), Kind.ACCOUNT_EMPTY, 200, alert=True),
    Row("quota_day", (REPLICATE,), Kind.ACCOUNT_EMPTY, 402, alert=True),
    Row("overloaded_500", FREE, Kind.OVERLOADED, 500, tries=2, once=1),
    Row("overloaded_500", BILLED, Kind.OVERLOADED, 500),  # which may hide an order, and its price
    Row("overloaded_502", FREE, Kind.OVERLOADED, 502, tries=2, once=1),
    Row("overloaded_502", BILLED, Kind.OVERLOADED, 502),
    Row("overloaded_503", ALL, Kind.OVERLOADED, 503, tries=2, once=1),
    Row("overloaded_504", FREE, Kind.OVERLOADED, 504, tries=2, once=1),
    Row("overloaded_504", BILLED, Kind.OVERLOADED, 504),
    # not you, not this
    Row("key_401", ALL, Kind.KEY_REFUSED, 401, alert=True),
    Row("forbidden_403", ALL, Kind.KEY_REFUSED, 403, alert=True),
    Row("region", (GEMINI,), Kind.REGION_REFUSED, 400, alert=True),
    Row("region", (OPENAI,), Kind.REGION_REFUSED, 403, alert=True),
    Row("region", (TURBOTEXT,), Kind.REGION_REFUSED, 451, alert=True),
    Row("gone_404", (*SYNC, *BILLED), Kind.MODEL_GONE, 404, alert=True),
    Row("bad_argument", FREE, Kind.BAD_ARGUMENT, 400, alert=True),
    Row("bad_argument", (TURBOTEXT,), Kind.BAD_ARGUMENT, 200, alert=True),
    Row("bad_argument", (REPLICATE,), Kind.BAD_ARGUMENT, 422, alert=True),
    Row("blocked", (GEMINI, *BILLED), Kind.CONTENT_BLOCKED, 200),
    Row("blocked", (OPENAI,), Kind.CONTENT_BLOCKED, 400),
    # no picture: another order would cost again, another question does not
    Row("no_image", SYNC, Kind.NO_IMAGE, 200, tries=3, once=1),
    Row("no_image", (COMFYUI, *BILLED), Kind.NO_IMAGE, 200),
    Row("text_only", SYNC, Kind.NO_IMAGE, 200, tries=3, once=1),
    Row("text_only", (TURBOTEXT,), Kind.NO_IMAGE, 200),
    Row("empty_content", SYNC, Kind.NO_IMAGE, 200, tries=3, once=1),
    Row("empty_content", (COMFYUI, *BILLED), Kind.NO_IMAGE, 200),
    Row("no_reference", (TURBOTEXT, COMFYUI), Kind.NO_REFERENCE, 200),
    Row("no_reference", (REPLICATE,), Kind.NO_REFERENCE, 201),
    Row("result_gone", (COMFYUI, *BILLED), Kind.RESULT_GONE, 404, once=0),
    # something that is no good picture
    Row("cut_base64", SYNC, Kind.INVALID_OUTPUT, 200, tries=2, once=1),
    Row("cut_json", FREE, Kind.INVALID_OUTPUT, 200, tries=2, once=1),
    Row("cut_json", BILLED, Kind.INVALID_OUTPUT, 200, once=0),
    Row("html", (*FREE, REPLICATE), Kind.INVALID_OUTPUT, 200, tries=2, once=1),
    Row("html", (TURBOTEXT,), Kind.INVALID_OUTPUT, 200, once=0),
    Row("corrupt_image", ALL, Kind.INVALID_OUTPUT, 200, tries=2, once=1),
    Row("wrong_mime", ALL, None, 200, booth=200),
    Row("too_many_bytes", ALL, Kind.TOO_LARGE, 200),
    Row("too_many_pixels", ALL, Kind.TOO_LARGE, 200),
    # leading astray
    Row("redirect", ALL, Kind.FORBIDDEN_ADDRESS, 302, alert=True),
    Row("redirect_elsewhere", ALL, Kind.FORBIDDEN_ADDRESS, 302, alert=True),
    Row("order_redirected", ALL, Kind.FORBIDDEN_ADDRESS, 302, alert=True),
    Row("internal_result", BILLED, Kind.FORBIDDEN_ADDRESS, alert=True),
    Row("internal_result_elsewhere", BILLED, Kind.FORBIDDEN_ADDRESS, alert=True),
)
"""`slow` is not in it: how it ends depends on what else there is."""


def cases(*, of: Callable[[Row], bool] = lambda row: True, at: tuple[str, ...] = ALL) -> pytest.MarkDecorator:
    """Runs a test for each row that `of` accepts at each provider, one of `at`, that can have the trouble."""
    chosen = [(row, provider) for row in TABLE for provider in row.at if of(row) and provider in at]
    return pytest.mark.parametrize(("row", "provider"), chosen, ids=[f"{row.name}-{at}" for row, at in chosen])


each_provider = pytest.mark.parametrize("provider", ALL)
