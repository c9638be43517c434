"""Every known way out of a sandbox, tried in every backend that works here. No case is ever removed."""

from __future__ import annotations

from functools import cache

import pytest

from ringfence.connectors.sandbox.job import Job
from ringfence.connectors.sandbox.proof import ATTEMPTS, KNOWN, Finding, escapes, prove_monty
from ringfence.connectors.sandbox.sandbox import Sandbox
from ringfence.connectors.sandbox.snippets import Snippets
from ringfence.connectors.sandbox.uses import USES

from .conftest import PROCESSES, Unconfined, working

# What a program reaches that nothing confines, whoever runs it: the attempts can succeed, and are seen when they do.
ALWAYS = {
    "tcp", "udp", "unix_socket", "unix_datagram_of_a_pair", "abstract_socket", "read_outside", "list_outside",
    "write_outside", "change_outside", "remove_outside", "links", "through_proc", "watching", "names_outside",
    "environment", "see_processes", "memory_of_others", "signal_others", "new_session", "setuid_programs",
    "limits_of_others",
}  # fmt: skip


@cache
def found(backend: str) -> dict[str, Finding]:
    return {one.attempt: one for one in escapes(backend, working(backend))}


@pytest.mark.parametrize("attempt", ATTEMPTS)
@pytest.mark.parametrize("backend", PROCESSES)
def test_an_attempt_is_held(backend: str, attempt: str) -> None:
    one = found(backend)[attempt]
    expected = "known" if (backend, attempt) in KNOWN else "held"
    assert one.result == expected, one.detail


@cache
def unconfined() -> dict[str, Finding]:
    sandbox = Sandbox(["unconfined"], processes=[Unconfined()])
    return {one.attempt: one for one in escapes("unconfined", sandbox)}


@pytest.mark.parametrize("attempt", sorted(ALWAYS))
def test_an_attempt_succeeds_where_nothing_confines_it(attempt: str) -> None:
    assert unconfined()[attempt].result == "leaked"


def test_what_is_known_is_an_attempt() -> None:
    assert {attempt for _, attempt in KNOWN} <= ATTEMPTS.keys()
    assert {backend for backend, _ in KNOWN} <= set(PROCESSES)


def test_a_program_that_does_not_get_there_proves_nothing() -> None:
    class Silent(Unconfined):
        def started(self, job, limits):  # type: ignore[no-untyped-def]
            return super().started(Job("python", "pass") if job.kind == "python" else job, limits)

    reports = escapes("silent", Sandbox(["unconfined"], processes=[Silent()]))
    assert {one.result for one in reports} == {"untried"}


@cache
def in_monty() -> dict[str, Finding]:
    if not Snippets().installed:
        pytest.skip("pydantic-monty is not installed")
    return {one.attempt: one for one in prove_monty(Snippets())}


@pytest.mark.parametrize("attempt", [*ATTEMPTS, *USES])
def test_an_attempt_is_held_in_monty_or_cannot_be_made(attempt: str) -> None:
    assert in_monty()[attempt].result in ("held", "absent"), in_monty()[attempt].detail
