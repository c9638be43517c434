"""The monitor: deciding, calling, labelling, recording, overlapping, budgets, and what no message may hold."""

import json
import threading
from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from ringfence.core.errors import (
    ApprovalRequired,
    AuditError,
    ConfigError,
    LimitExceeded,
    ModelError,
    PolicyDenied,
    QuarantineError,
    RingfenceError,
    RunError,
    ToolError,
)
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.origins import origin_of
from ringfence.core.plain import EnumMember, RecordData
from ringfence.core.values import Dict, List, Origin, deep, label_of, unsafe_plain, wrap
from ringfence.guard.approval import ApproveAll
from ringfence.guard.monitor import Monitor
from ringfence.guard.policy import Policy
from ringfence.guard.run import Budget, RunInfo
from ringfence.guard.tools import Trusted, tool
from ringfence.lang.host import HostCall, Site
from ringfence.schema import EnumType, Field, ListType, RecordType, Scalar

from .guard_plan import MAIL, SECRET, SPAN, Make, Plan

WEB = Label({"tool:web"})


@dataclass
class Note:
    text: str
    tags: list[str]


@tool(effect="read")
def echo(x: Any = None) -> Any:
    return x


@tool
def act(x: Any = None, y: Any = None) -> str:
    return "done"


def records(plan: Plan, kind: str | None = None) -> list[dict[str, Any]]:
    found = plan.monitor.audit.records()
    return [json.loads(record.data) for record in found if kind is None or record.kind == kind]


# Calling


def test_a_call_is_decided_recorded_made_and_recorded(make: Make) -> None:
    plan = make([act])
    assert unsafe_plain(plan.call("act", x=1)) == "done"
    kinds = [(record.kind, json.loads(record.data).get("state")) for record in plan.monitor.audit.records()]
    assert kinds == [("decision", None), ("call", "started"), ("call", "done")]
    decision = records(plan, "decision")[0]
    assert decision["verdict"] == "allow"
    assert decision["rules"] == ["default.write"]
    assert decision["labels"] == {"x": {"sources": [], "readers": "everyone"}}
    assert plan.monitor.audit.verify().ok
    assert [(made.index, made.tool, made.arguments, made.verdict, made.rules) for made in plan.monitor.calls] == [
        (0, "act", {"x": 1}, "allow", ("default.write",))
    ]


def test_a_result_is_labelled_by_the_monitor(make: Make) -> None:
    value = make([echo]).call("echo", x=wrap(["a"], MAIL))
    assert deep(value) is Label({"tool:echo"} | MAIL.sources, {"user"})
    assert origin_of(value) == Origin(0)


def test_a_tool_cannot_change_what_a_plan_has_seen(make: Make) -> None:
    kept: list[Any] = ["a", {"k": ["b"]}, Note("t", ["x"])]

    @tool(effect="read")
    def keeper() -> Any:
        return kept

    value = make([keeper]).call("keeper")
    kept[1]["k"].append("changed")
    kept[2].tags.append("changed")
    kept.append("changed")
    assert unsafe_plain(value) == ["a", {"k": ["b"]}, RecordData("Note", {"text": "t", "tags": ["x"]})]


def test_a_tool_cannot_change_the_plans_values_or_the_report(make: Make) -> None:
    @tool(effect="write")
    def spoil(x: Any) -> None:
        x.append("changed")
        x[0]["k"] = "changed"

    plan = make([spoil])
    argument = List([Dict({"k": "v"})])
    plan.call("spoil", x=argument)
    assert unsafe_plain(argument) == [{"k": "v"}]
    assert plan.monitor.calls[0].arguments == {"x": [{"k": "v"}]}


def test_what_a_plan_changes_later_does_not_reach_a_read_on_its_way(make: Make) -> None:
    begin = threading.Event()

    @tool(effect="read")
    def slow(x: Any) -> Any:
        begin.wait(10)
        return x

    plan = make([slow])
    argument = List(["a"])
    pending = plan.send("slow", x=argument)
    argument.items[0] = "changed"
    begin.set()
    assert unsafe_plain(pending.result()) == ["a"]


def test_the_tools_of_the_policy_are_the_ones_that_count(make: Make) -> None:
    plan = make([act], table={"act": {"effect": "read"}})
    plan.call("act", x=wrap(1, MAIL))
    assert plan.monitor.signatures["act"].effect == "read"
    with pytest.raises(ConfigError) as caught:
        Monitor([act], Policy.load([]), run=RunInfo("r"))
    assert caught.value.code == "C503"


