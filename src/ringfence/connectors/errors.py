"""What a connector raises when it cannot do what it was asked.

Its one rule: the text says what failed, that nothing (or what) happened, and what to do. The monitor turns
each of these into a `ToolError` whose message holds none of this text; the text becomes labelled data.
"""

from __future__ import annotations


class ConnectorError(Exception):
    """The root of a connector's errors. A plan catches it with `except Exception`."""


class NotFound(ConnectorError):
    """There is no such file, contact, event or page."""


class Ambiguous(ConnectorError):
    """Several things fit, and the connector does not guess."""


class NotAllowed(ConnectorError):
    """The argument reaches for something that this connector never touches, or is not what it must be."""


class Damaged(ConnectorError):
    """A file cannot be read as what it should be. The text names the file, never its content."""


class NotDone(ConnectorError):
    """The action failed and had no effect."""


class ToolFailed(ConnectorError):
    """A server says that the call failed. The text is the server's own."""


class PerhapsDone(ConnectorError):
    """The connection broke at a point where the action may have happened. It must not be repeated blindly."""
