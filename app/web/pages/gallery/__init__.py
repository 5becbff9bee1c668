"""The gallery: all pictures that are kept, in justified rows."""

from app.web.pages.gallery import tiles

__all__ = ["tiles"]
