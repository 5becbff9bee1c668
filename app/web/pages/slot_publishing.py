"""Where a slot publishes by itself, in words and as choices of its form."""

from flask_babel import gettext

from app.domain.vk.filling import AlbumPer
from app.web.pages.site import blueprint
from app.web.pages.step_form import Texts
from app.web.use_cases import services


@blueprint.app_template_global()
def community_choices() -> Texts:
    """The communities that are connected, by their ids."""
    names = {str(community.id): community.name for community in services().communities.all()}
    return {"": gettext("none"), **names}


def album_choices() -> Texts:
    return {
        AlbumPer.NONE.value: gettext("Do not publish"),
        AlbumPer.DAY.value: gettext("One for each day"),
        AlbumPer.EVENT.value: gettext("One for each event"),
    }


blueprint.add_app_template_global(album_choices)


def community_name(community_id: str) -> str:
    """Empty for none."""
    return community_choices().get(community_id, str(gettext("a community that is gone"))) if community_id else ""


@blueprint.app_template_filter()
def publishing_summary(publishing: Texts) -> str:
    if publishing["album"] == AlbumPer.NONE or not publishing["community"]:
        return str(gettext("by hand only"))
    albums = {AlbumPer.DAY: gettext("an album a day"), AlbumPer.EVENT: gettext("an album an event")}
    said = [
        community_name(publishing["community"]),
        albums.get(AlbumPer(publishing["album"]), "") if publishing["album"] in albums else "",
        gettext("with the guest’s consent") if publishing["consent_field"] else "",
    ]
    return ", ".join(filter(None, said))
