"""Stores: the same behaviour in memory and in SQLite, and what only a database can get wrong."""

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ringfence.core.errors import ApprovalExpired, ApprovalRefused, AuditError, ReplayDiverged
from ringfence.core.labels import Label
from ringfence.core.values import wrap
from ringfence.guard.approval import ApprovalRequest, Rejection
from ringfence.guard.drawing import draw
from ringfence.guard.journal import Entry
from ringfence.guard.policy import Decision
from ringfence.stores import RunRecord, Store, open_store

MAIL = Label({"email:eve@attacker.example"}, {"user"})
EXTRA = (
    "INSERT INTO ringfence_audit SELECT 6, time, run, kind, data, previous, hash FROM ringfence_audit WHERE number = 5"
)
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    place: object = None if request.param == "memory" else tmp_path / "state" / "ringfence.db"
    if request.param == "postgres":
        place = request.getfixturevalue("database")
    with open_store(place) as made:  # type: ignore[arg-type]
        yield made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ringfence.db"


def entry(index: int = 0, state: Any = "done", **changes: Any) -> Entry:
    made = Entry(
        index, 1, "act", "d" * 64, "{}", state, "ask", ("a", "b"), ("to",), None if state == "started" else "{}"
    )
    return replace(made, **changes)


def request(index: int = 0, run: str = "run-1") -> ApprovalRequest:
    decision = Decision("ask", "send", ("send.to",))
    preview = draw("send", "write", "Send.", ("to",), {"to": wrap(["\ud800 b"], MAIL)}, decision, frozenset())
    return ApprovalRequest(
        run, "p" * 64, index, "send", "d" * 64, ("send.to",), preview, NOW + timedelta(minutes=15), ("to",)
    )


# The same everywhere


def test_entries_come_back_in_program_order(store: Store) -> None:
    journal = store.journal("run-1")
    journal.finish(entry(2))
    journal.start(entry(0, "started"))
    journal.finish(entry(0, "failed"))
    journal.start(entry(1, "started"))
    expected = (entry(0, "failed"), entry(1, "started"), entry(2))
    assert journal.entries() == expected
    assert store.journal("run-1").entries() == expected
    assert [store.journal("run-1").find(index) for index in range(4)] == [*expected, None]
    assert store.journal("run-2").entries() == ()


def test_a_call_starts_and_finishes_once(store: Store) -> None:
    first, second = store.journal("run-1"), store.journal("run-1")
    first.start(entry(0, "started"))
    for journal in (first, second):
        with pytest.raises(ReplayDiverged) as caught:
            journal.start(entry(0, "started"))
        assert caught.value.code == "E351"
    first.finish(entry(0))
    for journal in (first, second):
        with pytest.raises(AuditError) as twice:
            journal.finish(entry(0, "failed"))
        assert twice.value.code == "E352"
    assert store.journal("run-1").entries() == (entry(0),)


def test_the_audit_is_one_chain_over_all_runs(store: Store) -> None:
    audit = store.audit()
    assert audit.verify().count == 0
    for number in range(10):
        audit.append(f"run-{number % 2}", "call", {"index": number, "text": "\ud800ä"}, durable=number == 3)
    assert [record.number for record in audit.records()] == list(range(10))
    assert [json.loads(record.data)["index"] for record in audit.records("run-1")] == [1, 3, 5, 7, 9]
    verification = store.audit().verify()
    assert (verification.ok, verification.count) == (True, 10)
    assert audit.head().count == 10


def test_a_request_is_decided_and_used_once(store: Store) -> None:
    approvals = store.approvals()
    asked = request()
    assert approvals.ask(asked, NOW).state == "pending"
    assert (
        approvals.ask(replace(asked, expires=asked.expires + timedelta(1)), NOW).request == asked
    )  # the first one counts
    assert store.approvals().get(asked.id) == approvals.get(asked.id)
    found = approvals.get(asked.id)
    assert found is not None
    assert found.request == asked
    approvals.decide(asked.id, asked.approve("ann"), NOW)
    assert [one.state for one in approvals.list()] == ["approved"]
    for answer in (asked.approve(), Rejection("eve")):
        with pytest.raises(ApprovalRefused):
            approvals.decide(asked.id, answer, NOW)
    used = approvals.use(asked.id, NOW)
    assert (used.state, used.by, used.decided, used.endorse) == ("used", "ann", NOW, ("to",))
    assert store.approvals().get(asked.id) == used
    with pytest.raises(ApprovalRefused):
        approvals.use(asked.id, NOW)


