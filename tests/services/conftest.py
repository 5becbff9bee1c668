import pytest

from tests.services.cellar import Cellar
from tests.services.house import House
from tests.services.reception import Reception
from tests.services.workshop import Workshop


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def shop() -> Workshop:
    return Workshop()


@pytest.fixture
def reception() -> Reception:
    return Reception()


@pytest.fixture
def cellar() -> Cellar:
    return Cellar()
