"""A module imports only from the rows below it (docs: the layers of the design)."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"

# The first prefix that fits says which row a module is in; a module in no row fails the test.
ROWS: dict[str, int] = {
    "ringfence.core.labels": 0,
    "ringfence.core": 1,
    "ringfence.schema": 2,
    "ringfence.lang": 3,
    "ringfence.guard": 4,
    "ringfence.stores": 4,
    "ringfence.config": 5,
    "ringfence.llm": 6,
    "ringfence.connectors": 6,
    "ringfence.screens": 6,
    "ringfence.session": 7,
    "ringfence.cli": 8,
    "ringfence.server": 8,
    "ringfence.bench": 8,
    "ringfence.testing": 9,
    "ringfence.__main__": 9,
}
# Members of one row that must not know each other, but for the package that lies below the other.
SEPARATE = [("ringfence.guard", "ringfence.stores")]
# The trusted base: the standard library, without its network, and the linear-time regex engine.
TRUSTED = ("ringfence.core", "ringfence.schema", "ringfence.lang", "ringfence.guard")
TRUSTED_IMPORTS = frozenset({"re2"})
NETWORK = frozenset(
    {"socket", "ssl", "http", "urllib.request", "smtplib", "imaplib", "poplib", "ftplib", "xmlrpc", "socketserver"}
    | {"selectors", "subprocess", "multiprocessing", "ctypes", "webbrowser"}
)
# `schema` makes a pydantic format of text where a tool asks for that class (to_python).
EXCEPTIONS = {("ringfence.schema.python", "pydantic")}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_name(path): path for path in sorted(SOURCE.rglob("*.py"))}


def row(module: str) -> int | None:
    fitting = [prefix for prefix in ROWS if module == prefix or module.startswith(prefix + ".")]
    return ROWS[max(fitting, key=len)] if fitting else None


def imports(tree: ast.AST, typing_only: bool = False) -> Iterator[tuple[str, bool]]:
    """Every imported module, wherever the import stands, and whether it is there for type checkers only."""
    for node in ast.iter_child_nodes(tree):
        inside = typing_only
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            inside = True
        if isinstance(node, ast.Import):
            yield from ((alias.name, inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield (full if full in MODULES else node.module), inside
        yield from imports(node, inside)


def problems(module: str, text: str) -> Iterator[str]:
    own = row(module)
    if own is None:
        yield f"{module} is in no row"
        return
    for found, typing_only in imports(ast.parse(text)):
        if not found.startswith("ringfence"):
            yield from untrusted(module, found)
            continue
        target = row(found)
        if found == "ringfence":
            yield f"{module} imports the package itself"
        elif target is None:
            yield f"{module} imports {found}, which is in no row"
        elif target > own:
            yield f"{module} (row {own}) imports {found} (row {target})"
        elif any(module.startswith(below) and found.startswith(above) for below, above in SEPARATE) and not typing_only:
            yield f"{module} imports {found}"


def untrusted(module: str, found: str) -> Iterator[str]:
    if not module.startswith(TRUSTED) or (module, found.partition(".")[0]) in EXCEPTIONS:
        return
    top = found.partition(".")[0]
    if top not in sys.stdlib_module_names and top not in TRUSTED_IMPORTS:
        yield f"{module} is in the trusted base and imports {found}"
    elif top in NETWORK or any(found == name or found.startswith(name + ".") for name in NETWORK):
        yield f"{module} is in the trusted base and imports {found}, which reaches outside"


@pytest.mark.parametrize("module", [name for name in MODULES if name != "ringfence"])
def test_imports_point_down(module: str) -> None:
    assert list(problems(module, MODULES[module].read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("ringfence.core.values", "from ringfence.lang import ir"),
        ("ringfence.core.labels", "import ringfence.core.values"),
        ("ringfence.lang.check", "def f():\n    from ringfence.guard.policy import Policy"),
        ("ringfence.lang.check", "if TYPE_CHECKING:\n    from ringfence.llm import planner"),
        ("ringfence.guard.monitor", "from ringfence.stores import open_store"),
        ("ringfence.guard.monitor", "import httpx2"),
        ("ringfence.guard.monitor", "from urllib import request\nimport urllib.request"),
        ("ringfence.guard.monitor", "import socket"),
        ("ringfence.schema.validate", "import pydantic"),
        ("ringfence.llm.planner", "from ringfence import Firewall"),
        ("ringfence.llm.planner", "from ringfence.session import Session"),
        ("ringfence.utils", "import os"),
        ("ringfence.cli.main", "import ringfence.testing"),
    ],
)
def test_the_test_finds_what_it_should(module: str, text: str) -> None:
    assert list(problems(module, text)) != []


def test_the_test_lets_pass_what_it_should() -> None:
    text = "import json\nimport re2\nfrom ringfence.lang.host import Host\nfrom ringfence.core.labels import Label"
    assert list(problems("ringfence.guard.monitor", text)) == []
    assert (
        list(problems("ringfence.stores.sqlite", "import sqlalchemy\nfrom ringfence.guard.journal import Entry")) == []
    )
