"""What a run of the simulator showed, for people and for programs."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from app.booth.contract import MEANING, Violation, error_of, is_image, violations
from app.booth.simulator import Outcome

_LATE = 1.0  # seconds; less is the machine's own jitter
_SHARES = {"p50": 50, "p95": 95, "p99": 99, "max": 100}
_TIMES = {"continue": "100 Continue", "first_byte": "first byte", "last_byte": "last byte"}


class Result(NamedTuple):
    """HTTP status (None without an answer), and `image`, `no_image`, the server's error code, or the trouble."""

    status: int | None
    code: str


class Tally:
    """Counts outcomes and keeps no answers. `secret` is masked wherever the server's own words are shown."""

    def __init__(self, secret: str | None = None) -> None:
        self._secret = secret
        self.results: Counter[Result] = Counter()
        self.messages: dict[Result, str] = {}
        self.violations: Counter[Violation] = Counter()
        self.milliseconds: dict[str, list[float]] = {name: [] for name in _TIMES}
        self.images = self.late = self.sent_bytes = self.received_bytes = 0

    @property
    def shots(self) -> int:
        return self.results.total()

    def add(self, outcome: Outcome) -> None:
        result, message = _result(outcome)
        result = Result(result.status, self._shown(result.code))
        self.results[result] += 1
        if message:
            self.messages.setdefault(result, self._shown(message))
        self.late += outcome.late > _LATE
        if answer := outcome.answer:
            self.images += is_image(answer)
            self.sent_bytes += answer.sent_bytes
            self.received_bytes += len(answer.body)
            self.violations.update(violations(answer))
            times = (answer.continue_ms, answer.first_byte_ms, answer.last_byte_ms)
            for values, time in zip(self.milliseconds.values(), times, strict=True):
                values += [time] if time is not None else []

    def _shown(self, text: str) -> str:
        """Fit for a terminal: on one line, without control characters and without the password."""
        text = text.replace(self._secret, "***") if self._secret else text
        return "".join(c if c.isprintable() else " " for c in text)[:120]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that at least `share` % of them do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(len(values) * share / 100) - 1)]


def as_json(tally: Tally, seconds: float) -> dict[str, Any]:
    """Everything as JSON; `seconds` is how long the run took. Times are in milliseconds, None without a value."""
    return {
        "shots": tally.shots,
        "images": tally.images,
        "seconds": round(seconds, 3),
        "shots_per_minute": round(tally.shots / seconds * 60, 1) if seconds else None,
        "late_shots": tally.late,
        "results": [
            {"status": result.status, "code": result.code, "count": count, "message": tally.messages.get(result)}
            for result, count in tally.results.most_common()
        ],
        "milliseconds": {name: _percentiles(values) for name, values in tally.milliseconds.items()},
        "bytes": {"sent": tally.sent_bytes, "received": tally.received_bytes},
        "violations": {violation.value: count for violation, count in tally.violations.most_common()},
    }


def as_table(tally: Tally, seconds: float) -> str:
    """The same for people."""
    return "\n".join(_lines(as_json(tally, seconds)))


def _lines(report: dict[str, Any]) -> Iterator[str]:
    yield f"{report['images']} of {report['shots']} shots came back as images, in {report['seconds']:.1f} s"
    yield f"{report['shots_per_minute'] or 0:.1f} shots a minute"
    yield ""
    for row in report["results"]:
        label = f"{row['status'] or '---'} {row['code']}"
        yield f"  {row['count']:6}  {label:28} {row['message'] or ''}".rstrip()
    yield ""
    yield f"  {'milliseconds':14}" + "".join(f"{name:>9}" for name in _SHARES)
    for name, title in _TIMES.items():
        values = report["milliseconds"][name].values()
        yield f"  {title:14}" + "".join(f"{'-' if value is None else round(value):>9}" for value in values)
    sent, received = (report["bytes"][name] / 1e6 for name in ("sent", "received"))
    yield f"  {sent:.1f} MB sent, {received:.1f} MB of answers received"
    yield from _warnings(report)


def _warnings(report: dict[str, Any]) -> Iterator[str]:
    if report["violations"]:
        yield "\nThe booth program may not accept these answers:"
    for name, count in report["violations"].items():
        yield f"  {count:6}  {name}: {MEANING[Violation(name)]}"
    if report["late_shots"]:
        yield f"\nShots sent late because every booth was still waiting: {report['late_shots']}. Play more --booths."


def _percentiles(values: Sequence[float]) -> dict[str, float | None]:
    return {name: round(percentile(values, share), 1) if values else None for name, share in _SHARES.items()}


def _result(outcome: Outcome) -> tuple[Result, str | None]:
    if outcome.answer is None:
        trouble = outcome.trouble
        return Result(None, trouble.trouble if trouble else "none"), trouble.message if trouble else None
    if is_image(outcome.answer):
        return Result(200, "image"), None
    code, message = error_of(outcome.answer)
    return Result(outcome.answer.status, code or "no_image"), message
