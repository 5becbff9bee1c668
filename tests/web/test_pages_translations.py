"""Every text that a page can show has its Russian, and the compiled file is the one that belongs to the source."""

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
RUSSIAN = ROOT / "app" / "translations" / "ru" / "LC_MESSAGES" / "messages.po"

_FORMS = {
    "%(num)s expired before it was copied": 2,
    "%(num)s is hidden and waits": 2,
    "%(num)s is hidden or gone and stays here": 2,
    "%(num)s photo is not here any more: add it anew.": 2,
    "%(num)s photo is on its way to the album.": 2,
    "%(num)s photo is selected": 1,
    "%(num)s picture copied": 1,
    "%(num)s picture published": 1,
    "%(num)s waits": 2,
    "%(num)s was not published": 2,
}
"""How many Russian forms a plural has, where that is not three: verbs have two, and «фото» has one."""


@pytest.fixture(scope="module")
def used() -> set[str]:
    """The texts in code and templates; of plurals, the singular."""
    with (ROOT / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = extract_from_dir(str(ROOT), method_map=methods, options_map=options)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


@pytest.fixture(scope="module")
def russian() -> Catalog:
    with RUSSIAN.open("rb") as file:
        return read_po(file, locale="ru")


def _id(message_id: str | tuple[str, ...]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else message.string


def test_every_text_is_translated(used: set[str], russian: Catalog) -> None:
    translated = {_id(m.id) for m in russian if m.id and all(_strings(m))}
    assert used - translated == set()


def test_no_translation_is_left_over_or_doubtful(used: set[str], russian: Catalog) -> None:
    assert {_id(m.id) for m in russian if m.id} - used == set()
    assert not [m.id for m in russian if m.id and m.fuzzy]
    assert not russian.obsolete


def test_translations_take_the_same_values(russian: Catalog) -> None:
    problems = [(m.id, error) for m, errors in russian.check() for error in errors]
    assert problems == []


def test_plurals_have_all_three_russian_forms(russian: Catalog) -> None:
    plurals = [m for m in russian if isinstance(m.id, tuple)]
    assert plurals
    assert all(len(set(m.string)) == _FORMS.get(m.id[0], 3) and all(m.string) for m in plurals)


def test_vk_has_one_name_in_russian(russian: Catalog) -> None:
    named = re.compile(r"\bVK\b(?! ID| Donut)|\bВК\b")
    assert [m.id for m in russian if m.id and any(named.search(text) for text in _strings(m))] == []


def test_the_compiled_file_is_up_to_date(russian: Catalog) -> None:
    fresh = io.BytesIO()
    write_mo(fresh, russian)
    fresh.seek(0)
    with RUSSIAN.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    assert _texts(compiled) == _texts(read_mo(fresh))


def _texts(catalogue: Catalog) -> dict[str, tuple[str, ...]]:
    return {_id(m.id): tuple(_strings(m)) for m in catalogue if m.id}
