"""What keeps a post from its wall: how it is told, and when it is tried again."""

import json

import pytest

from app.domain.errors import MediaMissing, MediaStoreUnavailable, Reason, Refused
from app.domain.vk import errors
from app.domain.vk.errors import VkError
from app.domain.vk.variables import UnknownVariables
from app.services.vk.mishaps import TextTooLong, pause_after, told

BUSY = Refused(Reason.QUEUE_BUSY, "Too many pictures.", retry_after=2)
BROKEN = Refused(Reason.INVALID_IMAGE, "No picture.")

PASSING: list[Exception] = [
    errors.VkUnreachable("No name."),
    errors.VkBusy("Too many."),
    errors.VkQuotaUsedUp("Flood."),
    MediaStoreUnavailable("away"),
    BUSY,
]
HALF_PASSING: list[Exception] = [errors.VkUploadFailed("Lost."), errors.VkOutcomeUnknown("Lost.")]
LASTING: list[Exception] = [
    errors.VkTokenRefused("No."),
    errors.VkCaptcha("Who are you?"),
    errors.VkAccessDenied("No."),
    errors.VkPostRefused("No."),
    errors.VkFileRefused("No."),
    errors.VkBadRequest("What?"),
    TextTooLong("Too long."),
    UnknownVariables(["price"]),
    MediaMissing("posts/1.jpg"),
    BROKEN,
]


@pytest.mark.parametrize("error", PASSING, ids=repr)
def test_what_mends_itself_is_tried_again_however_long_it_takes(error: Exception) -> None:
    pauses = [pause_after(error, attempt) for attempt in (1, 2, 10, 1000)]
    assert all(pause and pause > 0 for pause in pauses)
    assert pauses == sorted(pauses, key=lambda pause: pause or 0)


@pytest.mark.parametrize("error", HALF_PASSING, ids=repr)
def test_what_fails_again_and_again_is_given_up(error: Exception) -> None:
    assert pause_after(error, 1)
    assert pause_after(error, 5) is None


@pytest.mark.parametrize("error", LASTING, ids=repr)
def test_what_only_people_can_mend_waits_for_them(error: Exception) -> None:
    assert pause_after(error, 1) is None


def test_a_quota_is_waited_for_as_long_as_it_says() -> None:
    assert pause_after(errors.VkQuotaUsedUp("Flood.", retry_after=1800), 1) == 1800


@pytest.mark.parametrize("error", [*PASSING, *HALF_PASSING, *LASTING], ids=repr)
def test_every_reason_is_a_code_that_json_takes(error: Exception) -> None:
    reason = told(error)
    assert reason["code"]
    assert json.loads(json.dumps(reason)) == reason


def test_of_vk_all_is_kept_that_helps_people() -> None:
    error = errors.VkCaptcha(
        "Captcha needed", vk_code=14, method="wall.post", details={"redirect_uri": "https://id.vk.com/x"}
    )
    assert told(error) == {
        "code": "captcha",
        "message": "Captcha needed",
        "needs_person": True,
        "vk_code": 14,
        "method": "wall.post",
        "details": {"redirect_uri": "https://id.vk.com/x"},
    }


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UnknownVariables(["price"]), "unknown_variables"),
        (MediaMissing("posts/1.jpg"), "photo_missing"),
        (BROKEN, "photo_unusable"),
        (BUSY, "media_unavailable"),
        (MediaStoreUnavailable("away"), "media_unavailable"),
        (VkError("Something new."), "vk_error"),
    ],
    ids=repr,
)
def test_our_own_reasons_have_codes_of_their_own(error: Exception, code: str) -> None:
    assert told(error)["code"] == code
