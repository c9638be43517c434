"""Which snippets monty takes, and that what it does not know is run in the whole of Python."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ringfence.connectors.sandbox.job import CannotIsolate, Job, Limits
from ringfence.connectors.sandbox.sandbox import Sandbox
from ringfence.connectors.sandbox.snippets import Snippets, suits

from .conftest import Unconfined


@pytest.fixture
def snippets() -> Snippets:
    made = Snippets()
    if not made.installed:
        pytest.skip("pydantic-monty is not installed")
    return made


@pytest.mark.parametrize(
    "code",
    [
        "import os", "from os import path", "import json, socket", "from json import *", "from . import x", "open('x')",
        "input()", "exit(3)", "().__class__", "__import__('os')", "eval('1')", "def f(:", "x = '\\0", "globals()",
    ],
)  # fmt: skip
def test_this_is_for_the_whole_of_python(code: str) -> None:
    assert not suits(Job("python", code))


def test_files_input_and_shell_are_not_for_monty() -> None:
    assert suits(Job("python", "print(1)"))
    assert not suits(Job("python", "print(1)", files={"a": b""}))
    assert not suits(Job("python", "print(1)", "input"))
    assert not suits(Job("shell", "ls"))
    assert not suits(Job("python", "(" * 100_000))


SNIPPETS = [
    "print(sum(n * n for n in range(100)))",
    "import json\nprint(json.dumps({'a': [1, 2.5, None, True], 'b': 'é'}, indent=2, sort_keys=True))",
    "import math\nprint(math.sqrt(2), math.comb(10, 3), math.pi)",
    "import re\nprint(re.findall(r'[a-z]+', 'one two 3'), re.sub(r'(\\d+)', r'<\\1>', 'a1b22'))",
    "from datetime import date, timedelta\nprint(date(2026, 1, 31) + timedelta(days=30))",
    "class A:\n    def __init__(self, x):\n        self.x = x\n    def twice(self):\n        return self.x * 2\n"
    "print(A(21).twice())",
    "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\nprint([fib(n) for n in range(15)])",
    "if __name__ == '__main__':\n    print('main', end='')",
    "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    print(type(e).__name__ if False else str(e))",
    "print(f'{3.14159:.2f} {10:>5} {255:#x}', '%5.1f|%s' % (2.25, 'x'), '{:,}'.format(1234567))",
    "print(sorted(['b', 'a', 'C'], key=str.lower), max([3, 1, 2]), list(zip('ab', [1, 2])))",
    "match [1, 2]:\n    case [a, b]:\n        print(a + b)",
]


@pytest.mark.parametrize("code", SNIPPETS)
def test_a_snippet_prints_what_python_prints(snippets: Snippets, code: str) -> None:
    expected = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True).stdout
    ran = snippets.run(Job("python", code), Limits())
    sandbox = Sandbox(["monty", "unconfined"], processes=[Unconfined()])
    assert sandbox.run(Job("python", code)).stdout == expected
    assert ran is None or ran.status != 0 or ran.stdout == expected


@pytest.mark.parametrize("code", ["1 / 0", "raise ValueError('x')", "print(undefined)", "import re\nre.compile('(')"])
def test_what_fails_there_fails_as_in_python(snippets: Snippets, code: str) -> None:
    ran = Sandbox(["monty", "unconfined"], processes=[Unconfined()]).run(Job("python", code))
    assert ran.status == 1
    assert 'code/snippet", line' in ran.stderr
    assert ran.stdout == ""


def test_what_fails_there_is_told_as_it_is_where_nothing_else_runs(snippets: Snippets) -> None:
    ran = Sandbox(["monty"]).run(Job("python", "1 / 0"))
    assert (ran.status, ran.ended) == (1, "exit")
    assert ran.stderr.endswith("ZeroDivisionError: division by zero\n")
    with pytest.raises(CannotIsolate):
        Sandbox(["monty"]).run(Job("python", "import os"))
    with pytest.raises(CannotIsolate):
        Sandbox(["monty"]).run(Job("shell", "ls"))


def test_a_snippet_that_takes_too_long_is_not_run_again(snippets: Snippets) -> None:
    sandbox = Sandbox(["monty", "unconfined"], Limits(seconds=0.5), processes=[Unconfined()])
    ran = sandbox.run(Job("python", "print('a')\nwhile True:\n    pass"))
    assert (ran.stdout, ran.status, ran.ended) == ("a\n", 137, "time")


def test_snippets_know_nothing_of_each_other(snippets: Snippets) -> None:
    snippets.attempt("x = 'left'", Limits())
    assert snippets.attempt("print(x)", Limits()).status == 1