@pytest.mark.parametrize("user", ["", "x" * 2_000])
def test_a_user_has_a_name(make: Make, user: str) -> None:
    with pytest.raises(ConfigError):
        make([act], user=user)


def test_a_tool_that_is_not_there_is_denied(make: Make) -> None:
    with pytest.raises(PolicyDenied) as caught:
        make([act]).call("delete_everything")
    assert caught.value.code == "P401"


# Deciding


def test_a_denial_stops_the_call_and_tells_no_value(make: Make) -> None:
    plan = make([act], table={"act": {"allow": "trusted(x)", "ask": "False"}})
    with pytest.raises(PolicyDenied) as caught:
        plan.call("act", x=wrap("SECRET-VALUE", MAIL))
    error = caught.value
    assert (error.code, error.span, str(error)) == ("P401", SPAN, "act is denied (act.allow)")
    assert error.decision.verdict == "deny"  # type: ignore[attr-defined]
    assert plan.monitor.calls == []
    assert records(plan, "call") == []
    assert [one["verdict"] for one in records(plan, "decision")] == ["deny"]


def test_strict_asks_nobody(make: Make) -> None:
    plan = make([act], mode="strict", approver=ApproveAll())
    with pytest.raises(PolicyDenied):
        plan.call("act", x=wrap(1, MAIL))


def test_observe_never_blocks_and_records_what_would_have_been(make: Make) -> None:
    plan = make([act, echo], mode="observe", table={"act": {"allow": "len(x) > 0", "ask": "False"}})
    plan.call("act", x=3)
    plan.call("act", x="a")
    plan.monitor.foresee(Site(0, "act", SPAN), "nothing", SECRET)
    assert [made.verdict for made in plan.monitor.calls] == ["deny", "allow"]
    assert [(one["verdict"], one["code"], one.get("mode")) for one in records(plan, "decision")] == [
        ("deny", "P404", "observe"),
        ("allow", None, "observe"),
        ("deny", "P401", "observe"),
    ]
    assert plan.monitor.reply(wrap("x", Label((), {"bob"}))) == "x"


def test_foresee_stops_before_an_arm_is_chosen(make: Make) -> None:
    plan = make([act], mode="strict")
    plan.monitor.foresee(Site(0, "act", SPAN), "act", TRUSTED_PUBLIC)
    with pytest.raises(PolicyDenied) as caught:
        plan.monitor.foresee(Site(0, "act", SPAN), "act", SECRET)
    assert (caught.value.code, caught.value.span) == ("P403", SPAN)
    assert [one["foreseen"] for one in records(plan, "decision")] == [True]


def test_literals_are_known_by_site(make: Make) -> None:
    table = {"act": {"allow": "literal(x)", "ask": "False"}}
    plan = make([act], table=table, literals={0: frozenset({"x"})})
    plan.call("act", x="a")
    with pytest.raises(PolicyDenied):
        plan.call("act", x="a")  # another site
    plan = make([act], table=table)
    plan.monitor.planned("h", {0: frozenset({"x"})})
    assert plan.monitor.run.plan_hash == "h"
    with pytest.raises(PolicyDenied):
        plan.call("act", x=wrap("a", MAIL))


def test_verbatim_is_an_untouched_projection(make: Make) -> None:
    plan = make([act], table={"act": {"allow": "verbatim(x)", "ask": "False"}})
    plan.call("act", x=wrap("a", MAIL, Origin(3, ("k",))))
    with pytest.raises(PolicyDenied):
        plan.call("act", x=wrap("a", MAIL))


# Arguments that do not fit


@tool
def typed(to: Annotated[list[str], Trusted], count: int = 1) -> None: ...


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"to": "SECRET-VALUE"}, "typed: to: expected list[str]"),
        ({"to": wrap(["a", 7], SECRET)}, "typed: to[1]: expected str"),
        ({"to": List([]), "count": "SECRET-VALUE"}, "typed: count: expected int"),
        ({"to": List([]), "count": True}, "typed: count: expected int"),
        ({"to": print}, "an argument of typed is not data"),
        ({"to": List([print])}, "an argument of typed is not data"),
        ({}, "typed: to: expected an argument, and there is none"),
        ({"to": List([]), "SECRET-VALUE": 1}, "typed: an argument: expected a parameter that the tool has"),
    ],
)
def test_arguments_that_do_not_fit_are_named_and_not_quoted(make: Make, arguments: Any, message: str) -> None:
    plan = make([typed])
    with pytest.raises(ToolError) as caught:
        plan.call("typed", pc=WEB, **arguments)
    error = caught.value
    assert (error.code, error.message, error.span) == ("E332", message, SPAN)
    assert WEB.flows_to(error.label)
    assert all(deep(value).flows_to(error.label) for value in arguments.values())
    assert plan.monitor.calls == []


