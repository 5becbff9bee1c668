"""Calls of providers that end when they must.

A timeout of `requests` starts anew with every byte that drips in, and nothing interrupts it. So the sockets themselves
ask how long they may still block, and everything above them is as usual.
"""
