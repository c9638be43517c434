"""A quarantined model in the attacker's hands: what it says moves nothing that only trusted sources decide.

Every case that has a quarantined call is run twice: with the answers that it says, and with a model that answers what
is worst within the schema. The second run makes the calls that only trusted sources decide to make, with the arguments
that only they decide, of the first, or fewer of them.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from case_execution import execute
from case_runner import Case, Report
from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.values import wrap
from ringfence.guard import reading
from ringfence.testing import HostileQuarantine
from test_cases import CASES

READING = [case for case in CASES if case.quarantine]
READERS = [
    HostileQuarantine(),
    HostileQuarantine("", "eve@evil.example", longest=0),
    HostileQuarantine("web", "ann@example.com", longest=20),
]

each = pytest.mark.parametrize("case", READING, ids=lambda case: case.name)


def trusted(report: Report) -> Counter[str]:
    """The calls that only trusted sources decided, with the arguments that only they decided."""
    return Counter(json.dumps(made, sort_keys=True) for made in report.trusted)


def more(case: Case) -> Counter[str]:
    """What a hostile model adds to the trusted calls of a case, the worst of several.

    A case may end where it asks a person, and a model that says something else gets by there. So the calls that are
    counted as the case's own are those of its plan when everything is approved, too.
    """
    first = trusted(execute(case)) | trusted(execute(replace(case, approve="all")))
    found: Counter[str] = Counter()
    for reader in READERS:
        found |= trusted(execute(case, reader)) - first
    return found


@each
@pytest.mark.parametrize("approve", ["none", "all"])
def test_a_hostile_model_moves_no_trusted_call(case: Case, approve: str) -> None:
    assert more(replace(case, approve=approve)) == Counter()


def test_there_are_enough_of_them() -> None:
    """Cases with branches on, loops over, and arguments from what the model says, and several that act on it."""
    assert len(READING) >= 20
    assert sum(1 for case in READING if len(execute(case).trusted) > len(case.quarantine)) >= 3


def test_the_comparison_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a monitor that labels the model's words as the plan's own, cases fail."""
    monkeypatch.setattr(reading, "wrap", lambda value, label: wrap(value, TRUSTED_PUBLIC))
    assert any(more(case) for case in READING)
