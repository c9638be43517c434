"""Runs plans that may be bombs, each in a fork of this process with little memory and little time.

Reads one JSON object a line ("plan", "seconds", "patience") and answers with one ("outcome", "limit", …).
The outcome is "killed" for a plan that outlived its time, and "crashed" for one that took the process with it.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
import time

import ringfence.lang as lang
from ringfence.core.errors import PlanRejected
from ringfence.core.values import Value
from ringfence.lang.host import HostCall, Site

MEMORY = 2 << 30


class NoHost:
    """A host for plans that call nothing."""

    def call(self, call: HostCall) -> Value:
        raise AssertionError("the plan calls nothing")

    def foresee(self, site: Site, name: str, pc: object) -> None:
        """Nothing is denied."""


def attempt(plan: str, seconds: float) -> dict[str, object]:
    """What became of the plan."""
    try:
        program = lang.compile(lang.check(lang.parse(plan), {}))
    except PlanRejected as error:
        return {"outcome": "rejected", "error": error.diagnostics[0].code}
    result = lang.run(program, NoHost(), {}, lang.Limits(seconds=seconds))
    error = result.error
    return {
        "outcome": result.outcome,
        "limit": getattr(error, "limit", None),
        "error": None if error is None else error.code,
        "exception": getattr(error, "exception", None),
        "steps": result.steps,
    }


def in_child(plan: str, seconds: float, patience: float) -> dict[str, object]:
    """Fork, limit, run, and report; kill it when it takes longer than `patience`."""
    reader, writer = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.write(writer, json.dumps(attempt(plan, seconds)).encode())
        os._exit(0)
    os.close(writer)
    ready, _, _ = select.select([reader], [], [], patience)
    told = os.read(reader, 65536) if ready else b""
    os.close(reader)
    if not ready:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    spent = time.monotonic() - began
    if not ready:
        return {"outcome": "killed", "seconds": spent}
    if not told:
        return {"outcome": "crashed", "status": status, "seconds": spent}
    found: dict[str, object] = json.loads(told)
    return {**found, "seconds": spent}


def main() -> None:
    """Serve until the input ends."""
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(in_child(asked["plan"], asked["seconds"], asked["patience"])), flush=True)


if __name__ == "__main__":
    main()
