"""Connectors: tools that reach mail, calendar, contacts, files and the web. Their data is untrusted.

The one rule: a connector never labels its own data and never decides whether it may act; it says where each
record comes from (`returns=` rules, which the monitor applies) and what its parameters need (annotations).
It must not import the language, a model or the command line. Parsers and servers are imported where they
are used, so that importing this package costs nothing.
"""
