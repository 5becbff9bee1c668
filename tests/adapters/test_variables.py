"""The contract of ports.VariableStore: a value for all communities, and others for some."""

from uuid import uuid4

import pytest

from app.ports.vk.posts import VariableStore
from tests.vk.publishing import Stores, new_community


@pytest.fixture
def variables(stores: Stores) -> VariableStore:
    return stores.variables


def test_a_community_may_have_its_own_value(variables: VariableStore, stores: Stores) -> None:
    community = stores.communities.add(new_community())
    variables.put("price", None, "100 ₽", "serg")
    variables.put("price", community.id, "90 ₽", "serg")
    variables.put("phone", community.id, "+7", "serg")
    assert variables.all() == {"price": {None: "100 ₽", community.id: "90 ₽"}, "phone": {community.id: "+7"}}


def test_a_new_value_replaces_the_old_one_of_the_same_place(variables: VariableStore, stores: Stores) -> None:
    community = stores.communities.add(new_community())
    for value in ("1", "2"):
        variables.put("price", None, value, "serg")
        variables.put("price", community.id, f"{value}0", "igor")
    assert variables.all() == {"price": {None: "2", community.id: "20"}}


def test_only_what_is_named_is_removed(variables: VariableStore, stores: Stores) -> None:
    community = stores.communities.add(new_community())
    variables.put("price", None, "1", "serg")
    variables.put("price", community.id, "2", "serg")
    assert variables.remove("price", None)
    assert not variables.remove("price", None)
    assert not variables.remove("price", uuid4())
    assert variables.all() == {"price": {community.id: "2"}}
    assert variables.remove("price", community.id)
    assert variables.all() == {}
