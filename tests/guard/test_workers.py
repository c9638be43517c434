"""The threads on which reads overlap."""

import subprocess
import sys

import pytest

from ringfence.core.errors import RunError
from ringfence.guard.workers import Workers


def test_results_and_failures_come_back() -> None:
    workers = Workers(2)
    good, bad = workers.submit(lambda: 1), workers.submit(lambda: [][0])
    assert good.result() == 1
    with pytest.raises(IndexError):
        bad.result()
    workers.close()
    workers.close()
    with pytest.raises(RunError):
        workers.submit(lambda: 1)


def test_at_least_one_worker() -> None:
    with pytest.raises(ValueError):
        Workers(0)


def test_a_tool_that_hangs_does_not_keep_the_process() -> None:
    code = (
        "import threading\n"
        "from ringfence.guard.workers import Workers\n"
        "workers = Workers()\n"
        "began = threading.Event()\n"
        "def hang():\n"
        "    began.set()\n"
        "    threading.Event().wait()\n"
        "workers.submit(hang)\n"
        "assert began.wait(20)\n"
        "workers.close()\n"
        "print('ended')\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "ended\n"
