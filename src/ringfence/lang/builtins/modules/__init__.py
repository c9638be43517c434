"""The modules that a plan can import.

Its one rule: a module of the language holds the pure part of Python's, so that a run can be replayed: no clock, no
random numbers, no local time zone, no files, no network. `MODULES` is the allow-list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ringfence.lang.builtins import abstract
from ringfence.lang.builtins.modules import (
    calendars,
    containers,
    dates,
    decimals,
    declarations,
    figures,
    functional,
    iterators,
    jsontext,
    mathematics,
    regex,
    urls,
    writing,
)
from ringfence.lang.builtins.modules.tables import TYPE_ATTRIBUTES, TYPE_METHODS, install
from ringfence.lang.objects import Module

MODULES: Final[Mapping[str, Module]] = {
    module.name: module
    for module in (
        abstract.MODULE,
        calendars.MODULE,
        containers.MODULE,
        dates.MODULE,
        dates.ZONES,
        decimals.MODULE,
        declarations.COPY,
        declarations.DATACLASSES,
        declarations.ENUM,
        declarations.PYDANTIC,
        declarations.TYPING,
        figures.MODULE,
        functional.FUNCTOOLS,
        functional.OPERATOR,
        iterators.MODULE,
        jsontext.MODULE,
        mathematics.MODULE,
        regex.MODULE,
        urls.PARSE,
        urls.URLLIB,
        writing.BASE64,
        writing.HTML,
        writing.STRING,
        writing.TEXTWRAP,
        writing.UNICODE,
    )
}

__all__ = ["MODULES", "TYPE_ATTRIBUTES", "TYPE_METHODS", "install"]
