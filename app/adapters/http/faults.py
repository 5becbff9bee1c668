"""What can go wrong on the way to a provider and back, in words that are safe to show.

`peer` names who was called. Once a request has been sent nobody knows whether it is billed, unless its answer is read.
"""

from app.domain.errors import FaultKind, ProviderFault


def hang(peer: str, *, was_sent: bool) -> ProviderFault:
    message = f"{peer} did not answer in time."
    return ProviderFault(FaultKind.HANG, message, permanent=False, may_have_cost=was_sent)


def cancelled(*, was_sent: bool) -> ProviderFault:
    message = "The call was cancelled."
    return ProviderFault(FaultKind.CANCELLED, message, permanent=True, may_have_cost=was_sent)


def unreachable(peer: str, why: str) -> ProviderFault:
    return ProviderFault(FaultKind.UNREACHABLE, f"{peer} cannot be reached: {why}.", permanent=False)


def tls(peer: str, why: str) -> ProviderFault:
    return ProviderFault(FaultKind.TLS, f"TLS with {peer} failed: {why}.", permanent=True)


def lost(peer: str) -> ProviderFault:
    message = f"{peer} broke the connection off before it answered."
    return ProviderFault(FaultKind.CONNECTION_LOST, message, permanent=False, may_have_cost=True)


def cut(peer: str) -> ProviderFault:
    message = f"{peer} broke its answer off, or garbled it."
    return ProviderFault(FaultKind.INVALID_OUTPUT, message, permanent=False, may_have_cost=True)


def too_large(peer: str, max_bytes: int, status: int) -> ProviderFault:
    message = f"{peer} answered with more than {max_bytes} bytes."
    return ProviderFault(FaultKind.TOO_LARGE, message, permanent=True, status=status, may_have_cost=True)


def forbidden(message: str, status: int | None = None) -> ProviderFault:
    was_sent = status is not None
    return ProviderFault(FaultKind.FORBIDDEN_ADDRESS, message, permanent=True, status=status, may_have_cost=was_sent)


def not_configured(message: str) -> ProviderFault:
    return ProviderFault(FaultKind.NOT_CONFIGURED, message, permanent=True)
