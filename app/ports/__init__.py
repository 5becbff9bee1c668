"""What the services need from the outside, each docstring saying what a race or a failure does.

Every call that reaches the database may raise DatabaseUnavailable, every call that reaches files
MediaStoreUnavailable; neither is repeated there.
"""
