"""What the package exports: exactly its `__all__`, from where it says, and only when it is used."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import ringfence

SOURCE = Path(ringfence.__file__)

# What costs much to import, and belongs to one use of the package only.
HEAVY = (
    "pydantic",
    "pydantic_ai",
    "openai",
    "anthropic",
    "google",
    "sqlalchemy",
    "httpx2",
    "aiosmtpd",
    "icalendar",
    "vobject",
)
HEAVY += ("selectolax", "rich")


def python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=SOURCE.parents[1]
    )
    return done.stdout.strip()


@pytest.mark.parametrize("name", ringfence.__all__)
def test_every_name_is_there_and_says_what_it_is(name: str) -> None:
    found = getattr(ringfence, name)
    assert name in dir(ringfence)
    assert name == "EVERYONE" or (found.__doc__ or type(found).__doc__)


def test_the_names_for_type_checkers_are_the_names_at_run_time() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    (typing_only,) = [node for node in tree.body if isinstance(node, ast.If)]
    declared = {
        alias.name: node.module for node in typing_only.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert sorted(declared) == sorted(ringfence.__all__)
    for name, module in declared.items():
        assert module is not None
        assert getattr(importlib.import_module(module), name) is getattr(ringfence, name)


def test_all_is_sorted_and_has_no_name_twice() -> None:
    assert len(set(ringfence.__all__)) == len(ringfence.__all__)
    assert set(ringfence.__all__) <= set(dir(ringfence))


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'firewall'"):
        ringfence.firewall  # noqa: B018  # type: ignore[attr-defined]


def test_the_package_is_typed() -> None:
    assert (SOURCE.parent / "py.typed").exists()


@pytest.mark.parametrize(
    "code",
    [
        "import ringfence",
        "from ringfence import EVERYONE, Label, PolicyDenied",
        "import ringfence.core.values, ringfence.schema, ringfence.lang",
        "from ringfence import tool, Trusted, ReadersOf, labels",
    ],
)
def test_what_is_not_used_is_not_imported(code: str) -> None:
    loaded = python(f"import sys; {code}; print(*sys.modules)").split()
    assert [name for name in HEAVY if name in loaded] == []


def test_the_command_line_starts_without_what_is_heavy() -> None:
    loaded = python("import sys; import ringfence.cli; print(*sys.modules)").split()
    assert [name for name in HEAVY if name in loaded] == []
