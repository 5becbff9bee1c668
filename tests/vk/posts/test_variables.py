"""Variables of posts: what they may be called and stand for."""

from typing import Any
from uuid import uuid4

import pytest

from app.domain.errors import Reason, Refused
from tests.vk.writing_desk import SERG, WritingDesk, problems


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("1a", "x", {"name": "bad_name"}),
        ("a b", "x", {"name": "bad_name"}),
        (7, "x", {"name": "bad_name"}),
        ("a", " ", {"value": "bad_length"}),
        ("a", "x" * 1001, {"value": "bad_length"}),
        ("a", None, {"value": "bad_length"}),
    ],
)
def test_a_variable_that_cannot_be(desk: WritingDesk, name: Any, value: Any, problem: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        desk.variables.put(name, None, value, SERG)
    assert problems(refused) == problem


def test_a_variable_of_nobody_is_not_there(desk: WritingDesk) -> None:
    for change in (
        lambda: desk.variables.remove("price", None, SERG),
        lambda: desk.variables.put("price", uuid4(), "1", SERG),
    ):
        with pytest.raises(Refused) as refused:
            change()
        assert refused.value.reason is Reason.NOT_FOUND