def test_requests_are_listed_by_state(store: Store) -> None:
    approvals = store.approvals()
    for index in range(3):
        approvals.ask(request(index), NOW)
    approvals.decide(request(1).id, Rejection("ann"), NOW)
    assert [one.request.index for one in approvals.list()] == [0, 1, 2]
    assert [one.request.index for one in approvals.list("pending")] == [0, 2]
    assert [one.by for one in approvals.list("rejected")] == ["ann"]


def test_approvals_expire_and_must_fit(store: Store) -> None:
    approvals = store.approvals()
    asked = request()
    approvals.ask(asked, NOW)
    with pytest.raises(ApprovalRefused):
        approvals.decide(asked.id, replace(asked.approve(), digest="0" * 64), NOW)
    approvals.decide(asked.id, asked.approve(), NOW)
    late = NOW + timedelta(minutes=15)
    for at in (late, NOW):  # what has expired stays so when the clock is set back
        with pytest.raises(ApprovalExpired):
            approvals.use(asked.id, at)
    other = request(1)
    approvals.ask(other, NOW)
    for answer, at in ((other.approve(), late), (other.approve(), NOW), (Rejection("ann"), NOW)):
        with pytest.raises(ApprovalExpired):
            approvals.decide(other.id, answer, at)
    assert [one.state for one in approvals.list()] == ["expired", "expired"]
    with pytest.raises(AuditError):
        approvals.use("0" * 16, NOW)


def test_runs(store: Store) -> None:
    runs = store.runs()
    run = RunRecord("run-1", "r" * 64, "enforce")
    first = runs.put(run)
    assert first.created == first.updated != ""
    changed = runs.put(replace(first, plan='{"x": 1}', plan_hash="h", outcome="waiting"))
    assert changed.created == first.created
    assert store.runs().get("run-1") == changed
    runs.put(RunRecord("run-2", "r" * 64, "strict", outcome="completed"))
    assert [one.id for one in runs.list()] == ["run-2", "run-1"]
    assert [one.id for one in runs.list("waiting")] == ["run-1"]
    assert [one.id for one in runs.list(limit=1)] == ["run-2"]
    assert runs.get("run-3") is None


# The file


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "er" / "ringfence.db"
    with open_store(place) as store:
        store.audit().append("r", "run", {})
        modes = {file.name: oct(file.stat().st_mode & 0o777) for file in place.parent.iterdir()}
    assert set(modes.values()) == {"0o600"}
    assert place.parent.stat().st_mode & 0o077 == 0


