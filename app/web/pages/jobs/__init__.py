"""The job log: all shots, and the story of each."""

from app.web.pages.jobs import listing, page, support

__all__ = ["listing", "page", "support"]
