"""The administrators' events: times are those of the house's clocks."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.domain.events import Event
from app.wiring import Wiring
from tests.web.guests import taken
from tests.web.visitor import Page, Visitor

PATH = "/gallery/events"
EVENING = {"name": "Свадьба", "starts_at": "2026-11-20T18:00", "ends_at": "2026-11-21T01:00"}
NOWHERE = f"{PATH}/{UUID(int=0)}"


@pytest.fixture
def event(wiring: Wiring) -> Event:
    return made(wiring)


def made(wiring: Wiring, **changes: Any) -> Event:
    start = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    wanted = {"name": "Свадьба", "starts_at": start, "ends_at": start + timedelta(hours=7), **changes}
    return wiring.services().events.create(wanted, "serg")


def house_is_in(wiring: Wiring, zone: str) -> None:
    wiring.services().settings.change({"time_zone": zone}, "serg")


def stored(wiring: Wiring) -> Event:
    [event] = wiring.services().events.page(1, 10)[0]
    return event


def problems(html: str) -> dict[str, str]:
    return {str(e["id"]).removesuffix("-problem"): e.text for e in Page(html).all("p", class_="problem")}


def test_an_event_is_made_from_what_the_form_offers_and_a_name(visitor: Visitor, wiring: Wiring) -> None:
    fields = visitor.page(PATH).fields("event-form")
    answer = visitor.post(PATH, {**fields, "name": "Свадьба"})
    assert answer.status_code == 303
    event = stored(wiring)
    assert answer.headers["Location"] == f"{PATH}/{event.id}"
    assert (event.created_by, event.slot_ids, event.ends_at - event.starts_at) == ("serg", set(), timedelta(hours=8))
    evening = event.starts_at.astimezone(ZoneInfo("Europe/Moscow"))
    assert (evening.hour, evening.minute) == (18, 0)
    assert abs(datetime.now(UTC) - event.starts_at) < timedelta(hours=19)
    assert "Мероприятие создано" in visitor.page(answer.headers["Location"]).one("p", class_="notice good").text


def test_its_times_are_those_of_the_house(visitor: Visitor, wiring: Wiring) -> None:
    house_is_in(wiring, "Asia/Yekaterinburg")
    visitor.post(PATH, {**EVENING, "slot_ids": ["slot-002", "slot-001"]})
    event = stored(wiring)
    assert (event.starts_at, event.ends_at) == (
        datetime(2026, 11, 20, 13, 0, tzinfo=UTC),
        datetime(2026, 11, 20, 20, 0, tzinfo=UTC),
    )
    assert event.slot_ids == {"slot-001", "slot-002"}
    page = visitor.page(f"{PATH}/{event.id}")
    assert {name: page.fields("event-form")[name] for name in EVENING} == EVENING
    assert page.text.count("Время местное: Екатеринбург") == 1
    assert "20 ноября 2026, 18:00 – 21 ноября, 01:00" in page.text


def test_a_time_that_the_clocks_leave_out_is_explained(visitor: Visitor, wiring: Wiring) -> None:
    house_is_in(wiring, "Europe/Berlin")
    night = {"name": "Ночь", "starts_at": "2026-03-28T22:00", "ends_at": "2026-03-29T02:30"}
    answer = visitor.post(PATH, night)
    assert answer.status_code == 422
    assert problems(answer.text) == {"ends_at": "В эту ночь часы переводят вперёд: такого времени нет."}
    assert Page(answer.text).fields("event-form")["ends_at"] == "2026-03-29T02:30"


def test_an_hour_that_comes_twice_belongs_to_the_event_as_a_whole(visitor: Visitor, wiring: Wiring) -> None:
    house_is_in(wiring, "Europe/Berlin")
    visitor.post(PATH, {"name": "Ночь", "starts_at": "2026-10-25T02:00", "ends_at": "2026-10-25T02:59"})
    event = stored(wiring)
    assert event.starts_at == datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    assert event.ends_at == datetime(2026, 10, 25, 1, 59, tzinfo=UTC)
    page = visitor.page(f"{PATH}/{event.id}")
    assert "взято первое" in page.one("p", id="starts_at-hint").text
    assert "взято второе" in page.one("p", id="ends_at-hint").text


def test_of_other_hours_nothing_is_said(visitor: Visitor, wiring: Wiring, event: Event) -> None:
    page = visitor.page(f"{PATH}/{event.id}")
    assert page.all("p", id="starts_at-hint") == page.all("p", id="ends_at-hint") == []


def test_saving_does_not_move_what_nobody_touched(visitor: Visitor, wiring: Wiring) -> None:
    house_is_in(wiring, "Europe/Berlin")
    second_two, seconds = datetime(2026, 10, 25, 1, 0, tzinfo=UTC), timedelta(seconds=17)
    event = made(wiring, starts_at=second_two, ends_at=second_two + timedelta(hours=3) + seconds)
    fields = visitor.page(f"{PATH}/{event.id}").fields("event-form")
    visitor.post(f"{PATH}/{event.id}", {**fields, "name": "Поздняя ночь"})
    changed = stored(wiring)
    assert (changed.name, changed.starts_at, changed.ends_at) == ("Поздняя ночь", event.starts_at, event.ends_at)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", " ", "Введите название."),
        ("name", "x" * 81, "Не больше 80 знаков."),
        ("name", "Анна\x07", "От 1 до 80 обычных знаков."),
        ("starts_at", "", "Нужны дата и время."),
        ("starts_at", "завтра", "Нужны дата и время."),
        ("starts_at", "0001-01-01T00:00", "Нужны дата и время."),
        ("ends_at", "9999-12-31T23:59", "Нужны дата и время."),
        ("ends_at", "2026-11-20T18:00+03:00", "Нужны дата и время."),
        ("ends_at", "2026-11-20T18:00", "Окончание должно быть позже начала."),
        ("ends_at", "2027-01-20T18:00", "Не больше 31 дней."),
        ("slot_ids", "slot-999", "Выберите"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    visitor: Visitor, event: Event, field: str, value: str, sentence: str
) -> None:
    visitor.get(PATH)
    for address in (PATH, f"{PATH}/{event.id}"):
        answer = visitor.post(address, {**EVENING, field: value})
        assert answer.status_code == 422
        found = problems(answer.text)
        assert list(found) == [field]
        assert sentence in found[field]
        assert len([e for e in Page(answer.text).elements if "autofocus" in e.attributes]) == 1


def test_events_are_listed_with_ways_to_their_photos(visitor: Visitor, wiring: Wiring) -> None:
    now = datetime.now(UTC)
    going_on = made(wiring, name="Сейчас", starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1))
    made(wiring, name="Потом", starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=2))
    made(wiring, name="Давно", slot_ids=["slot-003"])
    page = visitor.page(PATH)
    listed = [" ".join(e.text.split()) for e in page.one("ul", class_="sharing").inside if e.tag == "h2"]
    assert sorted(listed) == ["Давно", "Потом впереди", "Сейчас идёт сейчас"]
    for way in (f"/gallery?event={going_on.id}", f"/gallery/links?event={going_on.id}#new-link"):
        page.one("a", class_="button secondary", href=way)
    assert "Слот 3" in page.text
    assert "все слоты" in page.text


def test_an_event_says_how_many_photos_it_has(visitor: Visitor, wiring: Wiring) -> None:
    now = datetime.now(UTC)
    event = made(wiring, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1), slot_ids=["slot-002"])
    taken(wiring, slot_id="slot-002"), taken(wiring)
    page = visitor.page(f"{PATH}/{event.id}")
    assert page.one("h2", id="photos-heading").text == "1 фотография"
    page.one("a", href=f"/gallery/archive?event={event.id}")


def test_with_an_event_its_links_are_closed_after_saying_so(visitor: Visitor, wiring: Wiring, event: Event) -> None:
    link = wiring.services().share_links.create({"event_id": str(event.id), "expires_in_days": 7}, "serg")
    token = wiring.services().share_links.token_of(link)
    assert "закроется 1 ссылка" in visitor.page(f"{PATH}/{event.id}").one("details", id="removal").text
    answer = visitor.post(f"{PATH}/{event.id}/removal", {})
    assert (answer.status_code, answer.headers["Location"]) == (303, PATH)
    assert wiring.services().events.page(1, 10) == ([], 0)
    assert [visitor.get(f"/{way}/{token}").status_code for way in ("s", "wall")] == [410, 410]
    page = visitor.page(f"/gallery/links/{link.id}")
    assert page.one("h1").text == event.name, "what its guests know it by"
    assert "мероприятие, которого больше нет" in page.text
    assert event.name in visitor.page("/gallery/links").one("a", id=f"link-{link.id}").text


def test_what_there_is_not_has_no_page(visitor: Visitor) -> None:
    visitor.get(PATH)
    answers = [visitor.get(NOWHERE), visitor.post(NOWHERE, EVENING), visitor.post(f"{NOWHERE}/removal", {})]
    assert {answer.status_code for answer in answers} == {404}


def test_from_a_slots_photos_its_tick_is_there_already(visitor: Visitor) -> None:
    page = visitor.page(f"{PATH}?slot=slot-003")
    assert page.fields("event-form")["slot_ids"] == "slot-003"


def test_a_long_list_has_pages(visitor: Visitor, wiring: Wiring) -> None:
    for number in range(51):
        made(wiring, name=f"Событие {number}")
    page = visitor.page(PATH)
    assert page.one("a", id="older")["href"] == f"{PATH}?page=2"
    assert len([e for e in visitor.page(f"{PATH}?page=2").one("ul", class_="sharing").inside if e.tag == "h2"]) == 1
    assert visitor.page(f"{PATH}?page=9").all("ul", class_="sharing") == []
