"""Somebody is told when the last worker dies, and when one is there again."""

from collections.abc import Iterator

import pytest

from app.config import load_settings
from app.wiring import Wiring
from tests.processes.conftest import Install
from tests.support.fakes import telegram
from tests.support.fakes.telegram import FakeTelegram
from tests.support.installation import Installation
from tests.waiting import until

pytestmark = pytest.mark.processes

BOT = {"token": telegram.TOKEN, "chat_id": telegram.CHAT_ID}


@pytest.fixture
def bots() -> Iterator[FakeTelegram]:
    with FakeTelegram() as fake:
        yield fake


def set_up_telegram(house: Installation) -> None:
    house.secrets.append(telegram.TOKEN)
    wiring = Wiring(load_settings(house.environment), role="test")
    wiring.channels.change({"telegram": BOT}, "serg")
    wiring.database.close()


def pass_time(house: Installation, table: str, *columns: str) -> None:
    """What is on record there happened half a minute earlier."""
    changes = ", ".join(f"{column} = {column} - interval '31 seconds'" for column in columns)
    house.ledger.ask(f"UPDATE {table} SET {changes}")


def test_that_the_worker_died_and_came_back_is_told_once_each(install: Install, bots: FakeTelegram) -> None:
    house = install(TELEGRAM_API_BASE_URL=bots.url)
    set_up_telegram(house)
    worker = house.start_worker()
    house.start_hasty_cleanup()
    worker.kill()
    pass_time(house, "process_heartbeat", "seen_at")
    until(lambda: house.ledger.ask("SELECT FROM alert_notice"), seconds=40, what="the alert is seen")
    assert bots.texts == []
    pass_time(house, "alert_notice", "raised_at")
    until(lambda: bots.texts, seconds=20, what="it is told")
    house.start_worker()
    until(lambda: house.ledger.ask("SELECT FROM alert_notice WHERE ended_at IS NOT NULL"), 20, "its end is seen")
    pass_time(house, "alert_notice", "ended_at")
    until(lambda: not house.ledger.ask("SELECT FROM alert_notice"), seconds=20, what="its end is told")
    died, came_back = map(telegram.as_read, bots.texts)
    assert died.startswith("🔴 PhotoChanger\nНи один обработчик не запущен")
    assert came_back.startswith("✅ PhotoChanger\nЗакончилось через 1 мин: Ни один обработчик не запущен")
