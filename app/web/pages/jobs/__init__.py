"""The job log: all shots, and the story of each."""

from app.web.pages.jobs import detail, listing, support

__all__ = ["detail", "listing", "support"]
