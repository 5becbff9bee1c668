"""Calls of providers that end when they must: docs/architecture.md says why no library does this by itself."""
