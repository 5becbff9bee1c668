"""Each thing that VK refuses has a name in the contract and a sentence for people, in both languages."""

from flask import Flask
from flask_babel import force_locale

from app.domain.vk import errors
from app.domain.vk.errors import VkError
from app.web.vk_words import vk_error_sentence
from tests.support.contract import document

CODES = {kind.code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, VkError)}


def test_the_contract_names_all_of_them() -> None:
    failure = document()["components"]["schemas"]["VkFailure"]["properties"]["error"]["properties"]["details"]
    assert set(failure["properties"]["reason"]["enum"]) == CODES


def test_each_has_a_sentence_of_its_own_in_either_language(app: Flask) -> None:
    told = [sentences(app, language) for language in ("en", "ru")]
    assert {len(set(found.values())) for found in told} == {len(CODES)}
    assert not set(told[0].values()) & set(told[1].values())


def sentences(app: Flask, language: str) -> dict[str, str]:
    with app.test_request_context(), force_locale(language):
        return {code: vk_error_sentence(code) for code in CODES}
