"""No untrusted byte reaches a planner's prompt, over any path: through a real client, at a server that keeps all."""

from __future__ import annotations

import json
from dataclasses import make_dataclass
from datetime import date

import pytest

from ringfence import EVERYONE, Firewall, labels, tool
from ringfence.core.errors import QuarantineError
from ringfence.testing import HostileQuarantine, ModelServer, ScriptedQuarantine

TODAY = date(2026, 3, 4)
CANARY = "CANARY4711"


@tool(effect="read", returns=labels(sources=lambda one: f"email:{CANARY.lower()}@evil.example", readers=EVERYONE))
def mails() -> list[dict[str, str]]:
    """Mail."""
    return [{"subject": CANARY, CANARY: "key"}]


@tool(effect="read")
def anything() -> object:
    """A result of no declared type."""
    return make_dataclass(CANARY, [(f"field_{CANARY}", str)])(CANARY)


@tool(effect="read")
def fails() -> str:
    """Always fails."""
    raise type(CANARY, (Exception,), {})(CANARY)


@tool
def send(to: str, body: str = "") -> None:
    """Send something."""


TOOLS = [mails, anything, fails, send]
RULES = {"send": {"allow": "trusted(to) and trusted(body)", "ask": "False"}}
FIRST = "found = mails()\ntext = found[0]['subject']\n"

# Every plan puts the canary where the planner might be told of it. The second plan answers.
PLANS = {
    "a count, and variables": FIRST + "observe(n=len(found))",
    "text": FIRST + "observe(text=text)",
    "text that is said to be a choice": FIRST
    + 'kind = quarantine("Which?", text, returns=["a", "b"])\nobserve(kind=kind)',
    "an enumeration made of data": FIRST + "K = Enum('K', [text, 'b'])\nobserve(k=bool(text))",
    "a named tuple whose names are data": FIRST
    + "from collections import namedtuple\nN = namedtuple('N', [text])\nrow = N(text)\nobserve(n=len(row))",
    "a date out of data": FIRST + "from datetime import date\nd = date(2026, 1, len(text))\nobserve(d=d)",
    "keys of a dict": FIRST + "byname = {text: 1}\nobserve(n=len(byname))",
    "keyword names": FIRST + "def f(**k):\n    return len(k)\nn = f(**found[0])\nobserve(n=n)",
    "a record of no declared type": "thing = anything()\nobserve(n=len(str(thing)))",
    "a field of it that does not exist": "thing = anything()\nanswer(thing.nothing)",
    "a key that is missing": FIRST + "answer({}[text])",
    "a raise with data": FIRST + "raise ValueError(text)",
    "a raise of a class made of data": FIRST + "E = type(text)\nraise E",
    "an assertion": FIRST + "assert text == 'x', text",
    "a tool that fails": "answer(fails())",
    "a tool's failure, raised again": "try:\n    fails()\nexcept Exception as e:\n    raise RuntimeError(str(e))",
    "a number that is none": FIRST + "answer(int(text))",
    "a quarantined answer": FIRST + "answer(quarantine(text, text, returns=int))",
    "a conversion for a tool": FIRST + "send(found[0], text)",
    "a regular expression": FIRST + "import re\nanswer(re.compile('(' + text))",
    "a format": FIRST + "answer(('{' + text + '}').format(1))",
    "json": FIRST + "import json\nanswer(json.loads(text))",
    "an attribute chosen by data": FIRST + "answer('{0.x}'.format(text))",
    "a denial": FIRST + "send(text, text)",
    "a denial in a branch": FIRST + "if text == 'x':\n    send('bob', text)\nanswer(1)",
    "both sides of a branch": FIRST
    + "if len(text) > 3:\n    a = text\nelse:\n    b = text\nobserve(long=len(text) > 3)",
    "a limit": FIRST + "answer('x' * 10 ** 12)",
    "an unpacking": FIRST + "a, b, c = text.split()\nanswer(a)",
    "a refusal": FIRST + "refuse(text)",
    "a certain denial with a repair": FIRST + "send(text, text)\nanswer(fails())",
}

# These end the run, or may: denials, refusals and limits are final, and a hostile reader may answer.
ONE_ROUND = {"a denial in a branch", "a refusal", "a limit", "a quarantined answer"}


def answers(instruction, data, schema):
    """A quarantined model that answers as the data say, and where it cannot, says so with their words."""
    raise QuarantineError(f"not enough information: {CANARY}")


@pytest.mark.parametrize("path", list(PLANS))
@pytest.mark.parametrize("reader", ["hostile", "failing"])
@pytest.mark.parametrize("mode", ["enforce", "strict"])
def test_no_untrusted_byte_reaches_the_planner(path, reader, mode):
    quarantine = HostileQuarantine(text=CANARY, email=f"{CANARY}@evil.example")
    chosen = quarantine if reader == "hostile" else ScriptedQuarantine(answers)
    plans = [
        f"```python\n{text}\n```" for text in (PLANS[path], PLANS[path], PLANS["a count, and variables"], "answer(1)")
    ]
    with ModelServer(plans) as server:
        with Firewall(TOOLS, f"openai:test@{server.url}", chosen, RULES, mode) as firewall:
            result = firewall.run("Do it", today=TODAY)
        again = 1 if path in ONE_ROUND or mode == "strict" else 2
        assert len(server.requests) >= again
        sent = json.dumps([[one.body, one.headers, one.path] for one in server.requests], ensure_ascii=False)
    assert CANARY not in sent
    assert CANARY.lower() not in sent.lower()
    assert result.outcome in ("completed", "refused", "denied", "waiting", "failed", "limit", "rejected")


def test_the_test_would_see_it():
    """The same with a plan whose text holds the canary: the planner wrote it, so it is told it again."""
    plans = [f"```python\n{FIRST}# {CANARY}\nobserve(n=len(found))\n```", "answer(1)"]
    with ModelServer(plans) as server:
        with Firewall(TOOLS, f"openai:test@{server.url}", HostileQuarantine()) as firewall:
            firewall.run("Do it", today=TODAY)
        assert CANARY in json.dumps(server.requests[1].body)
