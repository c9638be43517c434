"""Exit statuses. Its one rule: 0 exactly when the outcome is "completed"."""

from __future__ import annotations

from typing import Final

DONE: Final = 0
DENIED: Final = 1
USAGE: Final = 2
WAITING: Final = 3
FAILED: Final = 4


class ReaderGone(Exception):
    """Whoever read our output has gone. (Not BrokenPipeError, which click would turn into an exit of its own.)"""


BY_OUTCOME: Final[dict[str, int]] = {
    "completed": DONE,
    "refused": DENIED,
    "denied": DENIED,
    "rejected": USAGE,
    "waiting": WAITING,
    "failed": FAILED,
    "limit": FAILED,
}
