"""What tests with processes of their own stand on."""

from pathlib import Path

import pytest

from tests.support.fakes.vk.fake import FakeVk
from tests.support.postgres_stores import PostgresStores
from tests.vk.tracker_processes import Ground, Place, new_ground


@pytest.fixture
def ground(vk: FakeVk, shared_postgres: PostgresStores, tmp_path: Path) -> Ground:
    return new_ground(vk.url, shared_postgres, tmp_path)


@pytest.fixture
def place(ground: Ground) -> Place:
    return ground.place
