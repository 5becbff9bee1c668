"""Each thing that VK refuses has a name in the contract and a sentence for people, in both languages."""

import pytest
from flask import Flask
from flask_babel import force_locale

from app.domain.vk import errors
from app.domain.vk.errors import VkError
from app.domain.vk.numbers import CODES, kind_of, meaning_of
from app.web.pages.uploads import upload_sentence
from app.web.vk_words import vk_error_sentence
from tests.support.contract import document

# What any call of ours may meet, and what single methods add (VK's API schema 5.199).
OF_ANY_CALL = (1, 5, 6, 9, 10, 14, 15, 17, 22, 27, 28, 29, 100, 113, 1051, 3300, 13000)
OF_METHODS = (19, 104, 114, 118, 121, 200, 203, 210, 214, 219, 220, 222, 224, 225, 300, 302, 703, 2000)
NUMBERS = OF_ANY_CALL + OF_METHODS

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, VkError)]


def test_the_contract_names_all_of_them() -> None:
    failure = document()["components"]["schemas"]["VkFailure"]["properties"]["error"]["properties"]["details"]
    assert set(failure["properties"]["reason"]["enum"]) == CODES


def test_each_number_has_a_code_of_its_own() -> None:
    assert len({meaning_of(number, "").code for number in NUMBERS} - {VkError.code}) == len(NUMBERS)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_each_has_a_sentence_of_its_own(app: Flask, language: str) -> None:
    assert len(set(sentences(app, language).values())) == len(CODES)


def test_no_sentence_is_left_untranslated(app: Flask) -> None:
    assert not set(sentences(app, "en").values()) & set(sentences(app, "ru").values())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_what_was_stored_by_its_class_alone_is_still_known(kind: type[VkError]) -> None:
    assert kind.code in CODES
    assert kind_of(kind.code) is kind


def test_a_code_of_somebody_elses_is_no_refusal_of_vks() -> None:
    assert kind_of("photo_withdrawn") is VkError


@pytest.mark.parametrize("code", ["outcome_unknown", "vk_unknown_error", "vk_internal_error"])
def test_albums_are_looked_at_by_themselves_whatever_hid_the_outcome(app: Flask, code: str) -> None:
    with app.test_request_context(), force_locale("en"):
        assert upload_sentence(code) == "VK did not answer: the album is looked at before anything is sent again."


def sentences(app: Flask, language: str) -> dict[str, str]:
    with app.test_request_context(), force_locale(language):
        return {code: vk_error_sentence(code) for code in CODES}
