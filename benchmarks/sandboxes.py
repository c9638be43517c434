"""Start-up latency and throughput of each sandbox that works here, against the same programs with nothing around them.

python benchmarks/sandboxes.py [--quick]
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from ringfence.connectors.sandbox import places
from ringfence.connectors.sandbox.job import Job
from ringfence.connectors.sandbox.sandbox import BACKENDS, Sandbox
from ringfence.connectors.sandbox.snippets import suits

REPEAT = 5 if "--quick" in sys.argv else 20
TOGETHER = 2
JOBS = {
    "Python: print(1)": Job("python", "print(1)"),
    "shell: true": Job("shell", "true"),
    "Python: a sum over 2,000,000": Job("python", "print(sum(n * n for n in range(2_000_000)))"),
    "shell: 20 programs": Job("shell", "for n in 1 2 3 4 5 6 7 8 9 10; do date | cat; done"),
    "Python: 8 MiB of input": Job("python", "import sys\nprint(len(sys.stdin.read()))", "x" * (8 << 20)),
}


def best(work: Callable[[], object], repeat: int = REPEAT) -> float:
    """Seconds of the best of several."""
    found = float("inf")
    for _ in range(repeat):
        began = time.perf_counter()
        work()
        found = min(found, time.perf_counter() - began)
    return found


def bare(job: Job) -> float:
    """The same program with nothing around it."""
    program = places.program(job.kind, by_others=True).argv
    given = [*program, "-c", job.code]
    return best(lambda: subprocess.run(given, input=job.input.encode(), stdout=subprocess.DEVNULL, check=True))


def in_sandbox(name: str, job: Job) -> str:
    sandbox = Sandbox([name])
    if not any(one.works for one in sandbox.backends()) or (name == "monty" and not suits(job)):
        return "–"
    sandbox.run(job)
    return f"{best(lambda: sandbox.run(job)) * 1e3:,.1f}"


def throughput(name: str) -> str:
    """Programs a second, `TOGETHER` at a time."""
    sandbox = Sandbox([name])
    if not any(one.works for one in sandbox.backends()):
        return "–"
    count, job = 4 * REPEAT, JOBS["Python: print(1)"]
    sandbox.run(job)
    with ThreadPoolExecutor(TOGETHER) as pool:
        began = time.perf_counter()
        list(pool.map(sandbox.run, [job] * count))
        return f"{count / (time.perf_counter() - began):,.0f}"


def main() -> None:
    print(f"Python {sys.version.split()[0]}; milliseconds, best of {REPEAT}\n")
    print(f"| program | bare | {' | '.join(BACKENDS)} |")
    print("|---|---|" + "---|" * len(BACKENDS))
    for title, job in JOBS.items():
        cells = [f"{bare(job) * 1e3:,.1f}", *(in_sandbox(name, job) for name in BACKENDS)]
        print(f"| {title} | {' | '.join(cells)} |")
    cells = ["", *(throughput(name) for name in BACKENDS)]
    print(f"| Python: print(1), programs a second, {TOGETHER} at a time | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
