"""The page of changes: who did what and when, in the words of the other pages."""

from typing import Any

import pytest

from app.wiring import Wiring
from tests.web.statements import counted
from tests.web.visitor import Page, Visitor

PATH = "/changes"
KEY = {"providers": {"openai": {"api_key": "sk-four-times-secret-01", "daily_budget_usd": 5}}}


def told(page: Page) -> list[str]:
    return [" ".join(e.text.split()) for e in page.one("ol", class_="changes").inside if e.tag == "div"]


def rows(page: Page) -> list[str]:
    return [" ".join(e.text.split()) for e in page.one("ol", class_="changes").inside if e.tag == "li"]


def test_is_reached_from_the_settings(visitor: Visitor) -> None:
    assert visitor.page("/settings").one("a", href=PATH).text == "Кто что менял"


def test_settings_are_told_with_old_and_new_values(visitor: Visitor, wiring: Wiring) -> None:
    wiring.services().settings.change({"sync_response_seconds": 55, "ingest_password": "tonight-88"}, "igor")
    [row] = rows(visitor.page(f"{PATH}?username=igor"))
    assert "igor" in row
    for words in ("Изменены настройки", "Окно, с: 48 → 55", "Пароль приёма: задан", "Старый принимается, ч: 24"):
        assert words in row
    assert "tonight-88" not in row


def test_a_provider_is_called_by_its_name(visitor: Visitor, wiring: Wiring) -> None:
    wiring.services().settings.change(KEY, "serg")
    page = visitor.page(f"{PATH}?subject=openai")
    [row] = rows(page)
    assert "Изменено подключение: OpenAI" in row
    assert "Ключ: задан" in row
    assert "Бюджет на день, доллары США: — → 5" in row
    assert "OpenAI" in page.one("a", href="/settings?provider=openai#provider-openai").text


def test_what_the_server_did_has_no_user(visitor: Visitor, wiring: Wiring) -> None:
    wiring.services().access.set_password("igor", "igor-secret-2", None)
    [row] = rows(visitor.page(f"{PATH}?subject=igor"))
    assert "сервер" in row
    assert "Сменён пароль: igor" in row


CHANGES: list[tuple[str, str, dict[str, Any], list[str]]] = [
    (
        "slot.changed",
        "slot-003",
        {
            "version": 4,
            "changes": {
                "name": {"old": "Вход", "new": "Выход"},
                "is_active": {"old": True, "new": False},
                "fallbacks.0.settings.prompt": {"old": None, "new": "п" * 500},
                "output.max_side": {"old": 2048, "new": None},
            },
        },
        ["Слот 3: изменён", "Вход → Выход", "да → нет", "Запасной вариант 1, ", "2048 → —", "п" * 160 + "…"],
    ),
    (
        "slot.changed",
        "slot-003",
        {
            "changes": {
                "provider": {"old": "local", "new": "turbotext"},
                "fallbacks.0.operation": {"old": None, "new": "image_edit"},
                "output.format": {"old": "auto", "new": "jpeg"},
                "output.overlay": {"old": None, "new": "00000000-0000-0000-0000-000000000001"},
                "settings.safety": {"old": None, "new": "BLOCK_ONLY_HIGH"},
            }
        },
        ["Встроенная обработка → Turbotext"],
    ),
    ("slot.restored", "slot-003", {"version": 5, "restored_version": 2, "changes": {}}, ["Слот 3: снова версия 2"]),
    ("slot.copied", "slot-003", {"version": 6, "copied_from": "slot-001"}, ["Слот 3: настроен как Слот 1"]),
    ("slot.paused", "slot-003", {}, ["Слот 3: на паузе"]),
    ("slot.resumed", "slot-003", {}, ["Слот 3: снова принимает снимки"]),
    ("slot.stats_reset", "slot-003", {}, ["Слот 3: статистика начата заново"]),
    ("template.added", "6f1c", {"label": "Рамка"}, ["Добавлен образец «Рамка»"]),
    ("template.renamed", "6f1c", {"old": "Рамка", "new": "Лого"}, ["переименован в «Лого»", "Рамка → Лого"]),
    ("template.deleted", "6f1c", {"label": "Рамка", "used_by": ["slot-001"]}, ["Удалён образец «Рамка»"]),
    (
        "token.issued",
        "Выгрузка",
        {"scope": "read", "expires_at": "2027-02-19T17:39:41.489906+00:00"},
        ["Выпущен токен API «Выгрузка»", "Что ему можно: только чтение", "Действует до: 19 февраля 2027"],
    ),
    ("token.revoked", "Выгрузка", {"username": "igor"}, ["Отозван токен API «Выгрузка»"]),
    ("job.cancelled", "6f1c", {"slot_id": "slot-003"}, ["Слот 3: задание отменено"]),
    ("job.rerun", "6f1c", {"slot_id": "slot-003", "new_job_id": "7a2d"}, ["Слот 3: задание запущено снова"]),
    (
        "event.created",
        "6f1c",
        {"label": "Свадьба", "starts_at": "2026-11-20T18:00:00+00:00", "slots": "slot-001, slot-002"},
        ["Создано мероприятие «Свадьба»", "Начало: 20 ноября 2026, 21:00", "Слоты: slot-001, slot-002"],
    ),
    (
        "event.created",
        "6f1d",
        {"starts_at": "2026-11-20T15:00:00+00:00", "ends_at": "2026-11-20T16:00:00+00:00", "slots": ""},
        ["Начало: 20 ноября 2026, 18:00Окончание: 20 ноября 2026, 19:00", "Слоты: все"],
    ),
    ("event.changed", "6f1d", {"slots": ["slot-001", ""]}, ["Слоты: slot-001 → все"]),
    (
        "event.changed",
        "6f1c",
        {"label": "Свадьба", "ends_at": ["2026-11-20T18:00:00+00:00", "2026-11-20T19:00:00+00:00"]},
        ["Изменено мероприятие «Свадьба»", "Окончание: 20 ноября 2026, 21:00 → 20 ноября 2026, 22:00"],
    ),
    (
        "event.removed",
        "6f1c",
        {"label": "Свадьба", "links": 2},
        ["Удалено мероприятие «Свадьба»", "ссылок для гостей: 2"],
    ),
    (
        "link.created",
        "6f1c",
        {"label": "slot-003", "slot_id": "slot-003", "audience": "own", "allows_archive": True, "password": "set"},
        ["ссылка для гостей «Слот 3»", "Гости видят: только свои", "Всё одним ZIP: да", "Пароль: задан"],
    ),
    (
        "link.prolonged",
        "6f1c",
        {"label": "Гостям", "expires_at": ["2026-11-20T18:00:00+00:00", "2026-11-27T18:00:00+00:00"]},
        ["Изменён срок ссылки для гостей «Гостям»", "20 ноября 2026 → 27 ноября 2026"],
    ),
    ("link.revoked", "6f1c", {"label": "Гостям"}, ["Закрыта ссылка для гостей «Гостям»"]),
    ("photo.hidden", "slot-003", {"ids": ["00000000-0000-0000-0000-000000000001"]}, ["Слот 3: скрыто фото: 1"]),
    ("photo.shown", "slot-003", {"ids": ["1", "2"]}, ["Слот 3: снова видно фото: 2"]),
    ("photo.deleted", "slot-003", {"ids": ["1", "2"]}, ["Слот 3: удалено фото: 2"]),
    ("photo.restored", "slot-003", {"ids": ["1", "2"]}, ["Слот 3: восстановлено фото: 2"]),
    ("photo.kept", "slot-003", {"ids": ["1", "2"]}, ["Слот 3: фото хранятся дольше: 2"]),
    ("photo.released", "slot-003", {"ids": ["1", "2"]}, ["Слот 3: фото хранятся как обычно: 2"]),
    ("purge.requested", "", {"id": 7}, ["Запущена очистка вручную"]),
    ("alerts.changed", "telegram", {"bot_token": "set"}, ["Изменена отправка предупреждений", "задан"]),
    ("login", "", {"client": "203.0.113.9"}, ["Вход", "203.0.113.9"]),
    ("login.throttled", "serg", {"client": "203.0.113.9"}, ["Слишком много неверных паролей", "serg"]),
    ("something.new", "thing", {"nested": {"a": [1, None]}}, ["something.new thing", "a 1, —"]),
]


