"""A post waits by the database's clock, whatever this machine's says."""

from datetime import timedelta

import pytest

from app.domain.errors import Refused
from tests.vk.writing_desk import SERG, WritingDesk


@pytest.mark.parametrize("hours", [-2, 2])
class TestWhereThisMachinesClockIsOff:
    """By so many hours, seen from the database, which decides what is due and what is late."""

    @pytest.fixture(autouse=True)
    def _off(self, desk: WritingDesk, hours: int) -> None:
        desk.stores.pass_time(-hours * 3600)

    def assert_due(self, desk: WritingDesk) -> None:
        [post] = desk.house.posts.take_due(1, 60.0)
        assert timedelta() <= post.read_at - post.publication_date < timedelta(minutes=1)

    def test_now_is_now(self, desk: WritingDesk) -> None:
        desk.plan(publication_date=None)
        self.assert_due(desk)

    def test_a_planned_one_is_due_once_somebody_publishes_it(self, desk: WritingDesk) -> None:
        desk.posts.publish_now(desk.plan().id, SERG)
        self.assert_due(desk)

    def test_a_changed_one_too(self, desk: WritingDesk) -> None:
        desk.posts.edit(desk.plan().id, desk.wanted(publication_date=None), None, SERG)
        self.assert_due(desk)

    def test_only_a_time_to_come_can_be_chosen(self, desk: WritingDesk) -> None:
        now = desk.stores.database.now()
        assert desk.plan(publication_date=now + timedelta(hours=1))
        with pytest.raises(Refused) as refused:
            desk.plan(publication_date=now - timedelta(hours=1))
        assert refused.value.details["fields"]["publication_date"]["code"] == "in_the_past"
