"""Servers: what other programs talk to."""
