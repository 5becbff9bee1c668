"""Trying a slot: unsaved values count, one fragment shows every state, and a failure has a name."""

import io
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from app.domain.job import Attempt, ClaimedJob, Source
from app.wiring import Wiring
from tests import pictures
from tests.support import databases
from tests.web.playing_the_worker import fail, finished, succeed, take
from tests.web.visitor import Element, Page, Visitor

PATH = "/slots/slot-001"
START = f"{PATH}/test-runs"

pytestmark = pytest.mark.parametrize("environment", [{"SYNC_RESPONSE_SECONDS": "30"}])


def photo(data: bytes | None = None) -> dict[str, Any]:
    return {"file": (io.BytesIO(pictures.jpeg() if data is None else data), "IMG_0003.JPG")}


def started(visitor: Visitor, **changes: str) -> Element:
    """The fragment that waits, of a run with unsaved `changes`."""
    fields = visitor.page(PATH).fields("slot-form")
    answer = visitor.post(START, {**fields, **changes, **photo()}, htmx=True)
    assert answer.status_code == 200, answer.text
    return Page(answer.text).one(id="test-run")


def poll(visitor: Visitor, waiting: Element) -> Element:
    return visitor.page(waiting["hx-get"], htmx=True).one(id="test-run")


def test_before_the_first_run_the_fragment_is_quiet(visitor: Visitor) -> None:
    idle = visitor.page(PATH).one(id="test-run")
    assert "hx-get" not in idle.attributes
    assert "Здесь появится результат." in idle.text


def test_unsaved_values_are_tried_and_not_saved(visitor: Visitor, wiring: Wiring) -> None:
    started(visitor, **{"settings.effect": "comic", "settings.strength": "12", "output.format": "webp"})
    job = take(wiring)
    assert job.settings["steps"][0]["settings"] == {"effect": "comic", "strength": 12}
    assert job.settings["output"]["format"] == "webp"
    assert wiring.services().slots.get("slot-001").version == 1
    assert wiring.services().jobs.get(job.id).source is Source.TEST


def test_the_whole_form_is_tried(visitor: Visitor, wiring: Wiring) -> None:
    fields = visitor.page(PATH).fields("slot-form")
    two = Page(visitor.post(f"{PATH}/fallbacks", fields).text).fields("slot-form")
    changes = {"fallbacks.0.settings.effect": "oil", "policy.price_cap_usd": "0,5", "output.aspect": "fit"}
    assert visitor.post(START, {**two, **changes, **photo()}, htmx=True).status_code == 200
    settings = take(wiring).settings
    assert settings["steps"][1]["settings"]["effect"] == "oil"
    assert (settings["policy"]["price_cap_usd"], settings["output"]["aspect"]) == (0.5, "fit")


def test_waiting_polls_itself_and_counts_seconds(visitor: Visitor, wiring: Wiring) -> None:
    waiting = started(visitor)
    assert (waiting["hx-trigger"], waiting["data-refresh"]) == ("refresh", "1")
    assert "В очереди" in waiting.text
    assert any("data-elapsed" in e.attributes for e in waiting.inside)
    take(wiring)
    assert "Обрабатывается" in poll(visitor, waiting).text


def test_the_result_ends_the_polling(visitor: Visitor, wiring: Wiring) -> None:
    waiting = started(visitor)
    job = take(wiring)
    assert succeed(wiring, pictures.jpeg(64, 48))(job)
    done = poll(visitor, waiting)
    assert "hx-get" not in done.attributes
    shot, result = [str(e["src"]) for e in done.inside if e.tag == "img"]
    assert result == f"/public/results/{job.id}/large"
    assert visitor.get(shot).mimetype == "image/webp"
    assert any((e.get("data-announce") or "").startswith("Готово за") for e in done.inside)


