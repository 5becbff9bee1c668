from collections.abc import Iterator

import pytest

from app.ports.providers import ProviderGate
from tests.adapters.gate_calls import Stores
from tests.support.s3 import S3Server, s3_server


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """The suite's S3 server; tests keep apart by prefixes."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def gate(stores: Stores) -> ProviderGate:
    return stores.gate
