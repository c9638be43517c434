"""What the plan language costs, against CPython on the same text in the same run.

The workloads are those by which other interpreters were measured. The data is an untrusted tool's result: one label
on all of it, so that every value that a plan touches carries a label. Bare data shows what remains without labels.
Times are the best of several runs; machines are noisy, so that the ratios are what counts.

    python benchmarks/workloads.py [--quick]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import ringfence.lang as lang
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import RecordData
from ringfence.core.values import Value, deep, unsafe_value, wrap
from ringfence.guard.policy import Policy
from ringfence.guard.tools import Trusted, tool
from ringfence.guard.views import view_of
from ringfence.lang.host import Bounds, HostCall, Param, Signature, Site

EXACT = Bounds(TRUSTED_PUBLIC, TRUSTED_PUBLIC)
UNTRUSTED = Label({"tool:inbox"}, {"user"})
REPEAT = 3 if "--quick" in sys.argv else 9
SPEND = 0.05  # seconds


@dataclass
class Mail:
    sender: str
    subject: str
    unread: bool
    date: int


@dataclass
class Sale:
    city: str
    amount: int


@dataclass(frozen=True)
class Workload:
    """A plan, and the data that its tools give: by the tool's name, a function of the arguments."""

    name: str
    text: str
    tools: dict[str, Callable[..., Any]]


MAILS = [Mail(f"p{n}@example.com", f"subject {n}", n % 3 == 0, (n * 7919) % 1000) for n in range(100)]
SALES = [Sale(f"city {n % 97}", (n * 7919) % 10_007) for n in range(10_000)]
WORDS = [f"word {n}" for n in range(10_000)]

WORKLOADS = (
    Workload(
        "100 mails: filter, sort, 10 calls",
        """
unread = [m for m in mails() if m.unread]
unread = sorted(unread, key=lambda m: m.date)
for m in unread[:10]:
    send(m.sender, 'Re: ' + m.subject)
""",
        {"mails": lambda: MAILS, "send": lambda to, subject: None},
    ),
    Workload(
        "arithmetic loop, 100k",
        """
total = 0
for i in range(count()):
    total = (total + i * i - i // 3) % 1000003
""",
        {"count": lambda: 100_000},
    ),
    Workload(
        "comprehension over 10k strings",
        "found = [s.upper() + '!' for s in words() if len(s) > 6]\n",
        {"words": lambda: WORDS},
    ),
    Workload(
        "dicts and sorting, 10k records",
        """
sales = sales_of_year()
totals = {}
for sale in sales:
    totals[sale.city] = totals.get(sale.city, 0) + sale.amount
best = sorted(totals.items(), key=lambda pair: pair[1], reverse=True)[:10]
ordered = sorted(sales, key=lambda sale: sale.amount)
""",
        {"sales_of_year": lambda: SALES},
    ),
    Workload(
        "1,000 host calls",
        """
found = []
for n in range(1000):
    found.append(look_up(n))
""",
        {"look_up": lambda n: n},
    ),
)


class Serving:
    """A host that gives the workload's data under one label, and decides nothing.

    What a host cannot do without: it calls the tool with the bare arguments, and labels what comes back.
    """

    def __init__(self, workload: Workload, label: Label) -> None:
        self.serve = {name: serving(tool, label) for name, tool in workload.tools.items()}

    def call(self, call: HostCall) -> Value:
        return self.serve[call.name](call.arguments)

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""


def serving(tool: Callable[..., Any], label: Label) -> Callable[[Mapping[str, Value]], Value]:
    """A tool with its arguments by name."""
    names = parameters(tool)
    if not names:
        made = as_data(tool())
        return lambda arguments: wrap(made, label)
    if len(names) == 1:
        (only,) = names
        return lambda arguments: wrap(tool(unsafe_value(arguments[only])), label)
    return lambda arguments: wrap(tool(*[unsafe_value(arguments[name]) for name in names]), label)


def parameters(tool: Callable[..., Any]) -> tuple[str, ...]:
    return tool.__code__.co_varnames[: tool.__code__.co_argcount]


def as_data(made: Any) -> Any:
    if isinstance(made, list):
        return [as_data(part) for part in made]
    return RecordData(type(made).__name__, dict(vars(made))) if isinstance(made, (Mail, Sale)) else made


def signatures(workload: Workload) -> dict[str, Signature]:
    found = {}
    for name, function in workload.tools.items():
        found[name] = Signature(name, tuple(Param(one) for one in parameters(function)), effect="read")
    return found


def best(prepare: Callable[[], Callable[[], Any]]) -> float:
    """Seconds; each run gets its own preparation, outside of the clock. What takes microseconds is run more often."""
    found, spent, count = float("inf"), 0.0, 0
    while count < REPEAT or (spent < SPEND and count < 100 * REPEAT):
        work = prepare()
        began = time.perf_counter()
        work()
        took = time.perf_counter() - began
        found, spent, count = min(found, took), spent + took, count + 1
    return found


