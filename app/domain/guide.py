"""How far a new installation has come on its way to the first photo of a real booth."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LastRequest:
    """The newest request of any booth; `slot_id` is empty if its address led to no slot, `code` if it got a picture."""

    slot_id: str
    status: int
    code: str

    @property
    def was_refused(self) -> bool:
        return self.status >= 400


@dataclass(frozen=True, slots=True)
class Progress:
    """`is_over` from the first photo that a booth program sent and got back finished, and for ever then.

    `photo_came_out`: somewhere, be it in a test run. `is_hidden`: an administrator does not want to be reminded.
    """

    slot_was_changed: bool = False
    photo_came_out: bool = False
    last_request: LastRequest | None = None
    is_hidden: bool = False
    is_over: bool = False
