"""Why a shot got no answer."""

from enum import StrEnum


class Trouble(StrEnum):
    HOST_NOT_FOUND = "host_not_found"
    CONNECTION_REFUSED = "connection_refused"
    UNREACHABLE = "unreachable"
    BAD_CERTIFICATE = "bad_certificate"
    NO_TLS = "no_tls"
    TIMEOUT = "timeout"
    CUT = "connection_cut"
    NOT_HTTP = "not_http"


class NoAnswer(Exception):
    """The shot got no whole answer; `message` is a sentence for the person at the booth."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        super().__init__(message)
        self.trouble = trouble
        self.message = message
