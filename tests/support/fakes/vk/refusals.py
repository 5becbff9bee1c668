"""What VK says when it does not do what it was asked: errors.json of its API schema."""

from collections.abc import Mapping
from typing import Any

from tests.support.fakes.messages import Reply

MESSAGES = {
    1: "Unknown error occurred",
    3: "Unknown method passed",
    5: "User authorization failed",
    6: "Too many requests per second",
    7: "Permission to perform this action is denied",
    8: "Invalid request",
    9: "Flood control",
    10: "Internal server error",
    14: "Captcha needed",
    15: "Access denied",
    17: "Validation required",
    19: "Content blocked",
    22: "Upload error",
    27: "Group authorization failed",
    28: "Application authorization failed",
    29: "Rate limit reached",
    100: "One of the parameters specified was missing or invalid",
    104: "Not found",
    113: "Invalid user id",
    114: "Invalid album id",
    118: "Invalid server",
    121: "Invalid hash",
    129: "Invalid photo",
    200: "Access denied",
    203: "Access to group denied",
    210: "Access to wall's post denied",
    214: "Access to adding post denied",
    219: "Advertisement post was recently added",
    220: "Too many recipients",
    222: "Hyperlinks are forbidden",
    224: "Too many ads posts",
    225: "Donut is disabled",
    300: "This album is full",
    302: "Albums number limit is reached",
    703: "You need to enable 2FA for this action",
    1051: "Method is unavailable for this profile type",
    2000: "Servers number limit is reached",
    3300: "Recaptcha needed",
    13000: "The community has got a strike",
}
SECRET_FIELDS = {"access_token"}


class Refusal(Exception):
    """A call that VK answers with an error. `detail` follows the code's own words; `fields` stand beside them."""

    def __init__(self, code: int, detail: str = "", **fields: Any) -> None:
        super().__init__(code, detail)
        self.code = code
        self.message = ": ".join(filter(None, (MESSAGES[code], detail)))
        self.fields = fields

    def reply(self, asked: Mapping[str, str]) -> Reply:
        """With HTTP's 200, as always, and the parameters of the call but for its token."""
        sent = [{"key": key, "value": value} for key, value in asked.items() if key not in SECRET_FIELDS]
        error = {"error_code": self.code, "error_msg": self.message, "request_params": sent, **self.fields}
        return Reply.json({"error": error})


def bad(name: str, why: str = "is invalid") -> Refusal:
    """Error 100 about the parameter `name`."""
    return Refusal(100, f"{name} {why}")
