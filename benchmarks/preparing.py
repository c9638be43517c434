"""What preparing a long plan costs: parsing, checking, compiling, the first run, which compiles what it reaches.

Two plans: `even` is the long plan of `workloads.py`, of which nothing needs code while its lists are short; `mixed` is
what a model might write if it unrolled its work: calls of tools, f-strings, branches, comprehensions, loops, sorting by
a key, functions, quarantined calls. Processor time, the best of several runs; `--quick` takes fewer.

    python benchmarks/preparing.py [--quick]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from workloads import long_plan

import ringfence.lang as lang
from ringfence.core.labels import Label
from ringfence.core.plain import RecordData
from ringfence.core.values import Value, wrap
from ringfence.lang.host import HostCall, Param, Signature, Site

REPEAT = 3 if "--quick" in sys.argv else 9
UNTRUSTED = Label({"tool:inbox"}, {"user"})
SIZES = (20, 200, 2_000, 8_000)

SHAPES = (
    # with the number of its statements
    ("mails{n} = search_mail('invoice {n}', limit=20)", 1),
    ("unread{n} = [m for m in mails{n} if m.unread and 'urgent' in m.subject.lower()]", 1),
    ("title{n} = f'{{len(unread{n})}} of {{len(mails{n})}} mails ({{{n}:>5}})'", 1),
    ("if len(unread{n}) > 1:\n    send('boss@example.com', title{n})\nelse:\n    log.append(title{n})", 3),
    ("newest{n} = sorted(mails{n}, key=lambda m: m.date, reverse=True)[:3]", 1),
    ("for m in newest{n}:\n    total += m.size\n    if m.size > 900:\n        log.append(m.sender)", 4),
    ("facts{n} = quarantine('What is owed?', mails{n}[0].body, returns={{'amount': int, 'currency': str}})", 1),
    ("owed{n} = facts{n}.amount * 1.19 if facts{n}.currency == 'EUR' else None", 1),
    ("by_sender{n} = {{m.sender: m.size for m in mails{n}}}", 1),
    ("row = {{'n': {n}, 'title': title{n}.upper(), 'owed': owed{n}, 'most': max(by_sender{n}.values())}}", 1),
    ("rows.append(row)", 1),
    ("def note{n}(text, mark='-'):\n    log.append(mark + ' ' + text)\nnote{n}(title{n})", 3),
    ("total = total + sum(m.size for m in mails{n}) // 3", 1),
)


def mixed_plan(statements: int) -> str:
    """A plan of about as many statements."""
    lines = ["total = 0", "rows = []", "log = []"]
    made, n = len(lines), 0
    while made < statements:
        shape, count = SHAPES[n % len(SHAPES)]
        lines.append(shape.format(n=n - n % len(SHAPES)))
        made, n = made + count, n + 1
    return "\n".join(lines) + "\n"


MAILS = [
    {
        "sender": f"p{n % 5}@example.com",
        "subject": "Urgent" if n % 3 else "Hi",
        "unread": n % 2 == 0,
        "date": n * 7 % 20,
        "size": 100 * n,
        "body": "You owe 12 EUR.",
    }
    for n in range(12)
]
SIGNATURES = {
    "search_mail": Signature("search_mail", (Param("query"), Param("limit", required=False)), effect="read"),
    "send": Signature("send", (Param("to"), Param("text"))),
}


class Office:
    """Gives mails, and decides nothing."""

    def call(self, call: HostCall) -> Value:
        if call.name == "search_mail":
            return wrap([RecordData("Mail", dict(mail)) for mail in MAILS], UNTRUSTED)
        return wrap(
            RecordData("Facts", {"amount": 12, "currency": "EUR"}) if call.name == "quarantine" else None, UNTRUSTED
        )

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""


def times(text: str, signatures: dict[str, Signature]) -> dict[str, float]:
    """Milliseconds of each stage, the best of several."""
    found: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        began = time.process_time()
        made = work()
        found[name] = min(found.get(name, float("inf")), (time.process_time() - began) * 1e3)
        return made

    for _ in range(REPEAT):
        plan = timed("parse", lambda: lang.parse(text))
        checked, program = timed("check and compile", lambda plan=plan: prepared(plan, signatures))
        for name in ("first run", "next run"):
            result = timed(name, lambda program=program: lang.run(program, Office()))
            assert result.outcome == "completed", result.error
        timed("forecast", lambda checked=checked: lang.flows(checked))
    return found


def prepared(plan: Any, signatures: dict[str, Signature]) -> tuple[Any, lang.Program]:
    checked = lang.check(plan, signatures)
    return checked, lang.compile(checked)


def main() -> None:
    print(f"Python {sys.version.split()[0]}; processor time, best of {REPEAT}, in ms")
    stages = ("parse", "check and compile", "first run", "next run", "forecast")
    print(f"\n| plan | statements | {' | '.join(stages)} |")
    print("|---|---" + "|---" * len(stages) + "|")
    for name, write, signatures in (("even", long_plan, {}), ("mixed", mixed_plan, SIGNATURES)):
        for count in SIZES if name == "even" else SIZES[:-1]:  # the largest runs into the limit of time
            found = times(write(count), signatures)
            print(f"| {name} | {count:,} | " + " | ".join(f"{found[stage]:,.1f}" for stage in stages) + " |")


if __name__ == "__main__":
    main()
