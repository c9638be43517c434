"""Trusted sets: loaded once a run, by a read, from what trusted sources say; and what happens if they are not there."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from ringfence.core.errors import ApprovalRequired, PolicyDenied
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Value, wrap
from ringfence.guard.audit import MemoryAudit
from ringfence.guard.monitor import Monitor
from ringfence.guard.policy import Policy
from ringfence.guard.run import RunInfo
from ringfence.guard.sections import Sections
from ringfence.guard.tools import labels, tool
from ringfence.guard.views import ArgumentView, view_of
from ringfence.lang.host import UNKNOWN, Bounds

from .guard_plan import MAIL, SECRET, Plan

PLAIN = Bounds(TRUSTED_PUBLIC, TRUSTED_PUBLIC)
RULE = '[tools.send]\nallow = "one_of(to, contacts)"\n'
CONTACTS = '[sets.contacts]\ntool = "book"\nfield = "mail"\n'


class Book:
    """An address book whose tool counts its calls."""

    def __init__(self, records: Any = None, **rule: Any) -> None:
        self.calls = 0
        self.records: Any = [{"mail": "bob@x.example"}, {"mail": ["ann@x.example", "a@y.example"]}, {"mail": ""}]
        if records is not None:
            self.records = records

        @tool(effect="read", returns=labels(**(rule or {"sources": "user", "own": False})))
        def book() -> Any:
            self.calls += 1
            if isinstance(self.records, Exception):
                raise self.records
            return self.records

        @tool
        def send(to: Any, text: str = "") -> None: ...

        self.tools = [book, send]

    def plan(self, text: str = CONTACTS + RULE, *, mode: Any = "enforce", user: str = "user", **options: Any) -> Plan:
        sections = Sections(**tomllib.loads(text))
        policy = Policy.load(self.tools, mode=mode, sections=sections, user=user)
        return Plan(Monitor(policy.tools.values(), policy, run=RunInfo("r", "p" * 64), **options))


def verdict(plan: Plan, to: Value, **options: Any) -> str:
    try:
        plan.call("send", to=to, **options)
    except ApprovalRequired:
        return "ask"
    except PolicyDenied as denial:
        return denial.code
    return "allow"


def test_a_set_is_loaded_when_it_is_needed_and_once_a_run() -> None:
    book = Book()
    plan = book.plan()
    plan.call("book")
    assert book.calls == 1
    assert verdict(plan, wrap("bob@x.example", MAIL)) == "allow"
    assert verdict(plan, wrap(["BOB@x.example", "a@y.example"], MAIL)) == "allow"
    assert verdict(plan, wrap("eve@attacker.example", MAIL)) == "ask"
    assert verdict(plan, wrap("", MAIL)) == "ask"
    assert book.calls == 2
    assert verdict(book.plan(), wrap("bob@x.example", MAIL)) == "allow"
    assert book.calls == 3


def test_no_plan_that_needs_no_set_loads_one() -> None:
    book = Book()
    plan = book.plan(CONTACTS + '[tools.send]\nallow = "trusted(to) or one_of(to, contacts)"')
    assert verdict(plan, "eve@attacker.example") == "allow"
    assert book.calls == 0


def test_loading_is_in_the_audit_without_values() -> None:
    audit = MemoryAudit()
    plan = Book().plan(audit=audit)
    verdict(plan, wrap("bob@x.example", MAIL))
    told = [record.data for record in audit.records() if '"set"' in record.data]
    assert told == ['{"set":"contacts","state":"loaded","tool":"book"}']
    assert all("bob" not in record.data for record in audit.records())


BROKEN: dict[str, Any] = {
    "raises": RuntimeError("SECRET"),
    "raises a name": type("a SECRET", (Exception,), {})(),
    "text": "bob@x.example",
    "number": 5,
    "numbers": [1, 2],
    "lists": [["bob@x.example"]],
    "no data": object(),
    "too many": [{"mail": "a"}] * 100_001,
}


@pytest.mark.parametrize("records", BROKEN.values(), ids=BROKEN)
def test_a_set_that_cannot_be_loaded_denies(records: Any) -> None:
    book = Book(records)
    plan = book.plan()
    for _ in range(3):
        assert verdict(plan, wrap("bob@x.example", MAIL)) == "P432"
    assert book.calls == 1
    with pytest.raises(PolicyDenied) as caught:
        plan.call("send", to="bob@x.example")
    decision: Any = caught.value.decision
    assert (decision.kind, decision.retryable) == ("transient", True)
    assert "the set contacts" in decision.render()
    assert "SECRET" not in decision.render()


def test_what_others_wrote_is_in_no_set() -> None:
    """An attacker who gets a record into the book is not a contact."""
    records = [{"mail": "bob@x.example", "by": "user"}, {"mail": "eve@attacker.example", "by": "web"}]
    book = Book(records, sources=lambda one: one["by"], own=False, shape=TRUSTED_PUBLIC, believe=True)
    audit = MemoryAudit()
    plan = book.plan(audit=audit)
    assert verdict(plan, wrap("bob@x.example", MAIL)) == "allow"
    assert verdict(plan, wrap("eve@attacker.example", MAIL)) == "ask"
    assert any('"left_out":1' in record.data for record in audit.records())


def test_a_set_of_which_others_decide_what_is_in_it_denies() -> None:
    assert verdict(Book(sources="web").plan(), wrap("bob@x.example", MAIL)) == "P432"
    records = [{"mail": "bob@x.example", "by": "user"}]
    book = Book(records, sources=lambda one: one["by"], own=False, shape=Label({"tool:book"}))
    assert verdict(book.plan(), wrap("bob@x.example", MAIL)) == "P432"


def test_a_set_whose_label_rule_fails_denies() -> None:
    book = Book(sources=lambda one: one["nobody"], own=False, shape=TRUSTED_PUBLIC)
    assert verdict(book.plan(), wrap("bob@x.example", MAIL)) == "P432"


def test_a_set_that_needs_itself_denies() -> None:
    text = CONTACTS + RULE + "[tools.book]\nallow = \"one_of('x', contacts)\""
    book = Book()
    assert verdict(book.plan(text), wrap("bob@x.example", MAIL)) == "P432"
    assert book.calls == 0


def test_whether_a_set_can_be_loaded_does_not_depend_on_the_place() -> None:
    """Else a private condition would show in a later decision."""
    book = Book()
    plan = book.plan(CONTACTS + RULE + '[tools.book]\nallow = "pc_public()"\nask = "False"')
    assert verdict(plan, wrap("bob@x.example", MAIL), pc=SECRET) == "allow"
    assert verdict(plan, wrap("bob@x.example", MAIL)) == "allow"


def test_nothing_is_loaded_to_foresee_or_forecast() -> None:
    book = Book()
    plan = book.plan()
    policy = plan.monitor.policy
    assert policy.foresee("send", SECRET) is None
    unloaded = Policy.load(book.tools, sections=Sections(**tomllib.loads(CONTACTS + RULE)))
    assert unloaded.forecast("send", {"to": view_of("bob@x.example")}, PLAIN) == "depends"
    assert unloaded.forecast("send", {"to": ArgumentView(UNKNOWN)}, PLAIN) == "depends"
    assert book.calls == 0


def test_sets_that_the_policy_writes_out_are_known_before(tmp_path: Path) -> None:
    text = '[sets.contacts]\nvalues = ["bob@x.example", 5]\ndomains = ["Corp.example"]\nown_domain = true\n' + RULE
    plan = Book().plan(text, user="ann@home.example")
    policy = plan.monitor.policy
    for to in ("bob@x.example", "x@corp.example", "bob@home.example", 5):
        assert policy.forecast("send", {"to": view_of(wrap(to, MAIL))}, PLAIN) == "allow"
    for to in (
        "b@x.example",
        "x@corp.example.attacker.example",
        "e@a.example,x@corp.example",
        "5",
        True,
        5.0,
        None,
        [],
    ):
        expected = "allow" if to == [] else "ask"  # an empty list has no receiver who is none of them
        assert policy.forecast("send", {"to": view_of(wrap(to, MAIL))}, PLAIN) == expected, to


def test_a_set_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("# my contacts\nbob@x.example\n\n ann@x.example \n")
    book = Book()
    sections = Sections(**tomllib.loads('[sets.contacts]\nfile = "names.txt"\n' + RULE), folder=str(tmp_path))

    def run() -> Plan:
        policy = Policy.load(book.tools, sections=sections)
        return Plan(Monitor(policy.tools.values(), policy, run=RunInfo("r")))

    plan = run()
    assert verdict(plan, wrap(["bob@x.example", "ann@x.example"], MAIL)) == "allow"
    assert verdict(plan, wrap("# my contacts", MAIL)) == "ask"
    (tmp_path / "names.txt").write_bytes(b"\xff\xfe")
    assert verdict(plan, wrap("bob@x.example", MAIL)) == "allow"
    assert verdict(run(), wrap("bob@x.example", MAIL)) == "P432"
    (tmp_path / "names.txt").unlink()
    assert verdict(run(), wrap("bob@x.example", MAIL)) == "P432"


def test_a_set_that_vouches_and_is_not_there_vouches_for_nothing() -> None:
    book = Book(RuntimeError())
    text = CONTACTS + '[tools.send]\nendorse = {to = ["contacts"]}\nallow = "trusted(to)"'
    assert verdict(book.plan(text), wrap("bob@x.example", MAIL)) == "ask"
    assert verdict(Book().plan(text), wrap("bob@x.example", MAIL)) == "allow"
    assert verdict(Book().plan(text), wrap("eve@attacker.example", MAIL)) == "ask"
