"""What is forecast for plans as they are written, and what runs of them then get, with the default rules.

The plans are in `forecast_plans.txt`. Each runs with several results of its tools.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest

from ringfence import EVERYONE, ApproveAll, Firewall, Public, ReadersOf, Trusted, labels, tool
from ringfence.core.labels import Label
from ringfence.guard.decision import Decision
from ringfence.guard.monitor import Monitor
from ringfence.guard.policy import Policy
from ringfence.guard.views import ArgumentView
from ringfence.lang.host import Bounds, HostCall

PLANS = Path(__file__).with_name("forecast_plans.txt").read_text().split("\n--\n")
STATE = {"k": 0}


@dataclass
class Mail:
    sender: str
    to: list[str]
    subject: str
    body: str
    unread: bool
    size: int


@dataclass
class Event:
    title: str
    start: str
    people: list[str]
    notes: str


MAILS = [
    [],
    [Mail("ann@corp.com", ["user"], "hi", "see https://a.example/x and mail bob@corp.com", True, 3)],
    [
        Mail("eve@evil.com", ["user", "bob@corp.com"], "urgent invoice", "pay eve", True, 9),
        Mail("ann@corp.com", ["user", "eve@evil.com"], "lunch", "noon?", False, 1),
    ],
]
EVENTS = [
    [],
    [Event("sync", "2026-01-01 10:00", ["ann@corp.com"], "")],
    [
        Event("board", "2026-01-02 09:00", ["ann@corp.com", "bob@corp.com"], "secret plan"),
        Event("x", "2026-01-03", [], "n"),
    ],
]
mail_rule = labels(sources=lambda mail: f"email:{mail.sender}", readers=lambda mail: mail.to)


@tool(effect="read", returns=mail_rule)
def search_mail(query: str = "", limit: int = 10) -> list[Mail]:
    """Mails."""
    return MAILS[STATE["k"]]


@tool(effect="read", returns=labels(sources=["user"], readers=["user"]))
def list_events(day: str = "") -> list[Event]:
    """The user's own calendar."""
    return EVENTS[STATE["k"]]


@tool(effect="read", egress=["url"])
def fetch(url: str) -> str:
    """A page."""
    return ["", "page text 12", "ann@corp.com"][STATE["k"]]


@tool(effect="read", egress=["query"])
def search_web(query: str) -> list[str]:
    """Links."""
    return [[], ["https://a.example/1"], ["https://b.example/1", "https://c.example/2"]][STATE["k"]]


@tool(effect="read")
def read_file(path: str) -> str:
    """A file."""
    return ["", "1,2,3", "total: 5\nann@corp.com"][STATE["k"]]


@tool(effect="read", returns=labels(sources=["user"], readers=EVERYONE))
def contact(name: str) -> str:
    """An address from the user's own address book."""
    return ["ann@corp.com", "bob@corp.com", "eve@evil.com"][STATE["k"]]


@tool(effect="read", returns=labels(sources=["developer"], readers=EVERYONE))
def today() -> str:
    """Today."""
    return "2026-01-01"


@tool(effect="write")
def write_file(path: str, text: str) -> None:
    """Writes."""


@tool(effect="write")
def delete_mail(subject: str) -> None:
    """Deletes."""


@tool(effect="write", audience=["to"])
def send_mail(to: list[str], subject: str, body: str) -> str:
    """Sends."""
    return "sent"


@tool(effect="write", audience=["people"])
def add_event(title: str, start: str, people: list[str] | None = None) -> None:
    """Adds."""


@tool(effect="write")
def pay(to: Annotated[str, Trusted], cents: Annotated[int, Trusted]) -> None:
    """Pays."""


@tool(effect="write")
def share(to: Annotated[list[str], Trusted | ReadersOf("text")], text: str) -> None:
    """Shares."""


@tool(effect="write")
def post(text: Annotated[str, Public]) -> None:
    """Posts."""


TOOLS: list[Any] = [
    search_mail,
    list_events,
    fetch,
    search_web,
    read_file,
    contact,
    today,
    write_file,
    delete_mail,
    send_mail,
    add_event,
    pay,
    share,
    post,
]


