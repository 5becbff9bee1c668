"""What guests see: one photo by its code, and the galleries behind share links."""

from app.web.guests import archive, entrance, gallery, photo, words
from app.web.guests.site import blueprint

__all__ = ["archive", "blueprint", "entrance", "gallery", "photo", "words"]
