"""docs/policies.md: its commands print what it says, and it names every key and predicate."""

import os
import sys

import pytest

from ringfence.guard.budgets import _KEYS as BUDGET_KEYS
from ringfence.guard.entries import KEYS
from ringfence.guard.packs import PACKS
from ringfence.guard.predicates import PREDICATES
from ringfence.guard.sets import _KEYS as SET_KEYS

from .page import PAGE, filled


def test_the_commands_print_what_the_page_says(tmp_path, monkeypatch):
    for name in list(os.environ):
        if name.startswith(("OPENAI", "ANTHROPIC", "GOOGLE", "GEMINI", "OLLAMA", "RINGFENCE")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "tools", raising=False)
    page = PAGE.read_text(encoding="utf-8")
    assert filled(page, tmp_path) == page, "run `PYTHONPATH=src:tests python tests/policies/page.py`"


@pytest.mark.parametrize("name", [*KEYS, *BUDGET_KEYS, *SET_KEYS, *PACKS])
def test_every_key_is_described(name):
    assert name in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PREDICATES)
def test_every_predicate_is_described(name):
    assert f"`{name}(" in PAGE.read_text(encoding="utf-8")
