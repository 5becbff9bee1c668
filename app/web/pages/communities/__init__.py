"""Communities of VK: connected, looked after, and opened."""

from app.web.pages.communities import albums, listing, overview, settings

__all__ = ["albums", "listing", "overview", "settings"]
