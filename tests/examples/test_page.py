"""docs/case-studies.md says what the cases are and what their attacks do."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.case_tables import MARKED, PAGE, attacks, cases, filled

HINT = "run `PYTHONPATH=src:tests python tests/docs/case_tables.py`"


def test_the_table_of_cases_is_current() -> None:
    page = PAGE.read_text("utf-8")
    assert [found[2] for found in MARKED.finditer(page)] == ["cases", "attacks"]
    assert filled(page, {"cases": cases()}) == page, HINT


@pytest.mark.slow
def test_the_table_of_attacks_is_current(tmp_path: Path) -> None:
    page = PAGE.read_text("utf-8")
    assert filled(page, {"attacks": attacks(tmp_path)}) == page, HINT
