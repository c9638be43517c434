"""Of which call's result a value is an untouched part, and of which part.

Its one rule: what was changed, or was reached through what was changed, has no origin.
"""

from __future__ import annotations

from ringfence.core.values import Heap, Labeled, Origin, StoredOrigin, Value, unsafe_value


def origin_of(value: Value) -> Origin | None:
    """The origin of an untouched projection of a call's result, else None. O(size) where there is one."""
    if type(value) is not Labeled or value.origin is None or _changed_within(value):
        return None
    stored: StoredOrigin = value.origin
    path: list[str | int] = []
    while isinstance(stored, tuple):
        stored, key = stored
        path.append(key)
    return None if stored is None else Origin(stored.call, (*stored.path, *reversed(path)))


def _changed_within(value: Value) -> bool:
    """Whether anything that can be reached has been changed: what is no object yet cannot have been."""
    pending: list[Value] = [value]
    seen: set[int] = set()
    while pending:
        part = pending.pop()
        raw = unsafe_value(part)  # sound: only whether it was changed is looked at
        if not isinstance(raw, (Heap, tuple)) or id(raw) in seen:
            continue
        seen.add(id(raw))
        if isinstance(raw, tuple):
            pending.extend(raw)
        elif raw.changed:
            return True
        else:
            pending.extend(raw.children())
    return False
