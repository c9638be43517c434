"""The documentation is true: its examples run, its links lead somewhere, what it names exists."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from case_execution import execute
from case_oracle import python_report
from case_runner import Case, compare, compare_public, read_case, read_cases
from docs.language_tables import PAGE as LANGUAGE
from docs.language_tables import filled
from docs.pages import PAGES, ROOT, Block, anchors, blocks, links, prose, read, rows
from ringfence.core.codes import CODES

BLOCKS = [block for page in PAGES for block in blocks(page)]
PLANS = [block for block in BLOCKS if block.info == "python plan"]
PROGRAMS = [block for block in BLOCKS if block.info == "python"]
KNOWN = {"python", "python plan", "toml", "json", "sh", "bash", "console", "text", "mermaid", ""}
TABLE = read_cases(ROOT / "tests" / "docs" / "label_table.case")
ARCHIVE = ROOT / "docs" / "decisions"  # decisions name what there was when they were made

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
each_plan = pytest.mark.parametrize("block", PLANS, ids=lambda block: block.name)
each_row = pytest.mark.parametrize("case", TABLE, ids=lambda case: case.name)


def case_of(block: Block) -> Case:
    return read_case(block.page, block.line - 1, list(block.lines))


@each_plan
def test_a_plan_does_what_its_page_says(block: Block) -> None:
    case = case_of(block)
    assert compare(case, execute(case)) == []


@each_plan
def test_a_plan_without_anything_of_ours_does_the_same_in_python(block: Block) -> None:
    case = case_of(block)
    if case.plain:
        assert compare(replace(case, labels={}, answer_label=None), python_report(case)) == []


@pytest.mark.parametrize("block", PROGRAMS, ids=lambda block: block.name)
def test_a_program_runs(block: Block, tmp_path: Path) -> None:
    """In a process of its own, as a reader would run it, with no account and no key in the environment."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "SYSTEMROOT") if name in os.environ}
    environ = {**kept, "PYTHONPATH": str(ROOT / "src"), "PYTHONWARNINGS": "error", "RINGFENCE_MODEL": "offline"}
    made = subprocess.run(
        [sys.executable, "-c", block.text], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120
    )
    assert made.returncode == 0, made.stderr
    printed = [line.partition("#>")[2].strip() for line in block.lines if "#>" in line]
    assert not printed or made.stdout.splitlines() == printed


def test_blocks_say_what_they_are() -> None:
    assert [block.name for block in BLOCKS if block.info not in KNOWN] == []


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in links(page):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        found = page if not path else (page.parent / path).resolve()
        if not found.exists() or (anchor and (found.suffix != ".md" or anchor not in anchors(found))):
            broken.append(target)
    assert broken == []


@each_page
def test_codes_exist(page: Path) -> None:
    named = set(re.findall(r"\b[EPC][1-5]\d\d\b", read(page)))
    assert named - CODES.keys() == set()


@pytest.mark.parametrize("page", [page for page in PAGES if ARCHIVE not in page.parents], ids=lambda page: page.name)
def test_files_that_are_named_exist(page: Path) -> None:
    named = set(re.findall(r"`((?:src|tests|docs|benchmarks)/[\w./*-]+)`", prose(page)))
    named |= {f"src/ringfence/{path}" for path in re.findall(r"`((?:[a-z]+/)+[a-z0-9_]+\.py)`", prose(page))} - {
        f"src/ringfence/{path}" for path in re.findall(r"`((?:src|tests|docs|benchmarks)/[\w./*-]+)`", prose(page))
    }
    missing = [path for path in sorted(named) if not list(ROOT.glob(path.rstrip("/")))]
    assert missing == []


# The language


def test_the_lists_of_the_language_are_complete() -> None:
    page = read(LANGUAGE)
    assert page == filled(page), "run `python tests/docs/language_tables.py`"


def test_the_lists_are_in_the_page() -> None:
    assert re.findall(r"<!-- generated: ([a-z]+) -->", read(LANGUAGE)) == ["builtins", "methods", "modules", "limits"]


@each_row
def test_a_row_of_the_label_table_holds(case: Case) -> None:
    first = execute(case)
    assert compare(case, first) == []
    for name, value in case.vary:
        given = {**case.given, name: {**case.given[name], "value": value}}
        assert compare_public(first, execute(replace(case, given=given))) == []


def test_each_row_of_the_label_table_has_a_case() -> None:
    named = [case.text.strip().splitlines()[0].removeprefix("## ") for case in TABLE]
    assert [row[0] for row in rows(LANGUAGE, "## Labels")] == [name for name in named if name != "..."]
