"""Counters of the past are read once: what a step that is over has counted never changes."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeVar

from app.domain.periods import Period
from app.domain.statistics import Counts, Spent, all_calls, all_photos
from app.ports.statistics import Cut, Grouping, Key, SlotEpoch, Statistics

Found = TypeVar("Found")
Answer = list[Mapping[Key, Found]]
Read = Callable[[Cut, Sequence[Grouping]], Answer[Found]]

_LATE = timedelta(minutes=1)  # a photo is counted at the time of a statement, which may take some seconds to be seen
_ANSWERS_KEPT = 64


class RememberingStatistics:
    """Implements ports.Statistics by another: reads only what was counted since the same question was last asked."""

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics
        self._answers: OrderedDict[object, Answer[Any]] = OrderedDict()
        self._lock = Lock()

    def now(self) -> datetime:
        return self._statistics.now()

    def photos(self, cut: Cut, groupings: Sequence[Grouping]) -> list[Mapping[Key, Counts]]:
        return self._asked(self._statistics.photos, cut, groupings, all_photos)

    def calls(self, cut: Cut, groupings: Sequence[Grouping]) -> list[Mapping[Key, Spent]]:
        return self._asked(self._statistics.calls, cut, groupings, all_calls)

    def epoch(self, slot_id: str) -> SlotEpoch | None:
        return self._statistics.epoch(slot_id)

    def reset(self, slot_id: str, author: str) -> SlotEpoch | None:
        return self._statistics.reset(slot_id, author)

    def _asked(
        self, read: Read[Found], cut: Cut, groupings: Sequence[Grouping], together: Callable[[Iterable[Found]], Found]
    ) -> Answer[Found]:
        past, present = _parted(cut)
        answers = [self._remembered(read, past, groupings)] if past else []
        if present:
            answers.append(read(present, groupings))
        return [_merged(maps, together) for maps in zip(*answers, strict=True)]

    def _remembered(self, read: Read[Found], past: Cut, groupings: Sequence[Grouping]) -> Answer[Found]:
        question = (read.__name__, past, tuple(groupings))
        with self._lock:
            if known := self._answers.get(question):
                self._answers.move_to_end(question)
                return known
        answer = read(past, groupings)
        with self._lock:
            self._answers[question] = answer
            while len(self._answers) > _ANSWERS_KEPT:
                self._answers.popitem(last=False)
        return answer


def _parted(cut: Cut) -> tuple[Cut | None, Cut | None]:
    """What is over for good, and what may still be added to. The first is the same until another step is over."""
    if cut.now is None:
        return None, cut
    over = cut.period.cut_to(cut.now - _LATE, cut.step)
    rest = Period(over.end, cut.period.end)
    past, present = (replace(cut, period=part, now=None) if part.length else None for part in (over, rest))
    return past, present


def _merged(maps: Sequence[Mapping[Key, Found]], together: Callable[[Iterable[Found]], Found]) -> Mapping[Key, Found]:
    first, *others = maps
    merged = dict(first)
    for found in others:
        for key, one in found.items():
            merged[key] = together([merged[key], one]) if key in merged else one
    return merged