def test_an_argument_that_contains_itself_does_not_fit(make: Make) -> None:
    loop = List([1])
    loop.items.append(loop)
    with pytest.raises(ToolError) as caught:
        make([act]).call("act", x=loop)
    assert caught.value.code == "E332"


def test_a_small_graph_that_is_huge_when_it_is_sent_is_a_limit(make: Make) -> None:
    bomb: Any = 1
    for _ in range(60):
        bomb = List([bomb, bomb])
    with pytest.raises(LimitExceeded) as caught:
        make([act]).call("act", x=bomb)
    assert caught.value.limit == "arguments"


def test_very_deep_arguments_are_refused_and_not_crashed_on(make: Make) -> None:
    nested: Any = "SECRET-VALUE"
    for _ in range(20_000):
        nested = List([nested])
    with pytest.raises(ToolError) as caught:
        make([act]).call("act", x=nested)
    assert caught.value.code == "E332"


# Tools that fail


class Stop(BaseException):
    pass


class Quiet(Exception):
    def __str__(self) -> str:
        raise RuntimeError("SECRET-VALUE")


@pytest.mark.parametrize(
    "problem",
    [
        ValueError("SECRET-VALUE"),
        SystemExit("SECRET-VALUE"),
        GeneratorExit("SECRET-VALUE"),
        Stop("SECRET-VALUE"),
        StopIteration("SECRET-VALUE"),
        Quiet(),
        ApprovalRequired("SECRET-VALUE"),
        PolicyDenied("SECRET-VALUE"),
        RunError("SECRET-VALUE"),
        AuditError("SECRET-VALUE"),
        type("SECRET VALUE ", (Exception,), {})("SECRET-VALUE"),
    ],
    ids=lambda problem: type(problem).__name__,
)
@pytest.mark.parametrize("effect", ["read", "write"])
def test_whatever_a_tool_raises_is_a_tool_error_without_its_text(
    make: Make, problem: BaseException, effect: Any
) -> None:
    @tool(effect=effect)
    def fail(x: Any = None) -> None:
        raise problem

    plan = make([fail])
    with pytest.raises(ToolError) as caught:
        plan.call("fail", pc=WEB, x=wrap(1, Label({"user"})))
    error = caught.value
    assert (error.code, error.tool, error.span) == ("E330", "fail", SPAN)
    assert "SECRET" not in error.render()
    assert error.label is Label({"tool:fail", "tool:web", "user"}, {"user"})
    assert deep(error.detail) is error.label
    assert error.__cause__ is None
    assert error.__suppress_context__
    assert [one["code"] for one in records(plan, "call") if one["state"] == "failed"] == ["E330"]
    assert "SECRET" not in json.dumps(records(plan))


def test_the_text_of_a_failure_is_a_labelled_value(make: Make) -> None:
    @tool
    def fail() -> None:
        raise ValueError("no such mailbox" + "!" * 50_000)

    with pytest.raises(ToolError) as caught:
        make([fail]).call("fail")
    text = unsafe_plain(caught.value.detail)
    assert isinstance(text, str)
    assert text.startswith("no such mailbox!")
    assert len(text) == 10_000


@pytest.mark.parametrize("result", [object(), print, (i for i in [1]), {1: object()}, "text", [1, "SECRET-VALUE"]])
def test_what_a_tool_returns_must_be_data_of_its_type(make: Make, result: Any) -> None:
    @tool
    def give() -> list[int]:
        return result

    with pytest.raises(ToolError) as caught:
        make([give]).call("give")
    assert caught.value.code == "E331"
    assert "SECRET-VALUE" not in caught.value.render()
    assert "SECRET-VALUE" not in str(unsafe_plain(caught.value.detail))


