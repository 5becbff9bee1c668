"""A photo booth for the other end: sends shots as DSLR Remote Pro does and looks hard at the answers.

Imports nothing else of the application, so that what it finds out about a server owes nothing to the server.
"""
