"""Methods and attributes of the types that the modules own.

Its one rule: what is not in these tables does not exist for a plan.
"""

from __future__ import annotations

from typing import Final

from ringfence.lang.builtins.modules import containers, dates, decimals, regex, urls
from ringfence.lang.builtins.tables import ATTRIBUTES, METHODS
from ringfence.lang.lifting import Pure
from ringfence.lang.objects import Native

TYPE_METHODS: Final[dict[type, dict[str, Native]]] = {
    **dates.METHODS,
    **decimals.METHODS,
    **regex.METHODS,
    **containers.METHODS,
    **urls.METHODS,
}
TYPE_ATTRIBUTES: Final[dict[type, dict[str, Pure]]] = {
    **dates.ATTRIBUTES,
    **decimals.ATTRIBUTES,
    **regex.ATTRIBUTES,
    **containers.ATTRIBUTES,
    **urls.ATTRIBUTES,
}


def install() -> None:
    """Add these tables to those of the language."""
    for kind, methods in TYPE_METHODS.items():
        METHODS[kind] = {**METHODS.get(kind, {}), **methods}
    for kind, attributes in TYPE_ATTRIBUTES.items():
        ATTRIBUTES[kind] = {**ATTRIBUTES.get(kind, {}), **attributes}
