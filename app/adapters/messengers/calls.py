"""One POST to where alerts are told; what goes wrong comes as NotTold, which never quotes an address."""

import time
from collections.abc import Mapping
from threading import Event

from app.domain.channels import Mishap, NotTold
from app.domain.deadlines import Deadline
from app.domain.errors import FaultKind, ProviderFault
from app.ports.providers import Connection, HttpClient, HttpReply

SECONDS = 4.5
_ANSWER_MAX_BYTES = 1 << 16

_MISHAPS = {
    FaultKind.UNREACHABLE: Mishap.UNREACHABLE,
    FaultKind.TLS: Mishap.TLS,
    FaultKind.FORBIDDEN_ADDRESS: Mishap.REDIRECTED,
    FaultKind.NOT_CONFIGURED: Mishap.NOT_SET_UP,
    FaultKind.TOO_LARGE: Mishap.OUT_OF_ORDER,
}


def post(http: HttpClient, base_url: str, url: str, body: bytes, headers: Mapping[str, str]) -> HttpReply:
    """`url` is a path below `base_url`, or the same address. Raises NotTold if there is no whole answer.

    The address is one that an administrator typed, so it may be private; redirects are not followed.
    """
    deadline = Deadline(time.monotonic() + SECONDS)
    try:
        with http.session(Connection(base_url), deadline, Event()) as session:
            return session.send("POST", url, body=body, headers=headers, max_bytes=_ANSWER_MAX_BYTES)
    except ProviderFault as fault:
        raise NotTold(_MISHAPS.get(fault.kind, Mishap.NO_ANSWER), fault.message) from None
