class EmbeddedPostgresError(Exception):
    """The embedded server cannot run here; the message says why and what helps."""
