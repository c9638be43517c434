"""Where methods and attributes are looked up: by the exact type of the raw value.

Its one rule: what is not in these tables does not exist for a plan.
"""

from __future__ import annotations

from typing import Final

from ringfence.lang.lifting import Pure
from ringfence.lang.objects import Native

METHODS: Final[dict[type, dict[str, Native]]] = {}
ATTRIBUTES: Final[dict[type, dict[str, Pure]]] = {}