def in_python(workload: Workload) -> float:
    body = "".join(f"    {line}\n" for line in workload.text.strip().splitlines())
    code = compile(f"def plan():\n{body}", "<plan>", "exec")

    def prepare() -> Callable[[], Any]:
        scope: dict[str, Any] = dict(workload.tools)
        exec(code, scope)
        plan: Callable[[], Any] = scope["plan"]
        return plan

    return best(prepare)


def in_language(workload: Workload, label: Label) -> float:
    program = lang.compile(lang.check(lang.parse(workload.text), signatures(workload)))

    def prepare() -> Callable[[], Any]:
        host = Serving(workload, label)
        return lambda: completed(lang.run(program, host))

    return best(prepare)


def completed(result: lang.RunResult) -> None:
    assert result.outcome == "completed", result.error


def table() -> None:
    print(f"Python {sys.version.split()[0]}; best of {REPEAT}; relative to CPython on the same text\n")
    print("| workload | CPython | untrusted data | bare data |")
    print("|---|---|---|---|")
    for workload in WORKLOADS:
        python = in_python(workload)
        ratios = [in_language(workload, label) / python for label in (UNTRUSTED, TRUSTED_PUBLIC)]
        print(f"| {workload.name} | {python * 1e6:,.0f} µs | {ratios[0]:.1f}× | {ratios[1]:.1f}× |")


def given(data: list[RecordData]) -> Callable[[], list[RecordData]]:
    return lambda: data


def growing() -> None:
    """A result is wrapped without a look at its parts; each part costs the same however many there are."""
    print("\n| n records | wrapping the result | a loop over them, each | a comprehension, each |")
    print("|---|---|---|---|")
    loop = "for r in look():\n    x = r.city\n    y = r.amount * 2 + 1\n"
    for count in (100, 1_000, 10_000, 100_000):
        data = [RecordData("Sale", {"city": f"city {n % 97}", "amount": n}) for n in range(count)]
        wrapped = best(lambda data=data: lambda: wrap(data, UNTRUSTED))
        shown = [f"{wrapped * 1e6:.1f} µs"]
        for text in (loop, "x = [r.amount + 1 for r in look() if r.amount > 5]\n"):
            work = Workload("records", text, {"look": given(data)})
            shown.append(f"{in_language(work, UNTRUSTED) / count * 1e9:,.0f} ns")
        print(f"| {count:,} | {' | '.join(shown)} |")


# What does not depend on the data: preparing a plan, starting a run, one decision


def long_plan(statements: int) -> str:
    lines = ["total = 0", "rows = []"]
    shapes = (
        "a{n} = total + {n}",
        "rows.append({{'n': {n}, 's': f'row {n}'}})",
        "if a{m} > {n}: total += 1",
        "b{n} = [r['n'] for r in rows[-3:] if r['n'] > {n}]",
    )
    for n in range(statements - len(lines)):
        lines.append(shapes[n % 4].format(n=n, m=n - n % 4))
    return "\n".join(lines) + "\n"


def preparing() -> None:
    host = Serving(WORKLOADS[0], TRUSTED_PUBLIC)
    print("\n| preparing a plan | time |")
    print("|---|---|")
    for count in (1, 20, 200, 2_000):
        text = long_plan(count) if count > 1 else "x = 1\n"
        plan = lang.parse(text)
        checked = lang.check(plan, {})
        program = lang.compile(checked)
        parts = {
            "parse": best(lambda text=text: lambda: lang.parse(text)),
            "check": best(lambda plan=plan: lambda: lang.check(plan, {})),
            "compile": best(lambda checked=checked: lambda: lang.compile(checked)),
            "forecast": best(lambda checked=checked: lambda: lang.flows(checked)),
            "run": best(lambda program=program: lambda: completed(lang.run(program, host))),
        }
        for name, seconds in parts.items():
            print(f"| {name}, {count:,} statement{'s' if count > 1 else ''} | {seconds * 1e3:,.2f} ms |")


@tool(effect="write")
def send(to: Annotated[str, Trusted], body: str) -> None:
    """Send."""


CHAIN = """
value = start()
for n in range(steps()):
    value = (value * 3 + n) % 1000003
"""


def constantly(number: int) -> Callable[[], int]:
    """A tool without parameters."""
    return lambda: number


def deciding() -> None:
    """A decision costs the same after any number of operations: labels are joined once, and remembered."""
    policy = Policy.load([send])
    print("\n| policy check after a chain of n operations | time |")
    print("|---|---|")
    for count in (1, 1_000, 10_000, 100_000):
        chain = Workload("chain", CHAIN, {"start": lambda: 1, "steps": constantly(count)})
        plan = lang.check(lang.parse(CHAIN), {name: Signature(name, (), effect="read") for name in chain.tools})
        result = lang.run(lang.compile(plan), Serving(chain, UNTRUSTED))
        completed(result)
        value = result.variables["value"]
        assert deep(value) == UNTRUSTED

        def decide(value: Value = value) -> None:
            policy.decide("send", {"to": view_of(value), "body": view_of(value)}, EXACT)

        print(f"| {count:,} | {best(lambda decide=decide: decide) * 1e6:,.0f} µs |")


if __name__ == "__main__":
    table()
    growing()
    preparing()
    deciding()
