"""Several workers on one store: of those who decide, use or resume, exactly one wins. SQLite and a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence import Firewall, tool
from ringfence.core.errors import ApprovalRefused, AuditError, RingfenceError
from ringfence.core.labels import Label
from ringfence.core.values import wrap
from ringfence.guard.approval import ApprovalRequest, Rejection
from ringfence.guard.bypass import made
from ringfence.guard.clock import Ticks
from ringfence.guard.decision import Decision
from ringfence.guard.drawing import draw
from ringfence.guard.journal import Entry
from ringfence.stores import Store, open_store

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
WORKERS = 4


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("database"))
    return str(tmp_path / "ringfence.db")


@pytest.fixture
def stores(place: str) -> Iterator[list[Store]]:
    """Several workers' connections to one store."""
    opened = [open_store(place, busy_seconds=30) for _ in range(WORKERS)]
    yield opened
    for store in opened:
        store.close()


def question(index: int = 0) -> ApprovalRequest:
    decision = Decision("ask", "send", ("send.to",))
    preview = draw("send", "write", "Send.", ("to",), {"to": wrap(["b"], Label({"tool:x"}))}, decision, frozenset())
    return ApprovalRequest(
        "run-1", "p" * 64, index, "send", "d" * 64, ("send.to",), preview, NOW + timedelta(minutes=15)
    )


