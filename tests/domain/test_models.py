"""An operation's models: which one is meant, and what each is told."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.catalogue import MODEL_FIELD, Field, Model, Operation, Surcharge

LABEL = {"ru": "Подпись", "en": "Label"}
QUICK, FINE = (Model(name, LABEL, 5, 10, Decimal("0.01")) for name in ("quick", "fine"))
EDIT = Operation(
    "image_edit",
    LABEL,
    (
        Field(MODEL_FIELD, "choice", LABEL),
        Field("prompt", "text", LABEL),
        Field("size", "choice", LABEL, models=("fine",)),
    ),
    (QUICK, FINE),
)


@pytest.mark.parametrize(("settings", "model"), [({"model": "fine"}, FINE), ({}, QUICK), ({"model": "gone"}, QUICK)])
def test_the_first_model_is_meant_unless_another_is_named(settings: dict[str, str], model: Model) -> None:
    assert EDIT.model(settings) is model


@given(st.dictionaries(st.sampled_from([MODEL_FIELD, "prompt", "size", "colour"]), st.text(max_size=5)))
def test_a_model_is_told_only_what_it_knows(settings: dict[str, str]) -> None:
    assert set(EDIT.known_to(QUICK, settings)) == set(settings) & {"prompt"}
    assert set(EDIT.known_to(FINE, settings)) == set(settings) & {"prompt", "size"}


def test_a_setting_may_make_a_picture_dearer() -> None:
    dear = replace(FINE, surcharges=(Surcharge("size", "4K", Decimal("0.24")),))
    assert [dear.price(settings) for settings in ({}, {"size": "2K"}, {"size": "4K"})] == [
        Decimal("0.01"),
        Decimal("0.01"),
        Decimal("0.24"),
    ]
