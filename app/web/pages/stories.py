"""Where the time of a photo went: its wait, each attempt, and what was left to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from flask_babel import gettext

from app.domain.catalogue import Catalogue
from app.domain.job import JobView, LogEvent
from app.web.pages.formats import in_language
from app.web.pages.phrases import fault_sentence


@dataclass(frozen=True, slots=True)
class Passage:
    """Something that took time, from `begin` to `end`.

    `fault` says in a sentence why it gave no picture, `message` in the provider's or our own English words.
    """

    what: str
    begin: datetime
    end: datetime
    model: str = ""
    fault: str = ""
    message: str = ""
    cost_usd: Decimal = Decimal(0)

    @property
    def duration(self) -> timedelta:
        return self.end - self.begin


@dataclass(frozen=True, slots=True)
class Story:
    """Passages in the order of their ends. Some may overlap: a hedged slot asks two providers at once."""

    passages: Sequence[Passage]

    @property
    def begin(self) -> datetime:
        return min(passage.begin for passage in self.passages)

    @property
    def whole(self) -> timedelta:
        return max(passage.end for passage in self.passages) - self.begin

    def percent(self, duration: timedelta) -> str:
        """A share of the whole as SVG takes it."""
        return f"{100 * (duration / self.whole if self.whole else 0):.2f}%"


def told(job: JobView, events: Sequence[LogEvent], catalogue: Catalogue) -> Story | None:
    """None while nothing has been tried."""
    attempts = [_attempt(event, catalogue) for event in events if event.event == "attempt"]
    if not attempts:
        return None
    first = min(attempt.begin for attempt in attempts)
    passages = [Passage(gettext("In the queue"), job.created_at, max(job.created_at, job.started_at or first))]
    passages += attempts
    last = attempts[-1].end
    if job.result and job.finalized_at and job.finalized_at > last:
        passages.append(Passage(gettext("Storing"), last, job.finalized_at))
    return Story(passages)


def _attempt(event: LogEvent, catalogue: Catalogue) -> Passage:
    detail = event.detail
    provider = catalogue.provider(detail["provider"])
    return Passage(
        what=in_language(provider.label) if provider else detail["provider"],
        begin=event.at - timedelta(milliseconds=event.duration_ms or 0),
        end=event.at,
        model=detail.get("model") or "",
        fault=fault_sentence(detail["fault"]) if detail.get("fault") else "",
        message=detail.get("message") or "",
        cost_usd=Decimal(detail.get("cost_usd") or 0),
    )
