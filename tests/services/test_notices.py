"""Alerts are told once, their ends too, and whatever fails is tried again later: with a clock that tests move."""

from collections.abc import Callable

import pytest
import structlog

from app.domain.alerts import Alert, Lack, Sufferer, Trouble
from app.domain.channels import Channel, Mishap, NotTold
from app.domain.errors import DatabaseUnavailable
from app.ports.alerts import ChannelValues, Event, Notice
from app.services.notices import NoticeService, pause_after
from tests.twins.memory_stores import MemoryStores

WEBHOOK, TELEGRAM = Channel.WEBHOOK, Channel.TELEGRAM
NO_WORKER, DISK_LOW = Alert(Trouble.NO_WORKER), Alert(Trouble.DISK_LOW)
BUSY = NotTold(Mishap.RATE_LIMITED, "Too many requests.")
REFUSED = NotTold(Mishap.NOT_AUTHORISED, "Unauthorized.")
HOUR = 3600


class Listener:
    """Implements ports.Messenger: hears `heard`, unless the next of `troubles` keeps it from doing so."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.values: list[ChannelValues] = []
        self.troubles: list[NotTold] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def tell(self, notice: Notice, to: ChannelValues) -> None:
        self.values.append(to)
        if self.troubles:
            raise self.troubles.pop(0)
        assert notice.alert
        self.heard.append((notice.event.value, notice.alert.fingerprint))
        self.meanwhile()


class Switchboard:
    """A house with alerts, channels, and who listens there."""

    def __init__(self) -> None:
        self.stores = MemoryStores()
        self.alerts: list[Alert] = []
        self.ready = {TELEGRAM: ChannelValues({}, "ru")}
        self.listeners = {WEBHOOK: Listener(), TELEGRAM: Listener()}
        self.service = self.dispatcher()

    def dispatcher(self) -> NoticeService:
        return NoticeService(
            active=lambda: self.alerts, ready=lambda: self.ready, book=self.stores.notices, messengers=self.listeners
        )

    def pass_time(self, seconds: float) -> None:
        """As the cleanup process does: a round every 15 seconds."""
        for _ in range(round(seconds / 15)):
            self.stores.pass_time(15)
            self.service.run()

    @property
    def heard(self) -> list[tuple[str, str]]:
        return self.listeners[TELEGRAM].heard


@pytest.fixture
def house() -> Switchboard:
    house = Switchboard()
    house.service.run()
    return house


class TestTelling:
    def test_an_alert_that_lasts_is_told_once_and_its_end_once(self, house: Switchboard) -> None:
        house.alerts = [NO_WORKER]
        house.pass_time(30)
        assert house.heard == []
        house.pass_time(15)
        assert house.heard == [("raised", "worker_missing")]
        house.pass_time(HOUR)
        house.alerts = []
        house.pass_time(HOUR)
        assert house.heard == [("raised", "worker_missing"), ("ended", "worker_missing")]

    def test_one_that_is_gone_before_it_was_told_is_not(self, house: Switchboard) -> None:
        house.alerts = [NO_WORKER]
        house.pass_time(30)
        house.alerts = []
        house.pass_time(HOUR)
        assert house.heard == []

    def test_a_whole_day_of_it_is_reminded_of_three_times_more(self, house: Switchboard) -> None:
        house.alerts = [NO_WORKER]
        house.pass_time(24 * HOUR)
        assert [event for event, _ in house.heard] == ["raised", *["reminded"] * 3]

    def test_one_trouble_with_several_messages_is_one_notice(self, house: Switchboard) -> None:
        slots = [Sufferer("slot-001", "A"), Sufferer("slot-002", "B")]
        house.alerts = [
            Alert(Trouble.BUDGET_LOW, message=f"{percent} %", slots=(slot,))
            for percent, slot in zip((80, 95), slots, strict=True)
        ]
        house.pass_time(60)
        assert house.heard == [("raised", "budget_low")]

    def test_without_a_channel_nobody_looks_for_alerts(self, house: Switchboard) -> None:
        def must_not_be_asked() -> list[Alert]:
            raise AssertionError

        service = NoticeService(
            active=must_not_be_asked, ready=dict, book=house.stores.notices, messengers=house.listeners
        )
        service.run()

    def test_two_processes_tell_once(self, house: Switchboard) -> None:
        house.alerts = [NO_WORKER, DISK_LOW]
        other = house.dispatcher()
        house.listeners[TELEGRAM].meanwhile = other.run
        house.pass_time(45)
        assert sorted(house.heard) == [("raised", "disk_low"), ("raised", "worker_missing")]

    def test_what_is_told_is_logged_by_name_only(self, house: Switchboard) -> None:
        house.alerts = [Alert(Lack.KEY, "gemini")]
        with structlog.testing.capture_logs() as lines:
            house.pass_time(45)
        [line] = lines
        assert (line["event"], line["channel"], line["alert"]) == ("alert_told", "telegram", "key_missing gemini")


class TestFailing:
    @pytest.fixture
    def house(self) -> Switchboard:
        """Something is due in a moment, on two channels."""
        house = Switchboard()
        house.ready = dict.fromkeys((WEBHOOK, TELEGRAM), ChannelValues({}, "ru"))
        house.alerts = [NO_WORKER, DISK_LOW]
        house.service.run()
        house.pass_time(15)
        return house

    def tries(self, house: Switchboard) -> int:
        return len(house.listeners[TELEGRAM].values)

    def test_it_is_tried_again_and_told_once(self, house: Switchboard) -> None:
        house.listeners[TELEGRAM].troubles = [BUSY, BUSY]
        house.pass_time(15)
        assert house.heard == []
        house.pass_time(120)
        assert sorted(house.heard) == [("raised", "disk_low"), ("raised", "worker_missing")]

    def test_the_other_channel_is_told_all_the_same(self, house: Switchboard) -> None:
        house.listeners[TELEGRAM].troubles = [BUSY] * 100
        house.pass_time(15)
        assert len(house.listeners[WEBHOOK].heard) == 2

    def test_pauses_grow_to_an_hour(self, house: Switchboard) -> None:
        house.listeners[TELEGRAM].troubles = [BUSY] * 1000
        house.pass_time(12 * HOUR)
        assert 12 <= self.tries(house) <= 25

    def test_a_wish_to_be_left_alone_is_respected(self, house: Switchboard) -> None:
        house.listeners[TELEGRAM].troubles = [NotTold(Mishap.RATE_LIMITED, "Wait.", retry_after=600)]
        house.pass_time(15)
        house.pass_time(585)
        assert self.tries(house) == 1
        house.pass_time(30)
        assert len(house.heard) == 2

    def test_what_looks_hopeless_is_tried_once_an_hour(self, house: Switchboard) -> None:
        house.listeners[TELEGRAM].troubles = [REFUSED] * 3
        house.pass_time(2 * HOUR + 60)
        assert self.tries(house) == 3
        assert house.stores.notices.states()[TELEGRAM].is_stopped
        house.pass_time(HOUR)
        assert sorted(house.heard) == [("raised", "disk_low"), ("raised", "worker_missing")]
        assert not house.stores.notices.states()[TELEGRAM].is_stopped

    def test_or_at_once_when_the_settings_change(self, house: Switchboard) -> None:
        house.listeners[TELEGRAM].troubles = [REFUSED]
        house.pass_time(15)
        house.stores.notices.forget(TELEGRAM)
        house.pass_time(60)
        assert len(house.heard) == 2

    def test_an_outcome_that_cannot_be_written_is_logged_and_holds_up_nothing(
        self, house: Switchboard, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house.listeners[TELEGRAM].troubles = [BUSY]
        with structlog.testing.capture_logs() as lines, monkeypatch.context() as patched:
            patched.setattr(house.stores.notices, "failed", lambda *_: 1 / 0)
            house.pass_time(15)
        assert "alert_outcome_not_written" in [line["event"] for line in lines]
        house.pass_time(60)
        assert sorted(house.heard) == [("raised", "disk_low"), ("raised", "worker_missing")]

    def test_what_ended_meanwhile_is_not_told(self, house: Switchboard) -> None:
        house.listeners[TELEGRAM].troubles = [NotTold(Mishap.UNREACHABLE, "Away.", retry_after=600)]
        house.pass_time(15)
        house.alerts = [NO_WORKER]
        house.pass_time(HOUR)
        assert house.heard == [("raised", "worker_missing")]

    def test_failures_are_logged_with_their_reason(self, house: Switchboard) -> None:
        house.listeners[TELEGRAM].troubles = [REFUSED]
        with structlog.testing.capture_logs() as lines:
            house.pass_time(15)
        [line] = [line for line in lines if line["channel"] == "telegram"]
        assert (line["event"], line["mishap"], line["error"]) == ("alert_not_told", "not_authorised", "Unauthorized.")


class TestOutages:
    def test_an_outage_of_the_database_is_survived_without_telling_twice(self, house: Switchboard) -> None:
        house.alerts = [NO_WORKER]
        house.pass_time(30)
        house.stores.pass_time(15)
        house.listeners[TELEGRAM].meanwhile = house.stores.database.go_away
        with pytest.raises(DatabaseUnavailable):
            house.service.run()
        for _ in range(3):
            with pytest.raises(DatabaseUnavailable):
                house.service.run()
        house.stores.database.come_back()
        house.pass_time(HOUR)
        assert house.heard == [("raised", "worker_missing")]

    def test_that_nobody_could_look_is_no_end(self, house: Switchboard) -> None:
        house.alerts = [NO_WORKER]
        house.pass_time(45)

        def away() -> list[Alert]:
            raise DatabaseUnavailable("gone")

        blind = NoticeService(
            active=away, ready=lambda: house.ready, book=house.stores.notices, messengers=house.listeners
        )
        with pytest.raises(DatabaseUnavailable):
            blind.run()
        house.pass_time(HOUR)
        assert house.heard == [("raised", "worker_missing")]


@pytest.mark.parametrize(
    ("failures", "retry_after", "seconds"),
    [
        (0, None, 15),
        (1, None, 30),
        (5, None, 480),
        (8, None, 3600),
        (10**6, None, 3600),
        (0, 120, 120),
        (0, 10**9, 86_400),
    ],
)
def test_pauses(failures: int, retry_after: float | None, seconds: float) -> None:
    assert pause_after(NotTold(Mishap.RATE_LIMITED, "", retry_after), failures) == seconds


def test_what_looks_hopeless_waits_the_longest_from_the_first() -> None:
    assert pause_after(REFUSED, 0) == HOUR


def test_every_event_of_an_alert_has_its_name() -> None:
    assert {event.value for event in Event} == {"raised", "reminded", "ended", "test"}
