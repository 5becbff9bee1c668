"""How photos come to albums of VK, on the pages of slots and photos."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.vk.addresses import album_url, photo_url, post_url
from app.domain.vk.errors import VkOutcomeUnknown
from app.domain.vk.numbers import kind_of
from app.ports.vk.filling import UploadTally
from app.web.pages.site import blueprint, unless_seen
from app.web.use_cases import services
from app.web.vk_words import vk_error_sentence


@blueprint.app_template_global()
def slot_uploads(slot_id: str) -> UploadTally:
    return services().album_orders.tally(slot_id)


@blueprint.get("/slots/<slot_id>/uploads")
def slot_uploads_state(slot_id: str) -> ResponseReturnValue:
    """The line below the slot's results, for htmx."""
    return unless_seen(render_template("_slot_uploads.html", slot=services().slots.get(slot_id)))


@blueprint.app_template_filter()
def upload_sentence(code: str) -> str:
    """What keeps a photo from its album, or has kept it; codes are a VkError's, or those of app.services.vk.filling."""
    sentences = {
        VkOutcomeUnknown.code: gettext("VK did not answer: the album is looked at before anything is sent again."),
        "upload_failed": gettext("VK could make nothing of a picture. It is tried again."),
        "album_gone": gettext("The album was deleted in VK."),
        "photo_missing": gettext("The picture’s file is gone or damaged."),
        "photo_unusable": gettext("The picture cannot be opened."),
        "media_unavailable": gettext("Our own store of pictures cannot be reached."),
    }
    is_unknown = issubclass(kind_of(code), VkOutcomeUnknown)
    return str(sentences.get(VkOutcomeUnknown.code if is_unknown else code) or vk_error_sentence(code))


blueprint.add_app_template_filter(album_url, "vk_album_url")
blueprint.add_app_template_filter(photo_url, "vk_photo_url")
blueprint.add_app_template_filter(post_url, "vk_post_url")