def at_once(works: list[Callable[[], object]]) -> list[object]:
    """What each of the works gives or raises, all begun together."""
    ready, ended = threading.Barrier(len(works)), list[object]([None] * len(works))

    def run(place: int, work: Callable[[], object]) -> None:
        ready.wait(30)
        try:
            ended[place] = work()
        except RingfenceError as problem:
            ended[place] = problem

    threads = [threading.Thread(target=run, args=(place, work)) for place, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return ended


def won(ended: list[object]) -> list[object]:
    assert all(not isinstance(one, RingfenceError) or one.code == "P422" for one in ended), ended
    return [one for one in ended if not isinstance(one, RingfenceError)]


def test_of_several_who_decide_one_wins(stores: list[Store]) -> None:
    asked = question()
    stores[0].approvals().ask(asked, NOW)
    answers = [asked.approve("ann"), Rejection("bob"), asked.edit("cid", {"to": '["c"]'}), asked.approve("dan")]
    ended = at_once(
        [
            lambda store=store, answer=answer: store.approvals().decide(asked.id, answer, NOW)
            for store, answer in zip(stores, answers, strict=True)
        ]
    )
    (winner,) = won(ended)
    assert stores[0].approvals().get(asked.id) == winner


def test_an_approval_is_used_once_whoever_tries(stores: list[Store]) -> None:
    asked = question()
    stores[0].approvals().ask(asked, NOW)
    stores[0].approvals().decide(asked.id, asked.approve("ann"), NOW)
    ended = at_once([lambda store=store: store.approvals().use(asked.id, NOW) for store in stores])
    assert len(won(ended)) == 1


def test_several_who_ask_the_same_have_one_question(stores: list[Store]) -> None:
    ended = at_once([lambda store=store: store.approvals().ask(question(), NOW) for store in stores])
    assert len({repr(one) for one in ended}) == 1
    assert len(stores[0].approvals().list()) == 1


def test_a_call_is_started_by_one_worker(stores: list[Store]) -> None:
    entry = Entry(0, 1, "act", "d" * 64, "{}", "started", "allow", ())
    journals = [store.journal("run-1") for store in stores]
    ended = at_once([lambda journal=journal: journal.start(entry) for journal in journals])
    assert sum(one is None for one in ended) == 1


def test_records_of_several_workers_are_one_chain(stores: list[Store]) -> None:
    def write(store: Store, run: str) -> None:
        for number in range(10):
            store.audit().append(run, "call", {"index": number}, durable=number % 2 == 0)

    ended = at_once([lambda store=store, run=f"run-{n}": write(store, run) for n, store in enumerate(stores)])
    assert ended == [None] * WORKERS
    found = stores[0].audit().verify()
    assert (found.ok, found.count) == (True, 10 * WORKERS)


def test_a_bypass_that_is_stopped_is_stopped_for_all(stores: list[Store]) -> None:
    one = made("bypass-1", "send", minutes=5, reason="r", by="ann", at=NOW, ticks=Ticks("b", 1.0))
    stores[0].bypasses().start(one)
    assert [found.id for found in stores[1].bypasses().active(NOW)] == ["bypass-1"]
    at_once([lambda store=store: store.bypasses().stop("bypass-1", NOW) for store in stores])
    assert [store.bypasses().active(NOW) for store in stores] == [()] * WORKERS
    assert [found.stopped for found in stores[2].bypasses().list()] == [NOW]


def test_of_two_workers_who_resume_a_waiting_run_one_goes_on(place: str) -> None:
    sent: list[str] = []

    @tool(effect="read")
    def read_mail() -> str:
        return "hello"

    @tool
    def send(body: str) -> None:
        sent.append(body)

    def worker(approving: bool = False) -> Firewall:
        return Firewall([read_mail, send], store=place)

    with worker() as first:
        waiting = first.exec("send(read_mail())\nanswer('done')")
        assert (waiting.outcome, waiting.questions) == ("waiting", 1)
        assert waiting.approval is not None
        first.approve(waiting.approval, by="ann")
    workers = [worker() for _ in range(2)]
    ended: list[Any] = at_once([lambda one=one: one.resume(waiting.run_id) for one in workers])
    for one in workers:
        one.close()
    outcomes = [one.code if isinstance(one, RingfenceError) else one.outcome for one in ended]
    assert "completed" in outcomes, ended
    assert sent == ["hello"]
    with open_store(place) as store:
        assert store.audit().verify().ok


# Stores of an earlier version


def test_a_store_without_the_later_columns_gets_them(tmp_path: Path) -> None:
    import sqlite3

    place = tmp_path / "ringfence.db"
    open_store(place).close()
    connection = sqlite3.connect(place)
    with connection:
        for statement in (
            "DROP TABLE ringfence_bypasses",
            "DROP INDEX ringfence_approvals_run",
            *(
                f"ALTER TABLE ringfence_approvals DROP COLUMN {name}"
                for name in ("lifetime", "reason", "edits", "since")
            ),
            "ALTER TABLE ringfence_journal DROP COLUMN edited",
        ):
            connection.execute(statement)
    connection.close()
    with open_store(place) as store:
        store.approvals().ask(question(), NOW)
        store.journal("run-1").finish(Entry(0, 1, "act", "d", "{}", "done", "allow", (), (), "{}", ("to",)))
        assert store.journal("run-1").find(0) is not None
        assert store.bypasses().list() == ()


@pytest.mark.slow
def test_a_server_that_is_gone_is_said_to_be(database: str) -> None:
    with pytest.raises(AuditError) as caught:
        open_store(database.rsplit("/", 1)[0].replace("ringfence@", "ringfence:SECRET@") + "/nowhere")
    assert (caught.value.code, "SECRET" in caught.value.render()) == ("E370", False)


def test_what_was_refused_is_refused_for_everybody(stores: list[Store]) -> None:
    asked = question()
    stores[0].approvals().ask(asked, NOW)
    stores[0].approvals().decide(asked.id, Rejection("ann", "no"), NOW)
    for store in stores:
        with pytest.raises(ApprovalRefused):
            store.approvals().decide(asked.id, asked.approve("bob"), NOW)
        found = store.approvals().get(asked.id)
        assert found is not None
        assert (found.state, found.by, found.reason) == ("rejected", "ann", "no")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["approve", "reject", "use", "edit"]), min_size=2, max_size=WORKERS))
def test_whatever_is_tried_at_once_an_approval_is_used_at_most_once(tmp_path: Path, steps: list[str]) -> None:
    """Each step in a worker of its own; what is left is one of the states that a serial order could leave."""
    place = str(tmp_path / f"{len(list(tmp_path.iterdir()))}.db")
    opened = [open_store(place, busy_seconds=30) for _ in steps]
    asked = question()
    opened[0].approvals().ask(asked, NOW)
    tried: dict[str, Callable[[Store], object]] = {
        "approve": lambda store: store.approvals().decide(asked.id, asked.approve("ann"), NOW),
        "reject": lambda store: store.approvals().decide(asked.id, Rejection("bob"), NOW),
        "edit": lambda store: store.approvals().decide(asked.id, asked.edit("cid", {"to": '["c"]'}), NOW),
        "use": lambda store: store.approvals().use(asked.id, NOW),
    }
    ended = at_once(
        [lambda store=store, step=step: tried[step](store) for store, step in zip(opened, steps, strict=True)]
    )
    states = [one.state for one in won(ended)]  # type: ignore[attr-defined]
    assert len([one for one in states if one != "used"]) <= 1
    assert states.count("used") <= states.count("approved")
    for store in opened:
        store.close()
