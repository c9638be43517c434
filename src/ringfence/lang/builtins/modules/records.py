"""Named tuples that the modules make: records that can also be indexed and unpacked.

Its one rule: the fields are bare; whoever returns one puts the label on the reference.
"""

from __future__ import annotations

from collections.abc import Mapping

from ringfence.core.values import Record, Value


def named_tuple(name: str, fields: Mapping[str, Value]) -> Record:
    """A named tuple with these fields, in this order."""
    made = Record(name, dict(fields))
    made.indexed = True
    made.kinds = frozenset({name})
    return made