def test_a_result_that_contains_itself_is_no_data(make: Make) -> None:
    @tool
    def give() -> Any:
        loop: list[Any] = []
        loop.append(loop)
        return loop

    with pytest.raises(ToolError) as caught:
        make([give]).call("give")
    assert caught.value.code == "E331"


def test_a_person_who_stops_the_process_is_not_a_failing_tool(make: Make) -> None:
    @tool
    def interrupted() -> None:
        raise KeyboardInterrupt

    plan = make([interrupted])
    with pytest.raises(KeyboardInterrupt):
        plan.call("interrupted")
    assert [entry.state for entry in plan.monitor.journal.entries()] == ["started"]


# Overlap


def test_reads_overlap(make: Make) -> None:
    together = threading.Barrier(3)

    @tool(effect="read")
    def meet(x: int) -> int:
        together.wait(20)  # only passes when all three are here at once
        return x

    plan = make([meet])
    pending = [plan.send("meet", x=number) for number in range(3)]
    assert [unsafe_plain(one.result()) for one in pending] == [0, 1, 2]
    assert [unsafe_plain(one.result()) for one in pending] == [0, 1, 2]
    assert [entry.index for entry in plan.monitor.journal.entries()] == [0, 1, 2]
    assert plan.monitor.audit.verify().ok


def test_no_more_reads_at_once_than_workers(make: Make) -> None:
    lock = threading.Lock()
    most = [0, 0]
    release = threading.Event()

    @tool(effect="read")
    def count(x: int) -> int:
        with lock:
            most[0] += 1
            most[1] = max(most)
            if most[0] == 2:
                release.set()
        release.wait(20)
        with lock:
            most[0] -= 1
        return x

    plan = make([count], workers=2)
    pending = [plan.send("count", x=number) for number in range(12)]
    assert [unsafe_plain(one.result()) for one in pending] == list(range(12))
    assert most[1] == 2


def test_writes_are_made_in_order_by_the_caller(make: Make) -> None:
    order: list[int] = []
    threads = set()

    @tool
    def push(x: int) -> None:
        order.append(x)
        threads.add(threading.current_thread())

    plan = make([push])
    for number in range(5):
        plan.send("push", x=number)
    assert order == [0, 1, 2, 3, 4]
    assert threads == {threading.current_thread()}


def test_a_read_that_fails_raises_when_its_result_is_needed(make: Make) -> None:
    @tool(effect="read")
    def fail() -> None:
        raise ValueError

    pending = make([fail]).send("fail")
    for _ in range(2):
        with pytest.raises(ToolError):
            pending.result()


def test_a_closed_monitor_begins_no_reads(make: Make) -> None:
    release = threading.Event()

    @tool(effect="read")
    def slow() -> None:
        release.wait(20)

    plan = make([slow], workers=1)
    first, second = plan.send("slow"), plan.send("slow")
    plan.monitor.close()
    with pytest.raises(RunError):
        second.result()
    release.set()
    first.result()
    with pytest.raises(RunError):
        plan.send("slow")


# Budgets


def test_calls_are_limited_in_all_and_per_tool(make: Make) -> None:
    plan = make([act, echo], budget=Budget(calls=4, per_tool={"act": 2}))
    plan.call("act")
    plan.call("act")
    with pytest.raises(LimitExceeded) as caught:
        plan.call("act", pc=WEB)
    assert (caught.value.limit, caught.value.label) == ("calls of act", WEB)
    plan.call("echo")
    with pytest.raises(LimitExceeded) as caught:
        plan.call("echo")
    assert caught.value.limit == "calls"
    assert len(plan.monitor.calls) == 3


# The quarantined model


