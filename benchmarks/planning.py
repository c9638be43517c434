"""One plan against a tool-calling loop: questions to models, tokens and calls of tools for the same tasks.

    python benchmarks/planning.py

The plan side is run: a scripted planner writes the plan, a scripted reader answers, and what both were given and wrote
is counted (four characters a token). The loop side is worked out from the same run: a model that calls one tool a turn
gets, at each turn, its system prompt, the tools' JSON schemas, the request, and all calls and results so far; it writes
the call, and at last the answer. It reads data itself, so quarantined calls are no turns of it. No cache is counted on
either side; a provider's cache makes the loop's input cheaper, and does not make its turns fewer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ringfence import EVERYONE, ApproveAll, Firewall, labels, tool
from ringfence.core.encoding import dumps, to_json
from ringfence.guard.journal import read_result
from ringfence.schema import json_schema
from ringfence.stores import MemoryStore
from ringfence.testing import RecordingModel, ScriptedModel, ScriptedQuarantine

TODAY = date(2026, 3, 4)
LETTER = "Dear Ann,\n\nthank you for the offer of last week. We looked at it together and have a few questions. " * 8
LOOP_SYSTEM = "You are a helpful assistant. Use the tools to do what the user asks. " * 6
VERBS = ("quarantine", "quarantine_each")


@tool(effect="read", returns=labels(sources="tool:mail", readers=EVERYONE))
def search_mail(query: str) -> list[dict[str, str]]:
    """Mails that hold the words, newest first."""
    return [{"sender": f"p{n}@example.com", "subject": f"{query} {n}", "body": f"{LETTER}{n}"} for n in range(20)]


@tool(effect="read", returns=labels(sources="user", own=False, readers=EVERYONE))
def find_contact(name: str) -> dict[str, str]:
    """A person of the address book."""
    return {"name": name, "email": "ann@example.com"}


@tool(effect="read", returns=labels(sources="user", own=False, readers=EVERYONE))
def list_events(day: date) -> list[dict[str, str]]:
    """The events of a day."""
    return [{"title": f"Meeting {n}", "start": f"{9 + n}:00", "place": "room 4"} for n in range(6)]


@tool(effect="write", audience=["to"])
def send_mail(to: list[str], subject: str, body: str) -> None:
    """Send a mail."""


@tool(effect="write")
def create_event(title: str, day: date, start: str) -> None:
    """Make an event."""


TOOLS = [search_mail, find_contact, list_events, send_mail, create_event]


@dataclass(frozen=True)
class Case:
    """A request, the plan for it, and what the quarantined model says (by instruction, data and schema)."""

    name: str
    request: str
    plans: tuple[str, ...]
    reads: Callable[..., object] = lambda *_: "A short summary of what the letters say, in two sentences."


CASES = (
    Case(
        "today's events to a colleague",
        "Send today's events to Ann",
        (
            'from datetime import date\nann = find_contact("Ann")\nevents = list_events(date(2026, 3, 4))\n'
            "body = \"\\n\".join(f\"{e['start']} {e['title']}\" for e in events)\n"
            'send_mail([ann["email"]], "Today", body)\nanswer("Sent.")',
        ),
    ),
    Case(
        "summary of 20 mails",
        "Send Ann a summary of the mails about the offer",
        (
            'ann = find_contact("Ann")\nmails = search_mail("offer")\n'
            'text = quarantine("Summarise these mails.", [m["body"] for m in mails], returns=str)\n'
            'send_mail([ann["email"]], "Summary", text)\nanswer("Sent.")',
        ),
    ),
    Case(
        "20 mails one by one",
        "Which of the mails about the offer need an answer?",
        (
            'mails = search_mail("offer")\n'
            'found = quarantine_each("Does it need an answer?", [m["body"] for m in mails], returns=bool)\n'
            'answer([m["subject"] for m, yes in zip(mails, found) if yes])',
        ),
        lambda *_: True,
    ),
    Case(
        "an event for each of five days",
        "Put 'Focus' at 9:00 into my calendar on each day of next week",
        (
            "from datetime import date, timedelta\nfor n in range(5):\n"
            '    create_event("Focus", date(2026, 3, 9) + timedelta(days=n), "9:00")\nanswer("Done.")',
        ),
    ),
    Case(
        "look, then decide (two rounds)",
        "If the mails about the offer are urgent, send Ann a warning",
        (
            'mails = search_mail("offer")\n'
            'urgent = quarantine("Is any of them urgent?", [m["body"] for m in mails], returns=bool)\n'
            "observe(urgent=urgent)",
            'ann = find_contact("Ann")\nsend_mail([ann["email"]], "Urgent", "Look at the offer.")\nanswer("Sent.")',
        ),
        lambda *_: True,
    ),
)


def tokens(text: str) -> int:
    """About how many."""
    return len(text) // 4


@dataclass(frozen=True)
class Side:
    """Questions to models, tokens in and out."""

    questions: int
    read: int
    written: int


def measure(case: Case) -> tuple[Side, Side, int]:
    """The plan's side, the loop's side, and the calls of tools."""
    planner = RecordingModel(ScriptedModel([f"```python\n{plan}\n```" for plan in case.plans]))
    reader = ScriptedQuarantine(case.reads)
    store = MemoryStore()
    firewall = Firewall(TOOLS, planner, reader, store=store, approver=ApproveAll())
    result = firewall.run(case.request, today=TODAY)
    assert result.outcome == "completed", (case.name, result.error)
    read = sum(tokens(asked.system + asked.user) for asked in planner.asked)
    written = sum(map(tokens, case.plans))
    entries = store.journal(result.run_id).entries()
    for instruction, data in reader.read_data:
        read += tokens(instruction + "".join(data)) + 250  # the system prompt and the schema of a reading
    written += sum(tokens(dumps(to_json(_plain(entry)))) for entry in entries if entry.tool in VERBS)
    plan = Side(len(planner.asked) + len(reader.read_data), read, written)
    turns = [
        (json.dumps({"name": made.tool, "arguments": to_json(dict(made.arguments))}), dumps(to_json(_plain(entry))))
        for made, entry in zip(result.calls, entries, strict=True)
        if made.tool not in VERBS
    ]
    return plan, loop(case.request, turns, result.text), len(turns)


def _plain(entry: object) -> object:
    from ringfence.core.values import unsafe_plain

    return unsafe_plain(read_result(entry))  # type: ignore[arg-type]  # an entry of the journal


def loop(request: str, turns: list[tuple[str, str]], answer: str) -> Side:
    """A model that calls one tool a turn and then answers."""
    signatures = [one.signature for one in TOOLS]
    schemas = json.dumps(
        [{"name": s.name, "description": s.description, "parameters": {p.name: json_schema(p.type) for p in s.params}}
         for s in signatures]
    )  # fmt: skip
    base = tokens(LOOP_SYSTEM + schemas + request)
    read = written = history = 0
    for call, result in turns:
        read += base + history
        written += tokens(call)
        history += tokens(call + result)
    return Side(len(turns) + 1, read + base + history, written + tokens(answer))


def main() -> None:
    print("| task | calls of tools | plan: questions | tokens in | out | loop: questions | tokens in | out |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for case in CASES:
        plan, other, calls = measure(case)
        sides = " | ".join(f"{side.questions} | {side.read:,} | {side.written:,}" for side in (plan, other))
        print(f"| {case.name} | {calls} | {sides} |")


if __name__ == "__main__":
    main()
