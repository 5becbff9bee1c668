"""A community of the house's, as stores keep it."""

from datetime import UTC, datetime
from uuid import uuid4

from app.domain.vk.community import Community, LatePolicy

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
GROUP_ID = 220_000_001


def a_community(name: str = "Фотобудка", group_id: int = GROUP_ID) -> Community:
    return Community(
        id=uuid4(),
        group_id=group_id,
        name=name,
        screen_name="photobooth_studio",
        photo_url="https://sun1.userapi.com/group.jpg",
        confirmation_code="a1b2c3d4",
        callback_server_id=None,
        late_policy=LatePolicy.PUBLISH,
        version=1,
        created_by="serg",
        created_at=LONG_AGO,
    )