class Scripted:
    """A quarantined model that says what it is told to, and keeps what it was given."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.seen: list[tuple[str, tuple[str, ...]]] = []

    def read(self, instruction: str, data: tuple[str, ...], schema: Any) -> Any:
        self.seen.append((instruction, data))
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def test_what_comes_out_is_as_untrusted_and_private_as_what_went_in(make: Make) -> None:
    model = Scripted("summary")
    value = make([], quarantine=model).quarantine(
        wrap("summarise", Label({"user"})), wrap("one", MAIL), wrap(["two", 3], WEB)
    )
    assert label_of(value) is Label({"user", "tool:web"} | MAIL.sources, {"user"})
    assert unsafe_plain(value) == "summary"
    assert origin_of(value) is None
    assert model.seen == [("summarise", ("one", '[\n "two",\n 3\n]'))]


def test_the_models_answer_is_validated_here_too(make: Make) -> None:
    kind = RecordType("Bill", (Field("total", Scalar("int")), Field("level", EnumType("Level", (("LOW", "low"),)))))
    plan = make([], quarantine=Scripted({"total": 3, "level": "low"}, {"total": "SECRET-VALUE", "level": "low"}))
    assert unsafe_plain(plan.quarantine("i", wrap("d", MAIL), returns=kind)) == RecordData(
        "Bill", {"total": 3, "level": EnumMember("Level", "LOW", "low")}
    )
    with pytest.raises(QuarantineError) as caught:
        plan.quarantine("i", wrap("d", MAIL), returns=kind)
    assert caught.value.label is MAIL
    assert "SECRET-VALUE" not in caught.value.render()


@pytest.mark.parametrize(
    ("problem", "raised", "code"),
    [
        (QuarantineError("SECRET-VALUE"), QuarantineError, "E340"),
        (ModelError("unreachable"), ModelError, "E360"),
        (ValueError("SECRET-VALUE"), QuarantineError, "E340"),
        (KeyError("SECRET-VALUE"), QuarantineError, "E340"),
    ],
)
def test_a_model_that_fails(make: Make, problem: Exception, raised: type[RingfenceError], code: str) -> None:
    plan = make([], quarantine=Scripted(problem))
    with pytest.raises(raised) as caught:
        plan.quarantine("i", wrap("d", MAIL))
    assert caught.value.code == code
    assert "SECRET-VALUE" not in caught.value.render()


def test_without_a_model_it_says_how_to_get_one(make: Make) -> None:
    with pytest.raises(ModelError) as caught:
        make([]).quarantine("i", wrap("d", MAIL))
    assert caught.value.code == "E361"


def test_quarantined_calls_overlap(make: Make) -> None:
    together = threading.Barrier(2)

    class Meeting:
        def read(self, instruction: str, data: tuple[str, ...], schema: Any) -> Any:
            together.wait(20)
            return data[0]

    from ringfence.lang.host import SchemaValue

    plan = make([], quarantine=Meeting())
    pending = [
        plan.send("quarantine", instruction="i", data=(wrap(text, MAIL),), returns=SchemaValue(Scalar("str")))
        for text in ("a", "b")
    ]
    assert [unsafe_plain(one.result()) for one in pending] == ["a", "b"]


def test_texts_are_not_grounded_unless_the_configuration_says_so(make: Make) -> None:
    inputs = wrap("mail me: bob@x.example", MAIL, Origin(3)), wrap("a page", WEB, Origin(4))
    value = make([], quarantine=Scripted("a page")).quarantine("i", *inputs)
    assert (deep(value), origin_of(value)) == (MAIL.join(WEB), None)


def test_a_grounded_text_has_the_readers_of_its_input_and_the_sources_of_all(make: Make) -> None:
    inputs = wrap("mail me: bob@x.example", MAIL, Origin(3)), wrap("a page", WEB, Origin(4))
    plan = make(
        [],
        quarantine=Scripted("a page", "page", "mail", "a", RecordData("R", {"x": "page", "y": "other"})),
        grounding=True,
    )
    for _ in range(2):
        value = plan.quarantine("i", *inputs)
        assert deep(value) is Label(MAIL.sources | WEB.sources)  # an untrusted input may have chosen it
        assert origin_of(value) == Origin(4)
    assert origin_of(plan.quarantine("i", *inputs)) == Origin(3)
    assert origin_of(plan.quarantine("i", *inputs)) is None  # "a" stands in both
    kind = RecordType("R", (Field("x", Scalar("str")), Field("y", Scalar("str"))))
    record: Any = plan.quarantine("i", *inputs, returns=kind)
    assert deep(record) is MAIL.join(WEB)
    assert deep(record.fields["x"]) is Label(MAIL.sources | WEB.sources)
    assert deep(record.fields["y"]) is MAIL.join(WEB)
    assert [one["grounded"] for one in records(plan, "call") if "grounded" in one] == [1, 1, 1, 1]


def test_a_list_of_texts_is_not_grounded(make: Make) -> None:
    inputs = wrap("first text", MAIL), wrap("second text", WEB)
    plan = make([], quarantine=Scripted(["second text"]), grounding=True)
    assert label_of(plan.quarantine("i", *inputs, returns=ListType(Scalar("str")))) is MAIL.join(WEB)


# Privileged models and the answer


def test_the_planner_is_given_trusted_text_only(make: Make) -> None:
    plan = make([act])
    asked: list[str] = []

    def ask(text: str) -> str:
        asked.append(text)
        return "a plan"

    answer = plan.monitor.consult("planner", wrap("request", Label({"user"}, {"user"})), ask)
    assert (unsafe_plain(answer), label_of(answer)) == ("a plan", Label({"user"}, {"user"}))
    with pytest.raises(PolicyDenied) as caught:
        plan.monitor.consult("planner", wrap("SECRET-VALUE", MAIL), ask)
    assert caught.value.code == "P405"
    assert asked == ["request"]
    assert [(one["role"], one["verdict"]) for one in records(plan, "model")] == [
        ("planner", "allow"),
        ("planner", "deny"),
    ]
    assert "SECRET-VALUE" not in json.dumps(records(plan))


def test_the_planner_is_given_trusted_text_only_when_observing_too(make: Make) -> None:
    with pytest.raises(PolicyDenied):
        make([], mode="observe").monitor.consult("planner", wrap("x", MAIL), lambda text: text)


def test_what_the_composer_says_is_as_private_as_what_it_was_given(make: Make) -> None:
    answer = make([]).monitor.consult("composer", wrap("results", MAIL), lambda text: text.upper())
    assert (unsafe_plain(answer), label_of(answer)) == ("RESULTS", MAIL)


def test_a_prompt_is_text(make: Make) -> None:
    with pytest.raises(ConfigError):
        make([]).monitor.consult("composer", wrap(["x"], MAIL), lambda text: text)


def test_the_answer_is_for_the_user(make: Make) -> None:
    plan = make([])
    assert plan.monitor.reply(wrap(["for you"], MAIL)) == ["for you"]
    with pytest.raises(PolicyDenied) as caught:
        plan.monitor.reply(wrap(["x", wrap("SECRET-VALUE", Label((), {"bob"}))], MAIL))
    assert caught.value.code == "P406"
    assert "SECRET-VALUE" not in json.dumps(records(plan)) + caught.value.render()
    assert [one["verdict"] for one in records(plan, "answer")] == ["allow", "deny"]


# No record, no call


def test_no_record_no_call(make: Make) -> None:
    called: list[int] = []

    @tool
    def push(x: int) -> None:
        called.append(x)

    class Full:
        def __init__(self) -> None:
            self.left = 1

        def append(self, *args: Any, **kwargs: Any) -> None:
            self.left -= 1
            if self.left < 0:
                raise AuditError("the disk is full")

    for left in range(2):  # neither the decision nor the start can be written
        audit = Full()
        audit.left = left
        with pytest.raises(AuditError):
            make([push], audit=audit).call("push", x=1)
    assert called == []


def test_no_journal_no_write(make: Make) -> None:
    called: list[int] = []

    @tool
    def push(x: int) -> None:
        called.append(x)

    class Full:
        def find(self, index: int) -> None:
            return None

        def start(self, entry: Any) -> None:
            raise AuditError("the disk is full")

    with pytest.raises(AuditError):
        make([push], journal=Full()).call("push", x=1)
    assert called == []


def test_no_message_holds_a_value(make: Make) -> None:
    """Every way out of a call, with a value that must show up in none of them."""

    @tool
    def fail(x: Any = None) -> Any:
        raise ValueError(x)

    plan = make([fail, act], table={"act": {"allow": "x < 3", "ask": "False"}})
    seen = []
    for name, label in [("fail", Label({"user"})), ("fail", MAIL), ("act", MAIL), ("none", MAIL)]:
        try:
            plan.call(name, x=wrap("SECRET-VALUE", label))
        except (RingfenceError, ApprovalRequired) as error:
            seen.append(str(error) + repr(error) + (error.render() if isinstance(error, RingfenceError) else ""))
    assert len(seen) == 4
    assert "SECRET-VALUE" not in "".join(seen)
    assert "SECRET-VALUE" not in json.dumps([record.data for record in plan.monitor.audit.records()])


def test_a_hostcall_is_what_the_engine_makes() -> None:
    call = HostCall(0, Site(0, "act", SPAN), "act", {}, TRUSTED_PUBLIC)
    with Monitor([act], Policy.load([act]), run=RunInfo("r")) as monitor:
        assert unsafe_plain(monitor.call(call)) == "done"
