"""Fake providers on loopback: strict about what they are asked, and able to fail in every documented way."""
