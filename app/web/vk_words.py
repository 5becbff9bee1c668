"""What VK refuses, in words for people: what has happened, and what to do."""

from flask_babel import lazy_gettext as _

from app.domain.vk.errors import VkError

# By the codes of VkError, in the order of app.domain.vk.numbers.
_SENTENCES = {
    "unreachable": _("VK cannot be reached at the moment. Try again in a minute."),
    "vk_unknown_error": _("VK reports an error that it does not know itself: it may have been done. Look in VK first."),
    "vk_internal_error": _("VK has a failure of its own: it may have been done. Look in VK in a few minutes."),
    "outcome_unknown": _("VK did not answer, so that nobody knows whether it was done. Look in VK first."),
    "list_too_long": _("So much was published since that nobody can tell any more whether it is there. Look in VK."),
    "busy": _("VK is asked too often at this moment. Try again in a few seconds."),
    "flood_control": _("VK takes this for flooding and lets the token rest. It goes on by itself: publish less often."),
    "rate_limit": _("VK’s quota for such requests is used up for now. It goes on by itself."),
    "quota_used_up": _("VK lets this token rest for a while. It goes on by itself."),
    "token_refused": _("The token is missing, has expired or was taken back. Enter a new one in the settings."),
    "community_token_refused": _(
        "VK does not do this with the token of a community. Enter an administrator’s in the settings."
    ),
    "service_token_refused": _(
        "VK does not do this with the service token of an application. Enter an administrator’s in the settings."
    ),
    "vk_id_token_refused": _(
        "VK does not do this with a token of VK ID (vk2.a…). Get one through an application of your own (vk1.a…)."
    ),
    "wrong_token_type": _("This needs the token of an administrator, got through an application of VK."),
    "captcha": _("VK wants a captcha passed: open VK as this administrator, pass it, and repeat."),
    "recaptcha": _("VK checks that no robot is at work: open VK as this administrator, pass reCAPTCHA, and repeat."),
    "two_factor_needed": _("VK does this only with two-factor login: the owner of the token is to turn it on in VK."),
    "validation_needed": _("VK wants the owner of the token to confirm who they are: open VK and follow it."),
    "content_blocked": _("VK has blocked this. Open it in VK to see why."),
    "album_denied": _("The owner of the token has no access to this album. Give it to them in VK, or choose another."),
    "community_denied": _(
        "The owner of the token has no access to this community. Enter another administrator’s token."
    ),
    "post_denied": _("The owner of the token has no access to this post. See in VK whether it is still there."),
    "access_denied": _("VK does not let the owner of the token do this here. Make them an administrator."),
    "bad_parameter": _("VK does not accept a value of the request: our mistake. Tell whoever looks after this server."),
    "gone": _("VK does not find what this is about: it was deleted. Refresh the data from VK."),
    "no_such_user": _("VK does not know this user: the page may be deleted or blocked. Enter another person’s token."),
    "no_such_album": _("VK does not know this album: it may be deleted. Refresh the albums and choose another one."),
    "upload_server_refused": _("VK does not take photos from the server that it named for them. Send them again."),
    "upload_hash_refused": _("VK does not find its own mark on the uploaded photos. Upload them again."),
    "bad_request": _("VK did not accept the request. What it was about may be gone."),
    "upload_failed": _("VK took the file but could make nothing of it. Try again."),
    "file_refused": _("VK does not take such a picture: its size or proportions are beyond VK’s limits."),
    "album_full": _("The album is full: VK keeps 10,000 photos in one. Choose another one."),
    "album_limit": _("The community has as many albums as VK allows. Choose an existing one, or delete one in VK."),
    "callback_limit": _("The community has as many Callback servers as VK allows: delete one there by hand."),
    "post_refused": _("VK does not take this post: the wall’s limit is reached, or the text is not allowed."),
    "advertised_lately": _("An advertisement was published on this wall a short while ago. Wait before the next one."),
    "too_many_recipients": _("VK counts too many recipients of this post. Mention fewer people in it."),
    "links_forbidden": _("VK forbids links in this post. Take them out of the text."),
    "too_many_advertisements": _("VK takes no more advertisements for now. Wait, or take what advertises out."),
    "donut_disabled": _("VK Donut is off in this community. Turn it on in VK, or publish for everybody."),
    "strike": _("VK has limited the community for breaking its rules. See in VK why, and until when."),
    "time_taken": _("Another post is scheduled for the same minute: choose another time."),
    VkError.code: _("VK refused this."),
}


def vk_error_sentence(code: str) -> str:
    """`code` is a VkError's; what is unknown gets a sentence, too."""
    return str(_SENTENCES.get(code, _SENTENCES[VkError.code]))
