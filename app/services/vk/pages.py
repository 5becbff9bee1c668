"""Lists that VK gives by pages."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from app.domain.vk.errors import VkListTooLong, VkOutcomeUnknown
from app.ports.vk.api import VkApi, VkToken

Item = TypeVar("Item")

_READINGS = 3


class Pages:
    """A list of VK's, in pages of at most `page_size`.

    Of each page only what is ours is kept, so that memory holds one page of VK's.
    """

    def __init__(self, api: VkApi, token: VkToken, method: str, parameters: Mapping[str, Any], page_size: int) -> None:
        self._api = api
        self._token = token
        self._method = method
        self._parameters = parameters
        self._page_size = page_size

    def read(
        self,
        parse: Callable[[Any], Item],
        key: Callable[[Item], int],
        most: int,
        is_enough: Callable[[Item], bool] | None = None,
    ) -> dict[int, Item]:
        """All of the list by `key`, or the first `most`. Raises VkError.

        With `is_enough` it is read down to the end of a page whose last item says so; that none of the first `most`
        does is VkListTooLong.

        What is deleted meanwhile moves what comes after it: such a reading is begun anew, a few times. A list that
        never holds still is VkOutcomeUnknown: part of it must not pass for all.
        """
        found: dict[int, Item] = {}
        for _ in range(_READINGS):
            found.clear()
            if self._read_into(found, parse, key, most, is_enough):
                return found
        raise VkOutcomeUnknown("The list changed while it was read.", method=self._method)

    def _read_into(
        self,
        found: dict[int, Item],
        parse: Callable[[Any], Item],
        key: Callable[[Item], int],
        most: int,
        is_enough: Callable[[Item], bool] | None,
    ) -> bool:
        """Whether nothing was deleted meanwhile."""
        offset, highest = 0, 0
        while offset < most:
            items, count = self._page(offset, min(self._page_size, most - offset), parse)
            if count < highest:
                return False
            highest = count
            found.update((key(item), item) for item in items)
            offset += len(items)
            if offset >= count or not items or (is_enough and is_enough(items[-1])):
                return True
        if is_enough:
            raise VkListTooLong(f"More than {most} are newer.", method=self._method, details={"read": most})
        return True

    def _page(self, offset: int, size: int, parse: Callable[[Any], Item]) -> tuple[list[Item], int]:
        answer = self._api.read(self._method, self._token, **self._parameters, offset=offset, count=size)
        try:
            return [parse(item) for item in answer["items"]], int(answer["count"])
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError):
            raise VkOutcomeUnknown("VK's answer cannot be read.", method=self._method) from None
