"""Sandboxes for the tests: each backend that works on this machine, and one that confines nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from ringfence.connectors.sandbox.descriptors import sealed
from ringfence.connectors.sandbox.folders import folder_of_job
from ringfence.connectors.sandbox.job import Job, Limits
from ringfence.connectors.sandbox.sandbox import Sandbox
from ringfence.connectors.sandbox.supervision import Started, ended

PROCESSES = ("bubblewrap", "landlock")


def working(name: str) -> Sandbox:
    """A sandbox of one backend; the test is skipped, with the reason, where it does not work."""
    sandbox = Sandbox([name], Limits(seconds=30))
    (backend,) = sandbox.backends()
    if not backend.works:
        pytest.skip(f"{name} does not work on this machine: {backend.reason}")
    return sandbox


@pytest.fixture(params=PROCESSES)
def box(request: pytest.FixtureRequest) -> Sandbox:
    return working(request.param)


class Unconfined:
    """Runs programs with nothing around them, so that a test can see what an attempt reaches then."""

    name = "unconfined"

    @contextmanager
    def started(self, job: Job, limits: Limits) -> Iterator[Started]:
        with folder_of_job(job.code.encode(), job.files, None) as top, ExitStack() as held:
            program = [sys.executable, "-I"] if job.kind == "python" else ["/bin/sh"]
            process = subprocess.Popen(
                [*program, str(top / "code" / "snippet")],
                stdin=sealed(held, job.input.encode()),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=top / "work",
                env={**os.environ, "INHERITED": "yes"},
                start_new_session=True,
            )
            held.callback(ended, process)
            yield Started(process, lambda members: 0)
