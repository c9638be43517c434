"""Dates as text by a format, and back.

Its one rule: only directives that mean the same on every machine: `%s` and the names of local time zones do not.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Final

from ringfence.core.errors import LimitExceeded

_DIRECTIVE: Final = re.compile(r"%(?:([-_0^#]?)([A-Za-z%])|(.?))", re.S)
_WRITTEN: Final = frozenset("aAwdbBmyYHIMSfzZpjUWcxXGuVeklDFTRrhntCPg%")
_READ: Final = frozenset("aAwdbBmyYHIMSfzZpjUWcxXGuV%")
_MAX_FORMAT: Final = 1000


def _check(form: str, known: frozenset[str], flags: bool) -> None:
    if not isinstance(form, str):
        raise TypeError(f"a date format must be str, not {type(form).__name__}")
    if len(form) > _MAX_FORMAT:
        raise LimitExceeded("size", f"a date format is longer than {_MAX_FORMAT:,} characters")
    for flag, letter, other in _DIRECTIVE.findall(form):
        if other or letter not in known or (flag and not flags):
            raise ValueError(f"'%{flag}{letter}{other}' is not a directive of the language's date formats")


def write(moment: date | time, form: str) -> str:
    """`moment.strftime(form)` with the directives that mean the same everywhere (`%s` depends on the machine)."""
    _check(form, _WRITTEN, flags=True)
    return moment.strftime(form)


def read(text: str, form: str) -> datetime:
    """`datetime.strptime(text, form)`. `%Z` reads UTC and GMT: other names depend on the machine."""
    _check(form, _READ, flags=False)
    if not isinstance(text, str):
        raise TypeError(f"strptime() argument 1 must be str, not {type(text).__name__}")
    if len(text) > _MAX_FORMAT:
        raise ValueError("time data does not match format: it is too long")
    zoned = [letter for _, letter, _ in _DIRECTIVE.findall(form)].count("Z")
    if not zoned:
        return datetime.strptime(text, form)
    for name in ("UTC", "GMT"):
        fixed = _DIRECTIVE.sub(lambda found, name=name: name if found[2] == "Z" else found[0], form)  # type: ignore[misc]
        try:
            return datetime.strptime(text, fixed)
        except ValueError:
            continue
    raise ValueError(f"time data {text!r} does not match format {form!r}")
