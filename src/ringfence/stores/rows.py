"""What is read from a row, checked: a database may have been edited by anybody."""

from __future__ import annotations

from typing import cast

from ringfence.core.encoding import EncodingError, loads
from ringfence.core.errors import AuditError


def damaged(what: str) -> AuditError:
    """The error for a row that nobody here wrote."""
    return AuditError(f"the {what} in the store is damaged", code="E352", hint="keep the file, and start a new run")


def texts(text: str, what: str) -> tuple[str, ...]:
    """A column that holds a JSON list of texts."""
    try:
        found = loads(text)
    except EncodingError as problem:
        raise damaged(what) from problem
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise damaged(what)
    return tuple(cast("list[str]", found))


def number(found: object, what: str) -> int:
    """A column of numbers."""
    if type(found) is not int:
        raise damaged(what)
    return found