def test_memory_needs_no_database_library() -> None:
    code = (
        "import sys\n"
        "from ringfence.stores import open_store\n"
        "open_store().audit().append('r', 'run', {})\n"
        "print('sqlalchemy' in sys.modules)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "False\n"


def change(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def filled(path: Path) -> None:
    with open_store(path) as store:
        for number in range(6):
            store.audit().append("run-1", "call", {"index": number})


@pytest.mark.parametrize(
    ("statement", "bad"),
    [
        ("UPDATE ringfence_audit SET data = '{}' WHERE number = 2", 2),
        ("UPDATE ringfence_audit SET kind = 'answer' WHERE number = 0", 0),
        ("DELETE FROM ringfence_audit WHERE number = 2", 3),
        ("DELETE FROM ringfence_audit WHERE number = 5", None),
        ("DELETE FROM ringfence_audit", None),
        ("DELETE FROM ringfence_audit_head", None),
        ("UPDATE ringfence_audit_head SET records = 5", 5),
        ("UPDATE ringfence_audit SET number = number + 100 WHERE number = 3", 4),
        ("UPDATE ringfence_audit SET hash = 1.5 WHERE number = 3", 3),
        ("UPDATE ringfence_audit SET data = x'00' WHERE number = 3", 3),
        (
            EXTRA,
            6,
        ),
    ],
)
def test_a_changed_audit_does_not_verify(path: Path, statement: str, bad: int | None) -> None:
    filled(path)
    change(path, statement)
    with open_store(path) as store:
        found = store.audit().verify()
        assert (found.ok, found.bad) == (False, bad)


def test_a_swap_of_two_records_does_not_verify(path: Path) -> None:
    filled(path)
    change(
        path,
        "UPDATE ringfence_audit SET number = 100 WHERE number = 1",
        "UPDATE ringfence_audit SET number = 1 WHERE number = 2",
        "UPDATE ringfence_audit SET number = 2 WHERE number = 100",
    )
    with open_store(path) as store:
        assert store.audit().verify().bad == 1


def test_an_audit_without_a_head_takes_no_records(path: Path) -> None:
    filled(path)
    change(path, "DELETE FROM ringfence_audit_head")
    with open_store(path) as store, pytest.raises(AuditError) as caught:
        store.audit().append("run-1", "call", {})
    assert caught.value.code == "E371"


def test_a_record_where_the_next_one_belongs_stops_the_chain(path: Path) -> None:
    filled(path)
    change(
        path,
        EXTRA,
    )
    with open_store(path) as store, pytest.raises(AuditError) as caught:
        store.audit().append("run-1", "call", {})
    assert caught.value.code == "E371"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ringfence_journal SET state = 'maybe'",
        "UPDATE ringfence_journal SET rules = '{'",
        "UPDATE ringfence_journal SET rules = '[1]'",
        "UPDATE ringfence_journal SET site = 'x'",
    ],
)
def test_a_damaged_journal_is_said_to_be(path: Path, statement: str) -> None:
    with open_store(path) as store:
        store.journal("run-1").finish(entry())
    change(path, statement)
    with open_store(path) as store, pytest.raises(AuditError) as caught:
        store.journal("run-1")
    assert caught.value.code == "E352"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ringfence_approvals SET digest = 'changed'",
        "UPDATE ringfence_approvals SET run = 'run-2'",
        "UPDATE ringfence_approvals SET state = 'yes'",
        "UPDATE ringfence_approvals SET preview = '{}'",
        "UPDATE ringfence_approvals SET expires = 'never'",
        "UPDATE ringfence_approvals SET endorse = '1'",
    ],
)
def test_a_changed_request_is_not_used(path: Path, statement: str) -> None:
    with open_store(path) as store:
        store.approvals().ask(request(), NOW)
        store.approvals().decide(request().id, request().approve(), NOW)
    change(path, statement)
    with open_store(path) as store, pytest.raises(AuditError):
        store.approvals().use(request().id, NOW)


# What can go wrong with a file


def test_a_file_that_is_no_database(path: Path) -> None:
    path.write_bytes(b"this is not a database, it is a letter" * 100)
    with pytest.raises(AuditError) as caught:
        open_store(path)
    assert (caught.value.code, "no SQLite database" in caught.value.message) == ("E370", True)
    assert caught.value.hint is not None


def verify(path: Path) -> bool:
    with open_store(path) as store:
        return store.audit().verify().ok


def test_a_damaged_database(path: Path) -> None:
    with open_store(path) as store:
        for number in range(300):
            store.audit().append("run-1", "call", {"index": number, "text": "x" * 500})
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with pytest.raises(AuditError) as caught:
        verify(path)
    assert "damaged" in caught.value.message


def test_another_version(path: Path) -> None:
    filled(path)
    change(path, "UPDATE ringfence_meta SET value = '99'")
    with pytest.raises(AuditError) as caught:
        open_store(path)
    assert "another version" in caught.value.message


def test_a_place_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for place in (tmp_path, tmp_path / "file" / "ringfence.db", "nosuch+driver://host/name", "sqlite+nothing:///x"):
        with pytest.raises(AuditError) as caught:
            open_store(place)
        assert caught.value.code == "E370"
        assert caught.value.hint is not None


def test_a_link_is_not_followed_to_make_a_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AuditError):
        open_store(tmp_path / "link")
    assert not (tmp_path / "elsewhere").exists()


def test_a_password_is_not_shown() -> None:
    with pytest.raises(AuditError) as caught:
        open_store("nosuch://user:SECRET-VALUE@host/name")
    assert "SECRET-VALUE" not in caught.value.render()


def test_a_locked_database_is_waited_for_and_then_an_error(path: Path) -> None:
    with open_store(path, busy_seconds=0.2) as store:
        audit = store.audit()
        audit.append("r", "run", {})
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        for durable in (False, True):
            with pytest.raises(AuditError) as caught:
                audit.append("r", "call", {}, durable=durable)
            assert "another process holds it" in caught.value.message
        with pytest.raises(AuditError):
            store.journal("r").start(entry(0, "started"))
        other.execute("ROLLBACK")
        other.close()
        audit.append("r", "call", {})
        store.journal("r").start(entry(0, "started"))
        assert (audit.verify().ok, audit.verify().count) == (True, 2)


