"""When a token may call VK next, decided by the database for all processes. Tokens themselves are never stored here."""

import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import text

from app.adapters.db.connection import Database
from app.domain.vk.errors import VkQuotaUsedUp

_MARGIN = 1.05  # a second of VK's is not quite one of ours

# `clock_timestamp()`, for whoever waited for another's row comes later than its own statement began.
_RESERVE = text("""
INSERT INTO vk_pace AS pace (token_digest, next_at)
VALUES (:digest, clock_timestamp() + make_interval(secs => :gap))
ON CONFLICT (token_digest) DO UPDATE
SET next_at = greatest(pace.next_at, clock_timestamp()) + make_interval(secs => :gap)
WHERE pace.parked_until IS NULL OR pace.parked_until <= clock_timestamp()
RETURNING greatest(0, extract(epoch FROM next_at - clock_timestamp()) - :gap)::float8 AS seconds
""")

# A shorter rest never ends a longer one.
_PARK = text("""
INSERT INTO vk_pace AS pace (token_digest, parked_until, park_reason)
VALUES (:digest, clock_timestamp() + make_interval(secs => :seconds), :reason)
ON CONFLICT (token_digest) DO UPDATE
SET parked_until = excluded.parked_until, park_reason = excluded.park_reason
WHERE pace.parked_until IS NULL OR pace.parked_until < excluded.parked_until
""")

_PARKED = text("""
SELECT token_digest, extract(epoch FROM parked_until - clock_timestamp())::float8 AS seconds, park_reason
FROM vk_pace WHERE token_digest = ANY(:digests) AND parked_until > clock_timestamp()
""")


class PostgresTokenPace:
    """Implements ports.vk.api.TokenPace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, token: str, calls_per_second: int) -> float:
        rows = self._database.run(_RESERVE, {"digest": _digest(token), "gap": _MARGIN / calls_per_second})
        if rows:
            seconds: float = rows[0].seconds
            return seconds
        left = self.parked([token]).get(token, 1.0)
        raise VkQuotaUsedUp("VK wants fewer calls with this token: it rests.", retry_after=left)

    def park(self, token: str, seconds: float, reason: str) -> None:
        self._database.run(_PARK, {"digest": _digest(token), "seconds": seconds, "reason": reason})

    def parked(self, tokens: Sequence[str]) -> Mapping[str, float]:
        by_digest = {_digest(token): token for token in tokens}
        rows = self._database.run(_PARKED, {"digests": list(by_digest)})
        return {by_digest[row.token_digest]: row.seconds for row in rows}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
