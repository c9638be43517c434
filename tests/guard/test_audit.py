"""The audit's chain: every way to change it shows."""

import threading
from dataclasses import replace

import pytest

from ringfence.guard.audit import START, AuditRecord, Head, MemoryAudit, Verification, chained, verify_chain


def chain(count: int = 5) -> tuple[list[AuditRecord], Head]:
    audit = MemoryAudit(clock=lambda: "2026-11-21T12:00:00.000000+00:00")
    for number in range(count):
        audit.append("run-1", "call", {"index": number})
    return list(audit.records()), audit.head()


def test_an_untouched_chain_verifies() -> None:
    records, head = chain()
    assert verify_chain(records, head) == Verification(True, 5)
    assert verify_chain([], Head(0, START)) == Verification(True, 0)


@pytest.mark.parametrize(
    "change",
    [{"time": "x"}, {"run": "x"}, {"kind": "answer"}, {"data": "{}"}, {"hash": "0" * 64}, {"previous": "0" * 64}],
)
def test_a_changed_record_is_named(change: dict[str, str]) -> None:
    records, head = chain()
    records[2] = replace(records[2], **change)
    found = verify_chain(records, head)
    assert (found.ok, found.bad) == (False, 2)


def test_a_changed_record_with_a_new_hash_breaks_the_next() -> None:
    records, head = chain()
    records[2] = chained(Head(2, records[1].hash), records[2].time, "run-1", "call", '{"index":7}')
    found = verify_chain(records, head)
    assert (found.ok, found.bad, found.problem) == (False, 3, "it does not follow from the record before it")


@pytest.mark.parametrize("gone", [0, 2, 3])
def test_a_removed_record_shows_at_the_next(gone: int) -> None:
    records, head = chain()
    del records[gone]
    found = verify_chain(records, head)
    assert (found.ok, found.bad, found.problem) == (False, gone + 1, "a record is missing before it")


@pytest.mark.parametrize("left", [0, 3, 4])
def test_a_cut_off_end_shows(left: int) -> None:
    records, head = chain()
    found = verify_chain(records[:left], head)
    assert (found.ok, found.count, found.bad, found.problem) == (
        False,
        left,
        None,
        f"the last {5 - left} records are missing",
    )


def test_a_head_that_was_moved_back_shows() -> None:
    records, _ = chain()
    found = verify_chain(records, Head(4, records[3].hash))
    assert (found.ok, found.bad, found.problem) == (False, 4, "it was added without the head")
    assert verify_chain(records, Head(5, "0" * 64)).ok is False
    assert verify_chain(records[:4], Head(4, records[4].hash)).ok is False


def test_reordered_and_repeated_records_show() -> None:
    records, head = chain()
    records[1], records[2] = records[2], records[1]
    assert verify_chain(records, head).bad == 2
    records, head = chain()
    assert verify_chain([*records[:3], records[2], *records[3:]], head) == Verification(
        False, 3, 2, "a record is there twice or moved"
    )


def test_renumbered_records_show() -> None:
    records, head = chain()
    del records[1]
    renumbered = [replace(record, number=number) for number, record in enumerate(records)]
    assert verify_chain(renumbered, Head(4, head.hash)).bad == 1


def test_records_of_several_threads_are_one_chain() -> None:
    audit = MemoryAudit()

    def write(run: str) -> None:
        for number in range(200):
            audit.append(run, "call", {"index": number})

    threads = [threading.Thread(target=write, args=(f"run-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.verify() == Verification(True, 800)
    assert len(list(audit.records("run-2"))) == 200
