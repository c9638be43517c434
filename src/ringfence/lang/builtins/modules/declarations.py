"""The modules with which a plan declares data: `typing`, `enum`, `dataclasses`, `pydantic`, and `copy`.

Its one rule: the names mean the same with and without an import; a class describes data and has no code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Dict, Labeled, List, Record, Set, Value, label_of, type_name, with_label
from ringfence.lang.access import split
from ringfence.lang.builtins.methods import as_dict, fields_of, updated
from ringfence.lang.builtins.schemas import annotation_names
from ringfence.lang.iteration import collect
from ringfence.lang.mappings import DefaultDict, entries, like
from ringfence.lang.objects import Builtin, Deque, Module, TypeValue, settle, settle_deep
from ringfence.lang.raised import fail

if TYPE_CHECKING:
    from ringfence.lang.engine import Run
