"""Text from outside."""


def is_storable(text: str) -> bool:
    """PostgreSQL takes neither NUL nor lone surrogates: nothing it holds has such a name."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text
