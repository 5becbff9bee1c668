import pytest

from app.domain.errors import Reason, Refused
from app.domain.uploads import check_size


@pytest.mark.parametrize("size_bytes", [1, 99, 100])
def test_a_file_up_to_the_limit_passes(size_bytes: int) -> None:
    check_size(size_bytes, 100)


@pytest.mark.parametrize(
    ("size_bytes", "reason", "details"),
    [
        (0, Reason.INVALID_REQUEST, {}),
        (101, Reason.PAYLOAD_TOO_LARGE, {"size_bytes": 101, "max_bytes": 100}),
    ],
)
def test_an_empty_or_larger_one_is_refused(size_bytes: int, reason: Reason, details: dict[str, int]) -> None:
    with pytest.raises(Refused) as raised:
        check_size(size_bytes, 100)
    assert (raised.value.reason, raised.value.details) == (reason, details)
