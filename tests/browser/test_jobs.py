"""The job log in a browser: the timeline on a phone, the support text on plain HTTP, a job while it runs."""

import re
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PLAIN_HTTP, NewPage, log_in
from tests.support.installation import Installation

pytestmark = pytest.mark.browser

_JOB = """
INSERT INTO job (id, slot_id, source, settings, provider, operation, payload_mime_type, payload_size_bytes,
                 payload_sha256, created_at, started_at, expires_at, status, lease_worker, lease_until)
VALUES (:id, 'slot-011', 'ingest', '{}', 'gemini', 'image_edit', 'image/jpeg', 1, repeat('0', 64), now(),
        now() + interval '20 ms', now() + interval '48 s', 'processing', 'nobody', now() + interval '1 hour')
"""
_END = """
UPDATE job SET status = 'finalized', is_finalized = true, lease_worker = NULL, lease_until = NULL,
               finalized_at = now(), failure_reason = 'provider_error', failure_detail = '{"fault": "hang"}'
WHERE id = :id
"""
_STORY = """
INSERT INTO processing_log (job_id, slot_id, at, event, duration_ms, detail) VALUES
    (:id, 'slot-011', now(), 'received', 15, '{}'),
    (:id, 'slot-011', now() + interval '9 s', 'attempt', 8900, jsonb_build_object(
        'provider', 'gemini', 'model', 'gemini-3-pro-image-preview', 'fault', 'hang', 'request_id', repeat('r', 60),
        'message', 'No answer within 8.9 s.', 'http_status', 504))
"""


@pytest.fixture
def running(house: Installation) -> UUID:
    """A job in the hands of a worker that does nothing."""
    job_id = uuid4()
    house.ledger.ask(_JOB, id=job_id)
    house.ledger.ask(_STORY, id=job_id)
    return job_id


@pytest.fixture
def failed(house: Installation, running: UUID) -> UUID:
    house.ledger.ask(_END, id=running)
    return running


def test_the_timeline_fits_a_phone_and_is_drawn_to_scale(new_page: NewPage, failed: UUID) -> None:
    page = log_in(new_page(width=360))
    page.goto(f"/jobs/{failed}")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    lane = page.locator(".lane.attempt")
    whole, bar = lane.bounding_box(), lane.locator("rect").bounding_box()
    assert whole
    assert bar
    assert 0.9 < bar["width"] / whole["width"] <= 1.05, "nearly all of the time"


def test_the_support_text_is_copied_on_plain_http(new_page: NewPage, house: Installation, failed: UUID) -> None:
    page = log_in(new_page(), address=f"http://{PLAIN_HTTP}:{house.port}/login")
    assert page.evaluate("window.isSecureContext") is False
    page.goto(f"http://{PLAIN_HTTP}:{house.port}/jobs/{failed}")
    page.click("#copy-support")
    expect(page.locator("#toast")).to_have_text("Скопировано")
    page.goto(f"http://{PLAIN_HTTP}:{house.port}/jobs")
    page.click("#filter-booth")
    page.keyboard.press("ControlOrMeta+v")
    assert str(failed) in page.locator("#filter-booth").input_value()


def _seconds(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def test_a_running_job_counts_down_and_shows_its_end(page: Page, house: Installation, running: UUID) -> None:
    page.goto(f"/jobs/{running}")
    left = page.locator("#seconds-left")
    before = left.inner_text()
    page.click("#open-cancelling")
    page.focus("#cancel")
    expect(left).not_to_have_text(before)
    assert _seconds(left.inner_text()) < _seconds(before)
    expect(page.locator("#cancel")).to_be_focused()
    house.ledger.ask(_END, id=running)
    expect(page.locator("#job-now .frame.failed")).to_be_visible()
    expect(page.locator("#cancel")).to_have_count(0)
    expect(left).to_have_count(0)
    expect(page.locator("#copy-support")).to_have_attribute("data-copy", re.compile("State: +failed|State: +provider"))
