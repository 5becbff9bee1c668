"""What VK refuses, in words for people: what has happened, and what to do. The codes are those of VkError."""

from flask_babel import gettext


def vk_error_sentence(code: str) -> str:
    """`code` is a VkError's; what is unknown gets a sentence, too."""
    sentences = {
        "unreachable": gettext("VK cannot be reached at the moment. Try again in a minute."),
        "outcome_unknown": gettext("VK did not answer, so that nobody knows whether it was done. Look in VK first."),
        "busy": gettext("VK is asked too often at this moment. Try again in a few seconds."),
        "quota_used_up": gettext("VK lets this token rest for a while. It goes on by itself."),
        "token_refused": gettext("The token is missing, has ended or was taken back. Enter a new one in the settings."),
        "wrong_token_type": gettext("This needs the token of an administrator, got through an application of VK."),
        "captcha": gettext("VK wants a captcha passed: open VK as this administrator, pass it, and repeat."),
        "validation_needed": gettext("VK wants the owner of the token to confirm who they are: open VK and follow it."),
        "access_denied": gettext("VK does not let the owner of the token do this here. Make them an administrator."),
        "bad_request": gettext("VK did not accept the request. What it was about may be gone."),
        "upload_failed": gettext("VK took the file but could make nothing of it. Try again."),
        "file_refused": gettext("VK does not take such a picture: its size or proportions are beyond VK’s limits."),
        "album_full": gettext("The album is full: VK keeps 10,000 photos in one."),
        "album_limit": gettext("The community has as many albums as VK allows."),
        "callback_limit": gettext("The community has as many Callback servers as VK allows: delete one there by hand."),
        "post_refused": gettext("VK does not take this post: the wall’s limit is reached, or the text is not allowed."),
        "time_taken": gettext("Another post is planned for the same minute: choose another time."),
    }
    return str(sentences.get(code) or gettext("VK refused this."))