def test_a_lock_that_is_given_back_in_time_is_no_error(path: Path) -> None:
    with open_store(path, busy_seconds=20) as store:
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.3, lambda: other.execute("ROLLBACK")).start()
        store.audit().append("r", "call", {})
        other.close()


def test_reading_does_not_wait_for_a_writer(path: Path) -> None:
    filled(path)
    with open_store(path, busy_seconds=0.1) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert store.audit().verify().ok
        assert store.journal("r").entries() == ()
        other.close()


def test_a_store_that_can_only_be_read_can_be_verified(path: Path) -> None:
    filled(path)
    with open_store(f"sqlite+pysqlite:///file:{path}?mode=ro&uri=true") as store:
        assert store.audit().verify().ok
        with pytest.raises(AuditError) as caught:
            store.audit().append("r", "call", {})
        assert "can only be read" in caught.value.message


def fill(audit: Any) -> None:
    for _ in range(1_000):
        audit.append("r", "call", {"text": "x" * 4_000})


def test_a_full_disk(path: Path) -> None:
    """SQLite's own limit of pages stands for the disk: the same error from the same place."""
    with open_store(path) as store:
        audit: Any = store.audit()
        audit.append("r", "run", {})
        for kind in ("ordinary", "durable"):
            connection = audit._database._connection(kind)
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
            connection.rollback()
        with pytest.raises(AuditError) as caught:
            fill(audit)
        assert "disk is full" in caught.value.message
        count = audit.head().count
        assert audit.verify().ok
        assert audit.verify().count == count
        with pytest.raises(AuditError):
            store.journal("r").start(entry(0, "started", rules=("x" * 100_000,)))


def test_a_file_that_may_not_grow(path: Path) -> None:
    """The system refuses to write on: what is there stays whole, and the error says so."""
    code = (
        "import resource, signal, sys\n"
        "from ringfence.core.errors import AuditError\n"
        "from ringfence.stores import open_store\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "store = open_store(sys.argv[1])\n"
        "store.audit().append('r', 'run', {})\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "try:\n"
        "    for n in range(1000):\n"
        "        store.audit().append('r', 'call', {'text': 'x' * 4000})\n"
        "except AuditError as error:\n"
        "    print(error.code, n > 3)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout == "E370 True\n"
    with open_store(path) as store:
        assert store.audit().verify().ok


# Several writers


def test_processes_share_one_chain(path: Path) -> None:
    with open_store(path) as store:
        store.audit().append("main", "run", {})
        code = (
            "import sys\n"
            "from ringfence.stores import open_store\n"
            "with open_store(sys.argv[1], busy_seconds=30) as store:\n"
            "    for n in range(100):\n"
            "        store.audit().append(sys.argv[2], 'call', {'index': n}, durable=n % 10 == 0)\n"
        )
        running = [subprocess.Popen([sys.executable, "-c", code, str(path), f"run-{n}"]) for n in range(2)]
        for number in range(100):
            store.audit().append("main", "call", {"index": number})
        assert [process.wait(60) for process in running] == [0, 0]
        verification = store.audit().verify()
        assert (verification.ok, verification.count) == (True, 301)


def test_threads_share_one_store(path: Path) -> None:
    with open_store(path) as store:
        journal = store.journal("r")
        failures: list[BaseException] = []

        def work(first: int) -> None:
            try:
                for number in range(first, first + 50):
                    journal.finish(entry(number))
                    store.audit().append("r", "call", {"index": number})
            except BaseException as problem:
                failures.append(problem)

        threads = [threading.Thread(target=work, args=(100 * n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert len(store.journal("r").entries()) == 200
        assert store.audit().verify().count == 200


def half(database: Any) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE ringfence_audit_head SET records = 7")
        raise ZeroDivisionError


def test_a_record_that_was_rolled_back_leaves_no_gap(path: Path) -> None:
    with open_store(path) as store:
        audit: Any = store.audit()
        audit.append("r", "run", {})
        with pytest.raises(ZeroDivisionError):
            half(audit._database)
        audit.append("r", "call", {})
        assert audit.verify().count == 2