def test_everything_is_told_in_words(visitor: Visitor, wiring: Wiring, subtests: pytest.Subtests) -> None:
    for action, subject, detail, _ in CHANGES:
        wiring.stores.audit.record("igor", action, subject, detail)
    page = visitor.page(f"{PATH}?username=igor")
    shown = list(reversed(rows(page)))
    assert len(shown) == len(CHANGES)
    for (action, _, _, words), row in zip(CHANGES, shown, strict=True):
        with subtests.test(action=action):
            assert [word for word in words if word not in row] == []
    assert [code for code in ("image_edit", "BLOCK_ONLY_HIGH", "0000-0000", " jpeg") if code in " ".join(shown)] == []
    assert not {"{", "}", "None", "True", "old"} & set(" ".join(shown).split())


def test_names_of_people_and_things_are_no_markup(visitor: Visitor, wiring: Wiring) -> None:
    nasty = "<script>alert(1)</script>"
    wiring.stores.audit.record(nasty, "template.added", nasty, {"label": nasty, nasty: [nasty, nasty]})
    assert nasty not in visitor.page(PATH).html


def test_pages_follow_one_another_and_keep_what_was_picked(visitor: Visitor, wiring: Wiring) -> None:
    for _ in range(51):
        wiring.stores.audit.record("igor", "slot.paused", "slot-003")
    first = visitor.page(f"{PATH}?subject=slot-003")
    assert len(rows(first)) == 50
    assert "Страница 1 из 2" in first.html
    second = visitor.page(first.one("a", id="older")["href"] or "")
    assert len(rows(second)) == 1
    assert second.one("a", id="newer")["href"] == f"{PATH}?subject=slot-003&page=1"


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=99999999999", "subject=%00", "username=nobody", "page=77"])
def test_what_cannot_be_is_an_empty_page_or_the_first(visitor: Visitor, query: str) -> None:
    assert visitor.get(f"{PATH}?{query}").status_code == 200


def test_it_costs_the_same_however_many_there_are(visitor: Visitor, wiring: Wiring) -> None:
    def statements() -> int:
        with counted() as seen:
            visitor.page(PATH)
        return len(seen)

    visitor.page(PATH)
    few = statements()
    for _ in range(40):
        wiring.stores.audit.record("igor", "slot.paused", "slot-003")
    assert statements() == few
