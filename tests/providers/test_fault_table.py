"""The table of faults against every provider: the real driver, client, codec and chain, a fake at the other end.

Here the trouble does not end, and the slot has nothing else.
"""

import logging
import socket
from pathlib import Path

import pytest

from app.domain.errors import FaultKind as Kind
from app.ports.providers import Connection
from tests.providers.endings import (
    assert_alerted,
    assert_asked,
    assert_the_key_stayed,
    assert_timely,
    failed,
    succeeded,
)
from tests.providers.fault_table import ALL, COMFYUI, TABLE, WINDOW, Row, cases, each_provider
from tests.providers.studio import LOCAL, Neighbours, Studio, studio
from tests.providers.subjects import SUBJECTS
from tests.support.certificates import self_signed

BOOTH_CODES = {200: None, 502: "provider_error", 504: "sync_timeout"}
NOT_OF_A_FAKE = {"redirect_elsewhere", "internal_result_elsewhere", "order_redirected"}


@cases()
def test_the_booth_is_told_as_soon_as_nothing_helps(
    at_work: Studio, row: Row, provider: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    at_work.fake.always(*at_work.trouble(row.name))
    ending = at_work.shoot(window=row.window)
    assert (ending.status, ending.code) == (row.booth, BOOTH_CODES[row.booth])
    assert ending.faults == (failed(row, provider, row.tries) or [succeeded(provider)])
    assert ending.detail.get("content_blocked", False) == (row.fault is Kind.CONTENT_BLOCKED)
    assert_asked(at_work, ending, row, row.tries)
    assert_timely(at_work, ending, row)
    assert_alerted(at_work, row)
    assert_the_key_stayed(at_work, ending, caplog.text)
    if row.fault is Kind.FORBIDDEN_ADDRESS:
        assert ending.events & {"redirect_refused", "address_refused"}, "whoever watches security must see it"


class TestUnreachable:
    """Nothing is billed before a request is sent, so each order may be tried again."""

    ROW = Row("dns", ALL, Kind.UNREACHABLE, tries=2, once=1, alert=True)

    @pytest.fixture(autouse=True)
    def _nowhere(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = socket.getaddrinfo

        def lookup(name: str, *args: object, **options: object) -> object:
            if name == "api.example":
                raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
            return real(name, *args, **options)

        monkeypatch.setattr("socket.getaddrinfo", lookup)

    @each_provider
    def test_a_name_that_is_not_known_is_looked_up_once_more(self, at_work: Studio, provider: str) -> None:
        at_work.roads.usual = Connection("https://api.example", at_work.subject.key)
        ending = at_work.shoot(window=WINDOW)
        assert ending.status == 502
        assert ending.faults == failed(self.ROW, provider, 2)
        assert_alerted(at_work, self.ROW)
        assert_timely(at_work, ending, self.ROW)
        assert ending.cost_usd == 0

    @each_provider
    def test_and_then_known(self, at_work: Studio, provider: str) -> None:
        at_work.roads.detours = [Connection("https://api.example", at_work.subject.key)]
        ending = at_work.shoot(window=WINDOW)
        assert ending.status == 200
        assert ending.faults == [*failed(self.ROW, provider, 1), succeeded(provider)]
        assert at_work.alerts == []


@pytest.mark.parametrize("provider", ALL)
def test_a_certificate_that_nobody_vouches_for_gets_no_request(
    neighbours: Neighbours, provider: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    row = Row("tls", ALL, Kind.TLS, alert=True)
    with studio(SUBJECTS[provider], neighbours, self_signed(tmp_path)) as at_work:
        for fallbacks, status in [((), 502), ((LOCAL,), 200)]:
            ending = at_work.shoot(*fallbacks, window=WINDOW)
            assert ending.status == status
            assert ending.faults[0] == failed(row, provider, 1)[0]
            assert len(ending.faults) == 1 + len(fallbacks)
            assert_timely(at_work, ending, row)
            assert_the_key_stayed(at_work, ending, caplog.text)
        assert_alerted(at_work, row)
        assert at_work.fake.calls == []


@each_provider
def test_without_a_key_nobody_is_asked(at_work: Studio, provider: str) -> None:
    at_work.roads.usual = Connection(at_work.fake.url)
    ending = at_work.shoot(window=WINDOW)
    if provider == COMFYUI:
        assert ending.status == 200, "it needs none"
        return
    assert (ending.status, ending.code) == (503, "provider_unavailable")
    assert ending.faults == [(provider, "not_configured", None)]
    assert [alert.kind for alert in at_work.alerts] == [Kind.NOT_CONFIGURED]
    assert at_work.fake.calls == []


@each_provider
def test_the_table_has_all_that_the_fake_can_do(at_work: Studio, provider: str) -> None:
    names = {row.name for row in TABLE} - NOT_OF_A_FAKE
    listed = {row.name for row in TABLE if provider in row.at} - NOT_OF_A_FAKE
    assert {name for name in names if at_work.fake.misbehaviour(name)} == listed
