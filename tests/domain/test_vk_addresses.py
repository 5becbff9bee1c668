"""Addresses of posts, as VK writes them and as people copy them."""

import pytest

from app.domain.vk.addresses import post_number, post_url


@pytest.mark.parametrize(
    ("address", "number"),
    [
        (post_url(-1, 17), 17),
        ("https://vk.com/studio?w=wall-1_17%2Fall", 17),
        ("wall-1_17", 17),
        (post_url(-2, 17), None),
        (post_url(1, 17), None),
        ("wall-1_1234567890123456789", None),
        ("https://vk.com/club1", None),
        ("", None),
    ],
)
def test_a_post_is_known_by_its_address(address: str, number: int | None) -> None:
    assert post_number(address, -1) == number
