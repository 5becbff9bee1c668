"""Where the time of a photo went: taken in, waiting, each attempt, and what was left to do."""

from collections.abc import Iterator, Sequence
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

    `kind` is `taken_in`, `waiting`, `attempt`, `finishing` or `storing`. `fault` says in a sentence why it gave no
    picture, `message` in the provider's or our own English words; `request_id` and `http_status` are the provider's.
    """

    kind: str
    what: str
    begin: datetime
    end: datetime
    model: str = ""
    fault: str = ""
    message: str = ""
    cost_usd: Decimal = Decimal(0)
    request_id: str = ""
    http_status: int | None = None

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
    attempts = [passage for event in events if event.event == "attempt" for passage in attempted(event, catalogue)]
    if not attempts:
        return None
    taken_in = _taken_in(job, events)
    first = min(attempt.begin for attempt in attempts)
    waited_until = max(taken_in.end, job.started_at or first)
    passages = [taken_in] if taken_in.duration else []
    passages += [Passage("waiting", gettext("In the queue"), taken_in.end, waited_until), *attempts]
    if job.result and job.finalized_at and job.finalized_at > attempts[-1].end:
        passages.append(Passage("storing", gettext("Storing"), attempts[-1].end, job.finalized_at))
    return Story(passages)


def _taken_in(job: JobView, events: Sequence[LogEvent]) -> Passage:
    """The photo is checked and stored before it is queued."""
    took = next((event.duration_ms for event in events if event.event == "received"), None)
    end = job.created_at + timedelta(milliseconds=took or 0)
    return Passage("taken_in", gettext("Taking the photo in"), job.created_at, end)


def attempted(event: LogEvent, catalogue: Catalogue) -> Iterator[Passage]:
    """The provider's part and, where there is a picture, ours: the attempt is logged when that has been stored."""
    detail = event.detail
    provider = catalogue.provider(detail["provider"])
    end = event.at - timedelta(milliseconds=detail.get("store_ms") or 0)
    answered = end - timedelta(milliseconds=detail.get("finish_ms") or 0)
    yield Passage(
        kind="attempt",
        what=in_language(provider.label) if provider else detail["provider"],
        begin=end - timedelta(milliseconds=event.duration_ms or 0),
        end=answered,
        model=detail.get("model") or "",
        fault=fault_sentence(detail["fault"]) if detail.get("fault") else "",
        message=detail.get("message") or "",
        cost_usd=Decimal(detail.get("cost_usd") or 0),
        request_id=detail.get("request_id") or "",
        http_status=detail.get("http_status"),
    )
    if end > answered:
        yield Passage("finishing", gettext("Finishing the picture"), answered, end)