@pytest.mark.parametrize(
    ("detail", "sentence"),
    [
        ({"fault": "hang"}, "Провайдер не ответил вовремя."),
        ({"fault": "invalid_output"}, "Провайдер ответил без пригодной картинки."),
        ({"fault": "not_configured", "message": "A template image was deleted."}, "A template image was deleted."),
        ({}, "Провайдер не справился."),
    ],
)
def test_a_failure_has_a_name_and_ends_the_polling(
    visitor: Visitor, wiring: Wiring, detail: dict[str, str], sentence: str
) -> None:
    waiting = started(visitor)
    assert fail(wiring, **detail)(take(wiring))
    failed = poll(visitor, waiting)
    assert "hx-get" not in failed.attributes
    [alert] = [e for e in failed.inside if e.get("role") == "alert"]
    assert sentence in alert.text


def test_a_cancelled_run_says_so(visitor: Visitor, wiring: Wiring) -> None:
    waiting = started(visitor)
    wiring.services().jobs.cancel(take(wiring).id, "serg")
    assert "Отменено." in poll(visitor, waiting).text


def test_without_a_worker_the_waiting_ends_with_a_name(visitor: Visitor, wiring: Wiring) -> None:
    waiting = started(visitor)
    databases.execute(wiring.settings.database_url, "UPDATE job SET expires_at = now() - interval '6 seconds'")
    ended = poll(visitor, waiting)
    assert "hx-get" not in ended.attributes
    assert "обработчик не запущен" in ended.text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "Сначала выберите фото."),
        (b"GIF89a, or not even that", "Подходят только JPEG, PNG, WebP и HEIC."),
        (pictures.jpeg()[:2000], "Файл повреждён и не открывается."),
    ],
)
def test_an_unusable_photo_is_refused_in_words(visitor: Visitor, data: bytes, sentence: str) -> None:
    answer = visitor.post(START, photo(data), htmx=True)
    assert answer.status_code == 422
    assert Page(answer.text).one(role="alert").text.strip() == sentence


def test_a_missing_photo_is_refused_in_words(visitor: Visitor) -> None:
    assert "Сначала выберите фото." in visitor.post(START, {}, htmx=True).text


def test_unusable_values_are_listed_by_their_labels(visitor: Visitor) -> None:
    fields = visitor.page(PATH).fields("slot-form")
    answer = visitor.post(START, {**fields, "settings.strength": "400", **photo()}, htmx=True)
    assert answer.status_code == 422
    assert Page(answer.text).one("li").text == "Сила: Нужно число от 0 до 100."


def test_a_fallbacks_values_are_listed_by_its_number(visitor: Visitor) -> None:
    fields = visitor.page(PATH).fields("slot-form")
    two = Page(visitor.post(f"{PATH}/fallbacks", fields).text).fields("slot-form")
    wrong = {"fallbacks.0.settings.strength": "400", "policy.price_cap_usd": "0", "output.quality": "101"}
    answer = visitor.post(START, {**two, **wrong, **photo()}, htmx=True)
    assert [e.text for e in Page(answer.text).all("li")] == [
        "Запасной вариант 1, Сила: Нужно число от 0 до 100.",
        "Предел на один снимок, $: Нужно число от 0,001 до 100000.",
        "Качество, 1–100: Нужно число от 1 до 100.",
    ]


