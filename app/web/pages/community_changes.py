"""What was done to communities, in the words of the list of changes."""

from flask_babel import gettext


def community_titles(name: str) -> dict[str, str]:
    """By action; `name` is the community's."""
    return {
        "community.added": gettext("Community “%(name)s” connected", name=name),
        "community.changed": gettext("Community “%(name)s” changed", name=name),
        "community.removed": gettext("Community “%(name)s” disconnected", name=name),
        "community.callback_set_up": gettext("Callback of “%(name)s” set up", name=name),
        "community.album_created": gettext("Album created in “%(name)s”", name=name),
        "community.photos_uploaded": gettext("Photos uploaded to “%(name)s”", name=name),
        "post.scheduled": gettext("Post planned in “%(name)s”", name=name),
        "post.changed": gettext("Post changed in “%(name)s”", name=name),
        "post.published_now": gettext("Post sent to be published in “%(name)s”", name=name),
        "post.cancelled": gettext("Post cancelled in “%(name)s”", name=name),
        "post.published_by_hand": gettext("Post published by hand in “%(name)s”", name=name),
        "variable.changed": gettext("Value of {%(name)s} set", name=name),
        "variable.removed": gettext("Value of {%(name)s} removed", name=name),
        "community.photos_ordered": gettext("Photos on their way to an album of “%(name)s”", name=name),
    }


def community_labels() -> dict[str, str]:
    """Of the fields that these changes have."""
    return {
        "group_id": gettext("Number in VK"),
        "user_token": gettext("Administrator token"),
        "community_token": gettext("Community token"),
        "callback_secret": gettext("Secret key of Callback"),
        "confirmation_code": gettext("String that the server must return"),
        "late_policy": gettext("Posts that are late"),
        "album": gettext("Album"),
        "text": gettext("Text"),
        "publication_date": gettext("When"),
        "value": gettext("Value"),
        "only_in": gettext("Only in the community"),
        "photos": gettext("Photos"),
    }


def late_policy_names() -> dict[str, str]:
    """What becomes of late posts, by the value of LatePolicy."""
    return {"publish": gettext("Publish it at once"), "ask": gettext("Ask me")}
