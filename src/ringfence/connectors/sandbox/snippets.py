"""Small Python snippets in monty, an interpreter that has no way out; its workers are processes of their own.

Its one rule: only what monty and CPython do alike is left to it: a snippet that imports a module that is not listed
here, that reads a file or its input, or that failed in monty is for a sandbox with the whole of Python. Since a snippet
has no effect outside of its interpreter, running it again is the same as running it once.
"""

from __future__ import annotations

import ast
import atexit
import importlib.util
import time
from threading import Lock
from typing import TYPE_CHECKING, Final, Protocol, cast, final

from ringfence.connectors.sandbox.job import Ended, Job, Limits, Ran

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

MODULES: Final = frozenset({"json", "math", "re", "datetime", "typing"})
_LEFT_OUT: Final = frozenset({"open", "input", "exit", "quit", "eval", "exec", "compile", "breakpoint", "globals"})
_RECURSION: Final = 500
_MAX_MEMORY: Final = 1 << 30


class _Session(Protocol):
    def feed_run(self, code: str, *, print_callback: object) -> object: ...


class _Pool(Protocol):
    def checkout(
        self, *, limits: object, os_policy: object, assert_message_annotations: bool
    ) -> AbstractContextManager[_Session]: ...

    def __enter__(self) -> object: ...
    def __exit__(self, *error: object) -> None: ...


@final
class Snippets:
    """The backend `monty`. Its pool of workers starts with the first snippet and ends with this process."""

    name: Final = "monty"

    def __init__(self) -> None:
        self._lock = Lock()
        self._pool: _Pool | None = None

    @property
    def installed(self) -> bool:
        """Whether the package is there."""
        return importlib.util.find_spec("pydantic_monty") is not None

    def run(self, job: Job, limits: Limits) -> Ran | None:
        """What the snippet did; None if it is not for monty, or if it cannot be told that CPython would do the same."""
        if not self.installed or not suits(job):
            return None
        try:
            return self.attempt(job.code, limits)
        except OSError:
            return None  # its worker cannot be started

    def attempt(self, code: str, limits: Limits) -> Ran:
        """Run code in monty, suited or not."""
        from pydantic_monty import CollectStreams, MontyError

        printed = CollectStreams(max_bytes=2 * limits.output)
        began = time.monotonic()
        kept = {"max_feed_duration_secs": limits.seconds, "max_memory": min(limits.memory, _MAX_MEMORY)}
        kept |= {"max_recursion_depth": _RECURSION, "max_total_sleep_secs": limits.seconds}
        status, said = 0, ""
        with self._started().checkout(
            limits=kept, os_policy={"sleep": "system"}, assert_message_annotations=False
        ) as session:
            try:
                session.feed_run(code, print_callback=printed)
            except MontyError as problem:
                display = getattr(problem, "display", None)
                status, said = 1, (str(problem) if display is None else str(display())) + "\n"
        out, err = (
            "".join(text for stream, text in printed.output if stream == which) for which in ("stdout", "stderr")
        )
        return _ran(out, err + said, status, time.monotonic() - began, limits)

    def _started(self) -> _Pool:
        with self._lock:
            if self._pool is None:
                from pydantic_monty import Monty

                pool = cast(_Pool, Monty())
                pool.__enter__()
                atexit.register(pool.__exit__, None, None, None)
                self._pool = pool
            return self._pool


def _ran(out: str, err: str, status: int, seconds: float, limits: Limits) -> Ran:
    ended: Ended = "exit"
    if status and seconds >= limits.seconds:
        ended = "time"
    elif len(out) > limits.output or len(err) > limits.output:
        ended = "output"
    return Ran(out[: limits.output], err[: limits.output], status if ended == "exit" else 137, ended)


def suits(job: Job) -> bool:
    """Whether monty is tried with this job."""
    if job.kind != "python" or job.files or job.input:
        return False
    try:
        tree = ast.parse(job.code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return all(_known(node) for node in ast.walk(tree))


def _known(node: ast.AST) -> bool:
    match node:
        case ast.Import(names=names):
            return all(one.name in MODULES for one in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            return level == 0 and module in MODULES and all(one.name != "*" for one in names)
        case ast.Name(id=name):
            return name not in _LEFT_OUT and not (name.startswith("__") and name != "__name__")
        case ast.Attribute(attr=name):
            return not name.startswith("__")
        case _:
            return True
