"""The contract of ports.NoticeBook, held by PostgreSQL and by the twin: each channel is told of each alert once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy import text

from app.domain.alerts import Alert, Lack, Sufferer, Trouble
from app.domain.channels import Channel, Mishap, NotTold
from app.domain.errors import FaultKind
from app.ports.alerts import ChannelState, Due, Event, NoticeBook
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores
from tests.waiting import until

Stores = MemoryStores | PostgresStores
WEBHOOK, TELEGRAM = Channel.WEBHOOK, Channel.TELEGRAM
NO_WORKER = Alert(Trouble.NO_WORKER)
NO_KEY = Alert(Lack.KEY, "gemini", slots=(Sufferer("slot-003", "Венеция"),))
LASTING, LEASE, SIX_HOURS = 31, 31, 6 * 3600 + 1
BUSY = NotTold(Mishap.RATE_LIMITED, "Too many requests.")
REFUSED = NotTold(Mishap.NOT_AUTHORISED, "Unauthorized.")


@pytest.fixture
def book(stores: Stores) -> NoticeBook:
    return stores.notices


def observe(book: NoticeBook, *alerts: Alert, channels: tuple[Channel, ...] = (TELEGRAM,)) -> None:
    book.observe({alert.fingerprint: alert.snapshot() for alert in alerts}, channels)


def taken(book: NoticeBook, channel: Channel = TELEGRAM) -> Due:
    due = book.take(channel)
    assert due is not None
    return due


def told(book: NoticeBook) -> Event:
    """What comes next, told."""
    due = taken(book)
    book.told(due)
    return due.notice.event


@pytest.fixture
def known(book: NoticeBook, stores: Stores) -> NoticeBook:
    """Telegram has been told that there is no worker."""
    observe(book, NO_WORKER)
    stores.pass_time(LASTING)
    assert told(book) is Event.RAISED
    return book


class TestRaised:
    def test_an_alert_is_told_once_it_has_lasted(self, book: NoticeBook, stores: Stores) -> None:
        observe(book, NO_KEY)
        stores.pass_time(25)
        observe(book, NO_KEY)
        assert book.take(TELEGRAM) is None
        stores.pass_time(LASTING - 25)
        due = taken(book)
        assert (due.channel, due.notice.event, due.notice.alert, due.failures) == (TELEGRAM, Event.RAISED, NO_KEY, 0)
        assert due.notice.raised_at is not None
        assert (due.notice.at - due.notice.raised_at).total_seconds() == pytest.approx(LASTING, abs=5)
        book.told(due)
        assert book.take(TELEGRAM) is None

    def test_everything_that_is_known_of_it_comes_back(self, book: NoticeBook, stores: Stores) -> None:
        since = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
        whole = Alert(FaultKind.MODEL_GONE, "gemini", "pro", 'In "its" own words', since, slots=NO_KEY.slots)
        observe(book, whole)
        stores.pass_time(LASTING)
        assert taken(book).notice.alert == whole

    def test_it_is_told_with_its_newest_words(self, book: NoticeBook, stores: Stores) -> None:
        observe(book, Alert(Trouble.DISK_LOW, message="9 GB"))
        observe(book, Alert(Trouble.DISK_LOW, message="8 GB"))
        stores.pass_time(LASTING)
        alert = taken(book).notice.alert
        assert alert is not None
        assert alert.message == "8 GB"

    def test_one_that_ended_before_is_not_told_at_all(self, book: NoticeBook, stores: Stores) -> None:
        observe(book, NO_WORKER)
        observe(book)
        stores.pass_time(LASTING)
        assert book.take(TELEGRAM) is None

    def test_one_that_comes_and_goes_is_not_told_until_it_stays(self, book: NoticeBook, stores: Stores) -> None:
        for _ in range(3):
            observe(book, NO_WORKER)
            stores.pass_time(20)
            observe(book)
            stores.pass_time(20)
            assert book.take(TELEGRAM) is None

    def test_the_oldest_comes_first(self, book: NoticeBook, stores: Stores) -> None:
        observe(book, NO_WORKER)
        stores.pass_time(1)
        observe(book, NO_WORKER, NO_KEY)
        stores.pass_time(LASTING)
        assert [taken(book).fingerprint for _ in range(2)] == ["worker_missing", "key_missing gemini"]

    def test_each_channel_is_told_for_itself(self, book: NoticeBook, stores: Stores) -> None:
        observe(book, NO_WORKER, channels=(WEBHOOK, TELEGRAM))
        stores.pass_time(LASTING)
        book.told(taken(book, TELEGRAM))
        assert book.take(TELEGRAM) is None
        assert taken(book, WEBHOOK).notice.event is Event.RAISED

    def test_a_channel_that_is_set_up_no_more_is_forgotten(self, book: NoticeBook, stores: Stores) -> None:
        observe(book, NO_WORKER, channels=(WEBHOOK, TELEGRAM))
        observe(book, NO_WORKER, channels=(TELEGRAM,))
        stores.pass_time(LASTING)
        assert book.take(WEBHOOK) is None


class TestLasting:
    def test_what_lasts_is_reminded_of_every_six_hours(self, known: NoticeBook, stores: Stores) -> None:
        stores.pass_time(SIX_HOURS - 60)
        observe(known, NO_WORKER)
        assert known.take(TELEGRAM) is None
        stores.pass_time(60)
        assert told(known) is Event.REMINDED
        assert known.take(TELEGRAM) is None
        stores.pass_time(SIX_HOURS)
        due = taken(known)
        assert due.notice.event is Event.REMINDED
        assert due.notice.raised_at is not None
        assert (due.notice.at - due.notice.raised_at).total_seconds() > 2 * SIX_HOURS

    def test_new_words_are_no_news(self, known: NoticeBook) -> None:
        observe(known, Alert(Trouble.NO_WORKER, message="still"))
        assert known.take(TELEGRAM) is None


class TestEnded:
    def test_its_end_is_told_once(self, known: NoticeBook, stores: Stores) -> None:
        observe(known)
        assert known.take(TELEGRAM) is None, "it may come back"
        stores.pass_time(LASTING)
        observe(known)
        due = taken(known)
        assert (due.notice.event, due.notice.alert) == (Event.ENDED, NO_WORKER)
        known.told(due)
        stores.pass_time(SIX_HOURS)
        observe(known)
        assert known.take(TELEGRAM) is None

    def test_what_comes_back_at_once_never_ended(self, known: NoticeBook, stores: Stores) -> None:
        observe(known)
        stores.pass_time(10)
        observe(known, NO_WORKER)
        stores.pass_time(LASTING)
        assert known.take(TELEGRAM) is None

    def test_what_comes_back_later_is_told_anew(self, known: NoticeBook, stores: Stores) -> None:
        observe(known)
        stores.pass_time(LASTING)
        assert told(known) is Event.ENDED
        observe(known, NO_WORKER)
        stores.pass_time(LASTING)
        assert told(known) is Event.RAISED

    def test_and_also_what_comes_back_while_its_end_is_told(self, known: NoticeBook, stores: Stores) -> None:
        observe(known)
        stores.pass_time(LASTING)
        due = taken(known)
        observe(known, NO_WORKER)
        known.told(due)
        assert known.take(TELEGRAM) is None
        stores.pass_time(LASTING)
        assert told(known) is Event.RAISED

    def test_what_ends_while_it_is_told_is_told_to_have_ended(self, book: NoticeBook, stores: Stores) -> None:
        observe(book, NO_WORKER)
        stores.pass_time(LASTING)
        due = taken(book)
        observe(book)
        book.told(due)
        observe(book)
        stores.pass_time(LASTING)
        assert told(book) is Event.ENDED


class TestFailures:
    @pytest.fixture
    def due(self, book: NoticeBook, stores: Stores) -> Due:
        observe(book, NO_WORKER, channels=(WEBHOOK, TELEGRAM))
        stores.pass_time(LASTING)
        return taken(book)

    def test_the_channel_is_left_alone_for_a_while(self, book: NoticeBook, stores: Stores, due: Due) -> None:
        book.failed(due, BUSY, 60)
        assert book.take(TELEGRAM) is None
        assert book.take(WEBHOOK) is not None, "only that one"
        stores.pass_time(61)
        again = taken(book)
        assert (again.notice.event, again.failures) == (Event.RAISED, 1)
        book.failed(again, BUSY, 60)
        stores.pass_time(61)
        assert taken(book).failures == 2

    def test_success_makes_good(self, book: NoticeBook, stores: Stores, due: Due) -> None:
        book.failed(due, BUSY, 1)
        stores.pass_time(2)
        book.told(taken(book))
        state = book.states()[TELEGRAM]
        assert (state.mishap, state.message, state.is_stopped) == (None, "", False)
        assert state.told_at is not None
        assert state.failed_at is not None
        observe(book)
        stores.pass_time(LASTING)
        assert taken(book).failures == 0

    def test_what_looks_hopeless_is_marked_and_tried_after_its_pause(
        self, book: NoticeBook, stores: Stores, due: Due
    ) -> None:
        book.failed(due, REFUSED, 3600)
        stores.pass_time(3590)
        assert book.take(TELEGRAM) is None
        stores.pass_time(11)
        assert book.take(TELEGRAM) is not None
        state = book.states()[TELEGRAM]
        assert (state.mishap, state.message, state.is_stopped) == (Mishap.NOT_AUTHORISED, "Unauthorized.", True)
        assert state.told_at is None

    def test_until_a_message_comes_through(self, book: NoticeBook, due: Due) -> None:
        book.failed(due, REFUSED, 3600)
        book.works(TELEGRAM)
        assert taken(book).failures == 0
        assert book.states()[TELEGRAM].mishap is None

    def test_or_until_it_is_set_up_differently(self, book: NoticeBook, stores: Stores, due: Due) -> None:
        book.failed(due, REFUSED, 3600)
        book.forget(TELEGRAM)
        assert TELEGRAM not in book.states()
        observe(book, NO_WORKER)
        assert book.take(TELEGRAM) is None
        stores.pass_time(LASTING)
        assert told(book) is Event.RAISED

    def test_what_was_under_way_then_says_nothing_about_the_new_values(self, book: NoticeBook, due: Due) -> None:
        book.forget(TELEGRAM)
        book.failed(due, REFUSED, 3600)
        assert book.states() == {}

    def test_a_channel_that_was_never_tried_has_no_state(self, book: NoticeBook) -> None:
        assert book.states() == {}
        book.works(WEBHOOK)
        assert isinstance(book.states()[WEBHOOK], ChannelState)

    @pytest.mark.parametrize("stores", ["postgres"], indirect=True)
    def test_who_forgets_a_channel_waits_for_its_notices_first(
        self, book: NoticeBook, stores: PostgresStores, due: Due
    ) -> None:
        """As who tells one does: in another order the two would wait for each other."""
        book.failed(due, BUSY, 1)
        with ThreadPoolExecutor(1) as other, stores.transaction() as session:
            session.execute(text("SELECT FROM alert_notice FOR UPDATE"))
            forgotten = other.submit(book.forget, TELEGRAM)
            waiting = text("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted")
            until(lambda: session.scalar(waiting), what="it waits")
            session.execute(text("SELECT FROM alert_channel FOR UPDATE NOWAIT"))
            session.rollback()
        forgotten.result()


class TestTwoDispatchers:
    def test_one_tells(self, book: NoticeBook, stores: Stores) -> None:
        observe(book, NO_WORKER)
        stores.pass_time(LASTING)
        start = Barrier(4)

        def dispatch(_: int) -> int:
            start.wait()
            observe(book, NO_WORKER)
            number = 0
            while due := book.take(TELEGRAM):
                book.told(due)
                number += 1
            return number

        with ThreadPoolExecutor(4) as threads:
            assert sum(threads.map(dispatch, range(4))) == 1

    def test_whoever_died_is_replaced_and_changes_nothing_any_more(self, book: NoticeBook, stores: Stores) -> None:
        observe(book, NO_WORKER)
        stores.pass_time(LASTING)
        dead = taken(book)
        stores.pass_time(20)
        assert book.take(TELEGRAM) is None
        stores.pass_time(LEASE - 20)
        heir = taken(book)
        book.failed(dead, REFUSED, 3600)
        assert book.states() == {}
        book.told(heir)
        book.told(dead)
        assert book.take(TELEGRAM) is None
