"""Approving a plan before it starts, answers from functions, modes, bypasses, a policy that changes meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence import ConfigError, Firewall, ReadersOf, Trusted, labels, open_store, tool
from ringfence.guard.approval import PLAN, Answer, ApprovalRequest
from ringfence.guard.bypass import made
from ringfence.guard.clock import now, ticks
from ringfence.session.approving import POLICY_CHANGED, AskAsync
from ringfence.session.result import Result
from ringfence.stores import MemoryStore, Store

sent: list[Any] = []
mail = ["hello"]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    sent.clear()
    mail[:] = ["hello"]
    yield
    mail[:] = ["hello"]


@tool(effect="read", returns=labels(sources="email:eve@x", readers=("user",)))
def read_mail() -> list[str]:
    """Mail."""
    return list(mail)


@tool(effect="read")
def read_file(name: str) -> str:
    """A file."""
    return f"content of {name}"


@tool
def send(to: Annotated[list[str], Trusted | ReadersOf("body")], body: Annotated[str, Trusted] = "") -> None:
    """Send a mail."""
    sent.append((to, body))


TOOLS = [read_mail, read_file, send]


class Person:
    """Says what it is told to, to the plan and to calls, and keeps what it was asked."""

    def __init__(self, plan: Any = (), calls: Any = None) -> None:
        self.plan, self.calls = plan, calls
        self.asked: list[ApprovalRequest] = []

    def decide(self, request: ApprovalRequest) -> Answer | None:
        self.asked.append(request)
        if request.index == PLAN:
            if self.plan == "all":
                return request.accept("ann", request.endorsable)
            return request.accept("ann", self.plan) if isinstance(self.plan, tuple) else self.plan
        return request.approve("ann", endorse=False) if self.calls is True else self.calls


def run(plan: str, person: Person, **more: Any) -> Result:
    with Firewall(TOOLS, approver=person, approve_plan=True, **more) as firewall:
        return firewall.exec(plan)


SEND = "send(['bob@x'], read_mail()[0])\nanswer('done')"


def test_a_yes_to_the_plan_that_took_it_unseen_covers_the_call() -> None:
    person = Person("all")
    result = run(SEND, person)
    assert (result.outcome, sent) == ("completed", [(["bob@x"], "hello")])
    assert [request.index for request in person.asked] == [PLAN]
    assert result.questions == 1
    assert [(made.tool, made.verdict) for made in result.calls] == [("read_mail", "allow"), ("send", "ask")]


def test_what_nobody_took_unseen_is_asked_about_in_the_run() -> None:
    person = Person((), True)
    result = run(SEND, person)
    assert (result.outcome, result.questions) == ("completed", 2)
    assert [request.index for request in person.asked] == [PLAN, 1]


def test_the_question_shows_literals_as_they_are_and_where_the_rest_comes_from() -> None:
    person = Person()
    run(SEND, person)
    (call,) = person.asked[0].preview.calls
    shown = {one.name: (one.form, one.text, one.trusted) for one in call.arguments}
    assert shown == {
        "to": ("json", '["bob@x"]', True),
        "body": ("unseen", "whatever comes from read_mail (line 1)", False),
    }
    assert person.asked[0].endorsable == ("1.body",)
    assert "    not known yet: whatever comes from read_mail (line 1)" in person.asked[0].preview.render().split("\n")


def test_a_no_to_the_plan_ends_it_before_it_starts() -> None:
    class No(Person):
        def decide(self, request: ApprovalRequest) -> Answer | None:
            return request.reject("ann")

    result = run(SEND, No())
    assert (result.outcome, result.error.code, result.calls) == ("denied", "P420", ())  # type: ignore[union-attr]


def test_each_call_that_was_shown_counts_once() -> None:
    plan = "for text in read_mail():\n    send(['bob@x'], text)\nanswer('done')"
    mail[:] = ["one", "two"]
    person = Person("all", True)
    result = run(plan, person)
    assert (result.outcome, sent) == ("completed", [(["bob@x"], "one"), (["bob@x"], "two")])
    assert [request.index for request in person.asked] == [PLAN, 2]


def test_a_call_that_asks_for_another_reason_than_was_told_is_asked_about() -> None:
    """Who receives it is not known before the run, and nobody took that unseen."""
    plan = (
        "to = ['bob@x']\nif len(read_mail()) == 1:\n    to = [read_mail()[0]]\nsend(to, read_mail()[0])\nanswer('done')"
    )
    person = Person(("3.body",), True)
    result = run(plan, person)
    assert result.outcome == "completed"
    assert len(person.asked) == 2


def test_a_plan_without_questions_asks_none() -> None:
    person = Person(None)
    assert run("answer(read_file('a'))", person).outcome == "completed"
    assert person.asked == []
    assert run("send(['bob@x'], 'mine')", person).outcome == "completed"
    assert person.asked == []


@pytest.mark.parametrize("mode", ["observe", "strict"])
def test_only_enforce_asks_about_plans(mode: Any) -> None:
    person = Person("all")
    outcome = run(SEND, person, mode=mode).outcome
    assert (outcome, person.asked) == ("completed" if mode == "observe" else "denied", [])


def test_a_run_waits_for_its_plan_and_goes_on_elsewhere(tmp_path: Any) -> None:
    place = tmp_path / "s.db"
    with Firewall(TOOLS, store=place, approve_plan=True) as firewall:
        waiting = firewall.exec(SEND)
    assert (waiting.outcome, waiting.calls) == ("waiting", ())
    assert waiting.approval is not None
    with Firewall(TOOLS, store=place) as other:
        assert other.resume(waiting.run_id).outcome == "waiting"  # it was begun with a question about its plan
        other.approve(waiting.approval, by="ann", unseen=["1.body"])
        again = other.resume(waiting.run_id)
    assert (again.outcome, again.questions, sent) == ("completed", 1, [(["bob@x"], "hello")])
    with open_store(place) as store:
        assert [(one.state, one.by) for one in store.approvals().list()] == [("approved", "ann"), ("used", "ann")]


def test_what_was_taken_unseen_is_taken_once_also_after_a_restart(tmp_path: Any) -> None:
    plan = "for text in read_mail():\n    send(['bob@x'], text)\nanswer('done')"
    mail[:] = ["one", "two"]
    with Firewall(TOOLS, store=tmp_path / "s.db", approve_plan=True, approver=Person("all")) as firewall:
        waiting = firewall.exec(plan)
        assert (waiting.outcome, len(sent)) == ("waiting", 1)
        assert firewall.resume(waiting.run_id).outcome == "waiting"
    assert len(sent) == 1


def test_a_yes_to_a_plan_ends_with_its_time(tmp_path: Any) -> None:
    class Late(Person):
        def decide(self, request: ApprovalRequest) -> Answer | None:
            if request.index == PLAN:
                return super().decide(request)
            assert self.store is not None
            return None

        store: Store | None = None

    store = MemoryStore()
    with Firewall(TOOLS, store=store, approve_plan=True, approver=Late("all")) as firewall:
        first = firewall.exec("x = read_mail()[0]\nsend(['a@x'], x)\nanswer('done')")
        assert first.outcome == "completed"
    (asked, _) = store.approvals().list()
    assert asked.state == "approved"
    assert store.approvals().ask(asked.request, now() + timedelta(minutes=16)).state == "expired"


# Functions that answer


def test_a_function_answers() -> None:
    with Firewall(TOOLS, approver=lambda request: request.tool == "send") as firewall:
        assert firewall.exec(SEND).outcome == "completed"
    with Firewall(TOOLS, approver=lambda request: False) as firewall:
        assert firewall.exec(SEND).outcome == "denied"
    with Firewall(TOOLS, approver=lambda request: request.edit("ann", {"body": '"mine"'})) as firewall:
        assert firewall.exec(SEND).outcome == "completed"
    assert sent == [(["bob@x"], "hello"), (["bob@x"], "mine")]


async def test_an_async_function_answers_in_the_loop_of_its_program() -> None:
    seen = []

    async def answer(request: ApprovalRequest) -> bool:
        seen.append(asyncio.get_running_loop())
        await asyncio.sleep(0)
        return True

    with Firewall(TOOLS, approver=answer) as firewall:
        assert (await firewall.aexec(SEND)).outcome == "completed"
        assert seen == [asyncio.get_running_loop()]
        with pytest.raises(ConfigError):  # it would wait for itself
            firewall.exec(SEND)


def test_an_async_function_answers_without_a_loop() -> None:
    async def answer(request: ApprovalRequest) -> bool:
        return True

    with Firewall(TOOLS, approver=answer) as firewall:
        assert firewall.exec(SEND).outcome == "completed"


def test_an_async_function_that_never_answers_lets_the_run_wait() -> None:
    async def answer(request: ApprovalRequest) -> bool:
        await asyncio.sleep(3600)
        return True

    with Firewall(TOOLS) as firewall:
        asked = firewall.exec(SEND).approval
    assert asked is not None
    assert AskAsync(answer).decide(replace(asked, expires=now() + timedelta(seconds=0.05))) is None


def test_what_is_no_approver_is_refused() -> None:
    for what in (1, "yes", object()):
        with pytest.raises(ConfigError):
            Firewall(TOOLS, approver=what)  # type: ignore[arg-type]
    with pytest.raises(ConfigError) as caught:
        Firewall(TOOLS, minutes=0)
    assert caught.value.code == "C541"


def test_a_question_waits_as_long_as_it_may() -> None:
    with Firewall(TOOLS, minutes=60) as firewall:
        asked = firewall.exec(SEND).approval
    assert asked is not None
    assert timedelta(minutes=59) < asked.expires - now() <= timedelta(minutes=60)


def test_edits_through_the_library() -> None:
    with Firewall(TOOLS) as firewall:
        waiting = firewall.exec(SEND)
        assert waiting.approval is not None
        firewall.edit(waiting.approval, {"body": "mine", "to": ["ann@x"]}, by="ann")
        assert firewall.resume(waiting.run_id).outcome == "completed"
    assert sent == [(["ann@x"], "mine")]


# A policy that changes


def test_a_policy_that_changed_while_a_run_waited_decides_again(tmp_path: Any) -> None:
    place = tmp_path / "s.db"
    with Firewall(TOOLS, store=place) as firewall:
        waiting = firewall.exec(SEND)
        assert waiting.approval is not None
        firewall.approve(waiting.approval)
    denying = {"send": {"allow": "False", "ask": "False"}}
    with Firewall(TOOLS, store=place, policy=denying) as firewall:
        result = firewall.resume(waiting.run_id)
    assert (result.outcome, result.notes, sent) == ("denied", (POLICY_CHANGED,), [])


def test_a_yes_under_other_rules_is_no_yes(tmp_path: Any) -> None:
    place = tmp_path / "s.db"
    with Firewall(TOOLS, store=place) as firewall:
        waiting = firewall.exec(SEND)
        assert waiting.approval is not None
        firewall.approve(waiting.approval)
    asking: Mapping[str, object] = {"send": {"allow": "literal(body)"}}
    with Firewall(TOOLS, store=place, policy=asking) as firewall:
        again = firewall.resume(waiting.run_id)
        assert (again.outcome, again.notes, sent) == ("waiting", (POLICY_CHANGED,), [])
        assert again.approval is not None
        assert again.approval.id != waiting.approval.id
        assert again.to_json()["notes"] == [POLICY_CHANGED]
    with Firewall(TOOLS, store=place) as firewall:  # as it was: the yes counts
        assert firewall.resume(waiting.run_id).outcome == "completed"


# Modes and bypasses in results


def test_observe_says_so_everywhere() -> None:
    with Firewall(TOOLS, mode="observe") as firewall:
        result = firewall.exec(SEND)
    assert result.text == "done\n\n[mode observe: nothing was blocked]"
    assert result.to_json()["mode"] == "observe"
    with Firewall(TOOLS) as firewall:
        assert "mode" not in firewall.exec("answer(1)").to_json()


def test_a_bypass_is_in_the_result_and_lifts_a_certain_denial() -> None:
    store = MemoryStore()
    begun = made("bypass-1", "send", minutes=5, reason="r", by="ann", at=now(), ticks=ticks())
    denying = {"send": {"allow": "False", "ask": "False"}}
    with Firewall(TOOLS, store=store, policy=denying) as firewall:
        before = firewall.exec(SEND)
        assert (before.outcome, before.error.code) == ("denied", "P402")  # type: ignore[union-attr]
        store.bypasses().start(begun)
        result = firewall.exec(SEND)
        assert (result.outcome, [one.id for one in result.bypasses]) == ("completed", ["bypass-1"])
        made_calls: Any = result.to_json()["calls"]
        assert made_calls[1]["bypass"] == "bypass-1"
        shown: Any = result.to_json()["bypasses"]
        assert shown[0]["reason"] == "r"
        store.bypasses().stop("bypass-1", now())
        assert firewall.exec(SEND).outcome == "denied"


# For every plan: what nobody saw is not sent without having been asked about

PIECES = st.sampled_from(["'lit'", "read_mail()[0]", "read_file('f')", "'a' + read_mail()[0]", "x"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(["['a@x']", "read_mail()", "[x]"]), PIECES), min_size=1, max_size=3), st.data()
)
def test_nothing_is_sent_that_nobody_saw_or_took(calls: list[tuple[str, str]], data: st.DataObject) -> None:
    """Each untrusted argument of a call that was made had an approval that names the call's digest."""
    store = MemoryStore()
    plan = "x = read_mail()[0]\n" + "\n".join(f"send({to}, {body})" for to, body in calls) + "\nanswer('done')"
    person = Person()
    person.calls = data.draw(st.sampled_from([True, None]))
    first = Firewall(TOOLS, approver=Person(), approve_plan=True).check(plan)
    assert first.forecast is not None
    seen: list[ApprovalRequest] = []

    class Choosing:
        def decide(self, request: ApprovalRequest) -> Answer | None:
            seen.append(request)
            if request.index != PLAN:
                return person.decide(request)
            taken = data.draw(st.sets(st.sampled_from(request.endorsable))) if request.endorsable else set()
            return request.accept("ann", tuple(taken))

    with Firewall(TOOLS, store=store, approver=Choosing(), approve_plan=True) as firewall:
        result = firewall.exec(plan)
    approved = {one.request.digest for one in store.approvals().list("used")}
    records = [json.loads(one.data) for one in store.audit().records(result.run_id) if one.kind in ("decision", "call")]
    needed = {one["digest"] for one in records if one.get("verdict") == "ask"}
    began = {one["digest"] for one in records if one.get("state") == "done" and one["tool"] == "send"}
    assert needed & began <= approved
    taken_unseen = {name for one in store.approvals().list("approved") for name in one.endorse}
    for one in store.approvals().list("used"):
        if one.reason == "approved with the plan":
            assert taken_unseen
    assert result.outcome in ("completed", "waiting")