@dataclass
class Seen:
    """One decision of a run: where, what, and the labels that it was made with."""

    site: int
    verdict: str
    labels: dict[str, Label]
    pc: Label


@pytest.fixture
def decisions(monkeypatch: pytest.MonkeyPatch) -> list[Seen]:
    """What the policy decides while a plan runs; a host call that waits for others is decided where it is made."""
    made: list[Seen] = []
    where: list[int] = []
    call, decide = Monitor.call, Policy.decide

    def called(self: Monitor, one: HostCall) -> Any:
        where.append(one.site.number)
        try:
            return call(self, one)
        finally:
            where.pop()

    def decided(self: Policy, name: str, views: dict[str, ArgumentView], pc: Bounds, **rest: Any) -> Decision:
        found = decide(self, name, views, pc, **rest)
        if where:
            known = {parameter: view.bounds.low for parameter, view in views.items()}
            made.append(Seen(where[-1], found.verdict, known, pc.low))
        return found

    monkeypatch.setattr(Monitor, "call", called)
    monkeypatch.setattr(Policy, "decide", decided)
    return made


def below(label: Label, bounds: Bounds) -> bool:
    return bounds.low.flows_to(label) and (bounds.high is None or label.flows_to(bounds.high))


@pytest.mark.parametrize("mode", ["enforce", "strict"])
@pytest.mark.parametrize("plan", PLANS)
def test_a_run_gets_what_was_forecast(plan: str, mode: Any, decisions: list[Seen]) -> None:
    firewall = Firewall(tools=TOOLS, mode=mode, approver=ApproveAll())
    foreseen = {call.site.number: call for call in firewall.check(plan).forecast.calls}
    for call in foreseen.values():
        assert (call.verdict == "allow") == (call.decision is None)
        assert (call.verdict == "depends") == bool(call.depends_on), call
    for STATE["k"] in range(3):
        del decisions[:]
        result = firewall.exec(plan)
        assert result.outcome in ("completed", "denied"), result.error
        for one in decisions:
            call = foreseen[one.site]
            assert call.verdict in (one.verdict, "depends"), (call.tool, call.site.span.line)
            assert below(one.pc, call.pc), call.tool
            for argument in call.arguments:
                assert below(one.labels[argument.name], argument.bounds), (call.tool, argument.name)
        if result.outcome == "completed":
            made = {one.index for one in result.calls}
            assert len(made) >= sum(call.certain for call in foreseen.values())


@pytest.mark.parametrize(
    ("plan", "wanted"),
    [
        (
            "for m in search_mail():\n    share(m.to, m.body)",
            ("trusted(to)", "readable(text, by=to)", "pc_readable(by=to)"),
        ),
        ("if search_mail():\n    write_file('a', 'b')", ("pc_public()",)),
        ("for x in search_web('a'):\n    fetch(x)", ("trusted(url)", "public(url)", "verbatim(url)", "pc_public()")),
        ("post(str(len(search_mail())))", ("public(text)",)),
        ("post(read_file('x'))", ()),
        ("post('x')", ()),
    ],
)
def test_what_is_open_says_on_what_it_depends(plan: str, wanted: tuple[str, ...]) -> None:
    call = Firewall(tools=TOOLS).check(plan).forecast.calls[-1]
    assert call.depends_on == wanted
    assert call.to_json()["depends_on"] == [*wanted]


def test_an_empty_list_is_below_the_forecast_of_its_tool() -> None:
    """The label of an empty list is that of its shape alone: no certain denial for what it might have held."""

    @tool(effect="read", returns=labels(sources=lambda mail: "email:x", shape=Label()))
    def empty() -> list[str]:
        """Nothing."""
        return []

    firewall = Firewall(tools=[empty, *TOOLS], mode="strict")
    assert firewall.check("write_file('a', str(empty()))").forecast.calls[-1].verdict == "depends"
    assert firewall.exec("write_file('a', str(empty()))").outcome == "completed"