class TestWhereTheTimeWent:
    ATTEMPTS = (
        Attempt("gemini", "image_edit", 1200, "gemini-2.5-flash-image", "no_image", "The answer holds no image."),
        Attempt("gemini", "image_edit", 7100, "gemini-3-pro-image", "hang", cost_usd=Decimal("0.134")),
        Attempt("local", "image_edit", 240),
    )

    def story(self, part: Element) -> list[str]:
        return [" ".join(e.text.split()) for e in part.inside if e.tag == "li"]

    def test_every_attempt_is_told_as_it_ends(self, visitor: Visitor, wiring: Wiring) -> None:
        waiting = started(visitor)
        assert self.story(waiting) == []
        job = take(wiring)
        wiring.stores.queue.log_attempts(job, self.ATTEMPTS[:2])
        taken_in, queued, first, second = self.story(poll(visitor, waiting))
        assert taken_in.startswith("Приём снимка")
        assert queued.startswith("В очереди")
        assert first == (
            "Gemini (Google) gemini-2.5-flash-image 1,2 с Провайдер ответил без картинки. The answer holds no image."
        )
        assert second == "Gemini (Google) gemini-3-pro-image 0,134 $ · 7,1 с Провайдер не ответил вовремя."

    def test_the_last_is_the_one_that_gave_the_picture_and_then_it_is_stored(
        self, visitor: Visitor, wiring: Wiring
    ) -> None:
        waiting = started(visitor)
        job = take(wiring)
        wiring.stores.queue.log_attempts(job, self.ATTEMPTS)
        assert succeed(wiring, pictures.jpeg(64, 48))(job)
        *_, made, stored = self.story(poll(visitor, waiting))
        assert made == "Встроенная обработка 240 мс"
        assert stored.startswith("Сохранение")

    def test_bars_lie_within_their_line(self, visitor: Visitor, wiring: Wiring) -> None:
        waiting = started(visitor)
        wiring.stores.queue.log_attempts(take(wiring), self.ATTEMPTS)
        bars = [e for e in poll(visitor, waiting).inside if e.tag == "rect" and e.get("x")]
        assert len(bars) == 5
        for bar in bars:
            begin, length = (float(str(bar[name]).rstrip("%")) for name in ("x", "width"))
            assert begin >= 0
            assert length >= 0
            assert begin + length <= 100.1

    def test_attempts_of_a_provider_that_is_gone_are_told_by_its_name(self, visitor: Visitor, wiring: Wiring) -> None:
        waiting = started(visitor)
        wiring.stores.queue.log_attempts(take(wiring), [Attempt("nobody", "nothing", 3, fault="new_fault")])
        assert self.story(poll(visitor, waiting))[2] == "nobody 3 мс Провайдер не справился."

    def test_finishing_and_storing_are_told_apart_from_the_provider(self, visitor: Visitor, wiring: Wiring) -> None:
        waiting = started(visitor)
        job = take(wiring)
        made = Attempt("local", "image_edit", 240, finish_ms=40, store_ms=30)
        wiring.stores.queue.log_attempts(job, [made])
        assert self.story(poll(visitor, waiting))[-2:] == ["Встроенная обработка 200 мс", "Оформление картинки 40 мс"]


class TestWithoutScripts:
    def test_the_saved_slot_is_tried_on_a_page_that_reloads(self, visitor: Visitor, wiring: Wiring) -> None:
        answer = visitor.post(START, photo())
        assert answer.status_code == 303
        page = visitor.page(answer.location)
        assert page.one("meta", http_equiv="refresh")
        assert succeed(wiring, pictures.jpeg(64, 48))(take(wiring))
        page = visitor.page(answer.location)
        assert not page.all("meta", http_equiv="refresh")
        assert page.one("img", alt="Результат")

    def test_a_refusal_is_a_page(self, visitor: Visitor) -> None:
        answer = visitor.post(START, {})
        assert answer.status_code == 422
        assert "Сначала выберите фото." in Page(answer.text).one(role="alert").text


def test_a_photo_that_is_forgotten_leaves_the_result_alone(visitor: Visitor, wiring: Wiring) -> None:
    waiting = started(visitor)
    job = take(wiring)
    assert succeed(wiring, pictures.jpeg(64, 48))(job)
    databases.execute(wiring.settings.database_url, "UPDATE job SET payload_path = NULL")
    assert [e["alt"] for e in poll(visitor, waiting).inside if e.tag == "img"] == ["Результат"]
    assert visitor.get(f"{START}/{job.id}/shot").status_code == 404


class TestSomebodyElses:
    def test_run_is_not_found(self, visitor: Visitor, wiring: Wiring) -> None:
        started(visitor)
        job: ClaimedJob = take(wiring)
        assert visitor.get(f"/slots/slot-002/test-runs/{job.id}").status_code == 404

    def test_photo_of_a_booth_is_no_test_run(self, visitor: Visitor, wiring: Wiring) -> None:
        job_id: UUID = finished(wiring, pictures.jpeg(64, 48))
        assert visitor.get(f"{START}/{job_id}").status_code == 404