def test_strict_caps_the_dialect_at_the_configured_one(tmp_path: Any) -> None:
    config = tmp_path / "ringfence.toml"
    config.write_text('mode = "strict"\ndialect = "plan-then-execute"\n')
    with pytest.raises(ConfigError):
        Firewall(TOOLS, policy=config, dialect="dual-llm")
    with Firewall(TOOLS, policy=config, dialect="action-selector") as firewall:
        assert firewall.exec("a = read_file('a')\nread_file(a)").outcome == "rejected"
    with Firewall(TOOLS, policy=config, mode="enforce", dialect="dual-llm") as firewall:
        assert firewall.exec("answer('x')").outcome == "completed"


def test_each_question_says_which_of_its_run_it_is() -> None:
    plan = "send(['bob@x'], read_mail()[0])\nsend(['eve@x'], read_mail()[0] + '!')\nanswer('done')"
    person = Person(calls=True)
    with Firewall(TOOLS, approver=person) as firewall:
        result = firewall.exec(plan)
    assert [one.preview.question for one in person.asked] == [1, 2]
    assert result.questions == 2
    with Firewall(TOOLS) as firewall:  # and across restarts
        waiting = firewall.exec(plan)
        assert waiting.approval is not None
        firewall.approve(waiting.approval, endorse=False)
        again = firewall.resume(waiting.run_id)
        assert again.approval is not None
        assert [waiting.approval.preview.question, again.approval.preview.question] == [1, 2]
        assert again.approval.preview.arguments[1].parts[0].origin == ""
