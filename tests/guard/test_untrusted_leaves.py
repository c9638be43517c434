"""No untrusted leaf reaches a parameter that must be trusted unless a person approved exactly that."""

import json
from typing import Annotated, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.core.errors import ApprovalRefused, ApprovalRequired, PolicyDenied
from ringfence.core.labels import Label
from ringfence.core.values import Value, deep, wrap
from ringfence.guard.audit import MemoryAudit
from ringfence.guard.journal import argument_digest, value_digest
from ringfence.guard.monitor import Monitor
from ringfence.guard.policy import TRUSTED_SOURCES, Policy
from ringfence.guard.run import RunInfo
from ringfence.guard.sections import Sections
from ringfence.guard.tools import Trusted, tool

from .guard_plan import Plan

MADE: list[str] = []


@tool
def annotated(x: Annotated[Any, Trusted], note: Annotated[Any, Trusted] = None) -> None:
    MADE.append("annotated")


@tool
def plain(x: Any, note: Any = None) -> None:
    MADE.append("plain")


@tool
def ruled(x: Any, note: Any = None) -> None:
    MADE.append("ruled")


@tool
def send_email(x: Any, to: Any = None, subject: Any = None, note: Any = None) -> None:
    MADE.append("send_email")


TOOLS = [annotated, plain, ruled, send_email]
SECTIONS = Sections(
    tools={"ruled": {"allow": "trusted(x) and trusted(note)"}, "*": {"deny": "len('') > 1"}},
    packs=("mail", "payments"),
    sets={"few": {"values": ["never"]}},
    groups={"all": ["*@x.example"]},
)
LABELS = st.sampled_from(
    [
        Label(), Label({"user"}), Label({"developer"}, {"user"}), Label({"tool:web"}),
        Label({"tool:inbox", "email:eve@attacker.example"}, {"user"}), Label({"unknown"}), Label({"user", "tool:web"}),
    ]
)  # fmt: skip
LEAVES = st.tuples(st.one_of(st.text(max_size=3), st.integers(), st.booleans(), st.none()), LABELS)
VALUES = st.recursive(
    LEAVES.map(lambda pair: wrap(*pair)),
    lambda inner: st.one_of(
        st.tuples(st.lists(inner, max_size=3), LABELS).map(lambda pair: wrap(pair[0], pair[1])),
        st.tuples(st.dictionaries(st.text(max_size=2), inner, max_size=2), LABELS).map(lambda p: wrap(p[0], p[1])),
    ),
    max_leaves=5,
)
CALLS = st.lists(
    st.tuples(st.sampled_from([one.name for one in TOOLS]), VALUES, VALUES, st.sampled_from([True, False, None])),
    min_size=1,
    max_size=5,
)


class Person:
    """Says to each question what the example says, and vouches for values or not."""

    def __init__(self) -> None:
        self.answer: bool | None = None
        self.vouches = False

    def decide(self, request: Any) -> Any:
        if self.answer is None:
            return None
        return request.approve(endorse=self.vouches) if self.answer else request.reject()


@settings(max_examples=150, deadline=None)
@given(CALLS, st.sampled_from(["enforce", "strict"]), st.booleans())
def test_no_untrusted_leaf_reaches_a_trusted_parameter_unapproved(calls: Any, mode: Any, vouches: bool) -> None:
    policy = Policy.load(TOOLS, mode=mode, sections=SECTIONS)
    audit, person = MemoryAudit(), Person()
    person.vouches = vouches
    plan = Plan(Monitor(policy.tools.values(), policy, run=RunInfo("r"), audit=audit, approver=person))
    vouched: set[tuple[str, str, str]] = set()
    for name, x, note, answer in calls:
        person.answer = answer
        arguments: dict[str, Value] = {"x": x, "note": note}
        seen = len(MADE)
        try:
            plan.call(name, **arguments)
        except (ApprovalRequired, ApprovalRefused, PolicyDenied):
            assert len(MADE) == seen
            continue
        digest = argument_digest(name, arguments)[0]
        approved = digest in approvals(audit)
        for key, value in arguments.items():
            trusted = deep(value).trusted(TRUSTED_SOURCES)
            assert trusted or approved or (name, key, value_digest(value)) in vouched
        if approved and vouches:
            vouched |= {(name, key, value_digest(value)) for key, value in arguments.items()}
    plan.monitor.close()


def approvals(audit: MemoryAudit) -> set[str]:
    """The digests of all calls that were approved."""
    data = [json.loads(record.data) for record in audit.records() if record.kind == "approval"]
    return {one["digest"] for one in data if one["outcome"] == "approved"}
