"""What a provider did wrong, in sentences; also for those who read no page."""

from collections.abc import Callable

from app.domain.errors import FaultKind

Say = Callable[..., str]
"""Translates a text and fills in its values, as flask_babel.gettext does."""


def fault_sentence(kind: str, gettext: Say) -> str:
    sentences: dict[str, str] = {
        FaultKind.HANG: gettext("The provider did not answer in time."),
        FaultKind.OUT_OF_TIME: gettext("There was not enough time left for the provider."),
        FaultKind.CONNECTION_LOST: gettext("The connection to the provider broke off."),
        FaultKind.UNREACHABLE: gettext("The provider cannot be reached: check its address and the proxy."),
        FaultKind.TLS: gettext("The provider’s certificate is not valid, so nothing was sent."),
        FaultKind.RATE_LIMITED: gettext("The provider got too many requests and asks for a pause."),
        FaultKind.QUOTA_EXHAUSTED: gettext("The quota at the provider is used up."),
        FaultKind.ACCOUNT_EMPTY: gettext("The account at the provider is empty."),
        FaultKind.OVERLOADED: gettext("The provider is overloaded or out of order at the moment."),
        FaultKind.KEY_REFUSED: gettext("The provider does not accept the key."),
        FaultKind.REGION_REFUSED: gettext("The provider does not serve this country: it needs a proxy."),
        FaultKind.MODEL_GONE: gettext("The provider does not have this model any more."),
        FaultKind.BAD_ARGUMENT: gettext("The provider did not accept the settings."),
        FaultKind.NO_IMAGE: gettext("The provider answered without an image."),
        FaultKind.CONTENT_BLOCKED: gettext("The provider refused the photo or the prompt because of what it shows."),
        FaultKind.INVALID_OUTPUT: gettext("The provider answered without a usable image."),
        FaultKind.TOO_LARGE: gettext("The image is too large for the provider."),
        FaultKind.FORBIDDEN_ADDRESS: gettext("The provider sent us to an address that is not its own."),
        FaultKind.RESULT_GONE: gettext("The finished picture was gone before it could be fetched."),
        FaultKind.NO_REFERENCE: gettext("The provider took the order but gave no number for it."),
        FaultKind.NOT_CONFIGURED: gettext("The provider is not set up on this server."),
        FaultKind.PAUSED: gettext("The provider is paused after failures."),
        FaultKind.LIMIT_REACHED: gettext("The quota or the budget is used up."),
        FaultKind.CANCELLED: gettext("Cancelled."),
        FaultKind.INTERNAL: gettext("Something failed on our side. It has been logged."),
    }
    return sentences.get(kind) or gettext("The provider failed.")
