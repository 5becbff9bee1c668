"""Communities that are connected already."""

from app.domain.vk.community import Community
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores
from tests.vk.community import GROUP_ID, a_community

Stores = MemoryStores | PostgresStores


def connect(stores: Stores, group_id: int = GROUP_ID) -> Community:
    """Without any token."""
    return stores.communities.add(a_community(group_id=group_id))
