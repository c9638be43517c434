"""The plan language against CPython, on the same text in the same process; and how long the command takes to start.

The workloads are those of `execution_candidates.py`. All data have the label of an untrusted tool. Host calls go to a
host that only labels ("language") and, for the workloads that make calls, through the whole monitor ("monitored":
decision, journal and audit in memory).

Run: python benchmarks/language.py [--quick]
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from execution_candidates import UNTRUSTED, WORKLOADS, Workload, seconds

from ringfence import lang
from ringfence.core.labels import EVERYONE
from ringfence.core.values import Value
from ringfence.guard.monitor import Monitor
from ringfence.guard.policy import Policy
from ringfence.guard.run import RunInfo
from ringfence.guard.tools import Tool, labels, tool
from ringfence.lang.host import HostCall, Param, Signature, Site


class LabellingHost:
    """Answers every call from prepared data, and decides nothing."""

    def __init__(self, answers: dict[str, Callable[..., Any]]) -> None:
        self.answers = answers

    def call(self, call: HostCall) -> Value:
        return self.answers[call.name](*call.arguments.values())

    def foresee(self, site: Site, name: str, pc: object) -> None:
        return None


def signatures(names: set[str]) -> dict[str, Signature]:
    params = {"send": ("to", "text"), "look_up": ("number",)}
    return {name: Signature(name, tuple(Param(p) for p in params.get(name, ())), effect="read") for name in names}


def compiled(workload: Workload, names: dict[str, Signature]) -> lang.Program:
    return lang.compile(lang.check(lang.parse(workload.text), names))


def in_python(workload: Workload) -> Callable[[], Callable[[], Any]]:
    lines = "".join(f"    {line}\n" for line in workload.text.splitlines())
    code = compile(f"def plan():\n{lines}", "<plan>", "exec")

    def prepare() -> Callable[[], Any]:
        scope: dict[str, Any] = dict(workload.tools(None))
        exec(code, scope)
        return scope["plan"]

    return prepare


def in_the_language(workload: Workload) -> Callable[[], Callable[[], Any]]:
    program = compiled(workload, signatures(set(workload.tools(None))))

    def prepare() -> Callable[[], Any]:
        host = LabellingHost(workload.tools(UNTRUSTED))
        return lambda: completed(lang.run(program, host))

    return prepare


def under_the_monitor(workload: Workload) -> Callable[[], Callable[[], Any]]:
    bare = workload.tools(None)
    tools = [monitored(name, bare) for name in bare]
    policy = Policy.load(tools)
    program = compiled(workload, {one.name: one.signature for one in tools})

    def prepare() -> Callable[[], Any]:
        monitor = Monitor(tools, policy, run=RunInfo("bench"))
        return lambda: completed(lang.run(program, monitor))

    return prepare


def monitored(name: str, bare: dict[str, Callable[..., Any]]) -> Tool:
    rule = labels(sources="web", readers=EVERYONE)
    if name == "send":
        return tool(effect="read", name=name)(lambda to, text: bare[name](to, text))
    if name == "look_up":
        return tool(effect="read", returns=rule, name=name)(lambda number: bare[name](number))
    return tool(effect="read", returns=rule, name=name)(lambda: bare[name]())


def completed(result: lang.RunResult) -> None:
    if result.outcome != "completed":
        raise SystemExit(f"the plan did not complete: {result.error}")


def start_of(arguments: list[str], repeat: int) -> float:
    """The fastest start of a process, in milliseconds."""
    best = float("inf")
    for _ in range(repeat):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        best = min(best, time.perf_counter() - start)
    return best * 1000


def main() -> None:
    repeat = 2 if "--quick" in sys.argv else 10
    print(f"Python {sys.version.split()[0]}; best of {repeat}; relative to CPython on the same text\n")
    print("| workload | CPython | language | monitored |")
    print("|---|---|---|---|")
    for workload in WORKLOADS:
        python = seconds(in_python(workload), repeat)
        ratios = [seconds(make(workload), repeat) / python for make in (in_the_language, under_the_monitor)]
        print(f"| {workload.name} | {python * 1e6:,.0f} µs | {ratios[0]:.0f}× | {ratios[1]:.0f}× |")
    print("\n| start | ms |\n|---|---|")
    print(f"| python -c pass | {start_of(['-c', 'pass'], repeat):.0f} |")
    print(f"| ringfence --help | {start_of(['-m', 'ringfence', '--help'], repeat):.0f} |")


if __name__ == "__main__":
    main()
