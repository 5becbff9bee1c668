"""Codes become sentences, each its own."""

from flask import Flask
from flask_babel import Babel, force_locale

from app.domain.errors import FaultKind
from app.web.pages.phrases import fault_sentence

UNKNOWN = "something that no version knew"


def test_every_fault_has_a_sentence_of_its_own_in_both_languages() -> None:
    app = Flask("app")
    Babel(app)
    with app.test_request_context():
        for language in ("ru", "en"):
            with force_locale(language):
                sentences = [fault_sentence(kind) for kind in FaultKind]
                assert fault_sentence(UNKNOWN) not in sentences
            assert len(set(sentences)) == len(sentences)
