"""HTTP statuses as the providers' faults; what a provider says in words refines it."""

from collections.abc import Mapping

from app.domain.errors import FaultKind, ProviderFault

_KINDS = {
    401: FaultKind.KEY_REFUSED,
    402: FaultKind.ACCOUNT_EMPTY,
    403: FaultKind.KEY_REFUSED,
    404: FaultKind.MODEL_GONE,
    413: FaultKind.TOO_LARGE,
    429: FaultKind.RATE_LIMITED,
    451: FaultKind.REGION_REFUSED,
}
_PASSING = (FaultKind.RATE_LIMITED, FaultKind.OVERLOADED)
_ENDING = (FaultKind.RATE_LIMITED, FaultKind.QUOTA_EXHAUSTED)
"""Kinds whose end the provider knows: what a Retry-After says of any other is a gateway's guess."""


def kind_of_status(status: int) -> FaultKind:
    """The kind of fault that an answer with `status` (300 to 599) is, unless its body says more."""
    if status >= 500:
        return FaultKind.OVERLOADED
    return _KINDS.get(status, FaultKind.BAD_ARGUMENT)


def may_hide_an_order(status: int) -> bool:
    """Whether what was ordered may have been taken, and billed, although the answer has this status.

    No provider documents that it has not. Of the 5xx only a 503 says by itself that the call was not let in.
    """
    return status >= 500 and status != 503


def fault_of_status(
    status: int,
    message: str,
    headers: Mapping[str, str],
    *,
    kind: FaultKind | None = None,
    request_id: str | None = None,
) -> ProviderFault:
    """An unsuccessful answer as a fault; `headers` have lower-case names, `kind` overrules the status.

    Its Retry-After counts for too many requests and for quotas only.
    """
    found = kind or kind_of_status(status)
    return ProviderFault(
        found,
        message,
        permanent=found not in _PASSING,
        status=status,
        request_id=request_id,
        retry_after=_seconds(headers.get("retry-after")) if found in _ENDING else None,
    )


def _seconds(text: str | None) -> float | None:
    """Retry-After in seconds; its other form, a date, would need the provider's clock to be ours."""
    return float(text) if text and text.isdecimal() and len(text) < 9 else None
