"""The gallery: all pictures that are kept, in justified rows."""

from app.web.pages.gallery import archive, changes, listing, photo, publish, tiles

__all__ = ["archive", "changes", "listing", "photo", "publish", "tiles"]
