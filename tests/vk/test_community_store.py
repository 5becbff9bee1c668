"""The contract of CommunityStore, held by PostgreSQL and by the twin in memory."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.domain.errors import Reason, Refused
from app.domain.vk.community import LatePolicy
from app.domain.vk.content import ContentKind
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores
from tests.vk.community import GROUP_ID, LONG_AGO, a_community

Stores = MemoryStores | PostgresStores

NOBODY = UUID(int=0)


def test_a_community_is_kept_as_it_was_connected(stores: Stores) -> None:
    made = a_community()
    kept = stores.communities.add(made)
    assert replace(kept, created_at=LONG_AGO) == made
    assert kept.created_at - datetime.now(UTC) == pytest.approx(timedelta(), abs=timedelta(seconds=5))
    assert stores.communities.get(made.id) == stores.communities.of_group(GROUP_ID) == kept
    assert (stores.communities.get(NOBODY), stores.communities.of_group(1)) == (None, None)


def test_a_group_is_connected_once(stores: Stores) -> None:
    first = stores.communities.add(a_community())
    with pytest.raises(Refused) as refused:
        stores.communities.add(a_community("The same again"))
    assert refused.value.reason is Reason.COMMUNITY_EXISTS
    assert stores.communities.all() == [first]


def test_they_are_listed_by_name(stores: Stores) -> None:
    for number, name in enumerate(("Студия", "Бар", "Студия"), start=1):
        stores.communities.add(a_community(name, group_id=number))
    assert [(found.name, found.group_id) for found in stores.communities.all()] == [
        ("Бар", 2), ("Студия", 1), ("Студия", 3)
    ]  # fmt: skip


def test_what_is_given_changes_and_nothing_else(stores: Stores) -> None:
    kept = stores.communities.add(a_community())
    changed = stores.communities.change(kept.id, callback_server_id=7, late_policy=LatePolicy.ASK)
    assert changed == replace(kept, callback_server_id=7, late_policy=LatePolicy.ASK, version=2)
    names = {"name": "Бар", "screen_name": "", "photo_url": "", "confirmation_code": ""}
    assert stores.communities.change(kept.id, **names) == replace(changed, **names, version=3)
    assert stores.communities.change(NOBODY, name="Никто") is None


def test_with_a_community_goes_what_is_known_of_it(stores: Stores) -> None:
    gone, stays = (stores.communities.add(a_community(group_id=number)) for number in (1, 2))
    for community in (gone, stays):
        stores.vk_cache.replace_albums(community.id, [])
    assert stores.communities.remove(gone.id) == gone
    assert stores.communities.remove(gone.id) is None
    assert stores.communities.all() == [stays]
    assert stores.vk_cache.freshness(gone.id) == {}
    assert set(stores.vk_cache.freshness(stays.id)) == {(ContentKind.ALBUMS, 0)}
