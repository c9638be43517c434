"""The lists of docs/language.md, from the tables of the runtime. `python tests/docs/language_tables.py` writes them.

Its one rule: the page says what a plan can name and nothing else; a test compares.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from ringfence.lang import Limits
from ringfence.lang.builtins.modules.records import FIELDS
from ringfence.lang.builtins.tables import ATTRIBUTES, METHODS
from ringfence.lang.objects import Builtin, TypeValue
from ringfence.lang.raised import ExceptionType
from ringfence.lang.running.runtime import NAMES, modules

PAGE = Path(__file__).parents[2] / "docs" / "language.md"
_MARKED = re.compile(r"(<!-- generated: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)
# The names of Python for the types that the runtime has classes of its own for.
_SHOWN = {
    "List": "list",
    "View": "dict views",
    "Dict": "dict, OrderedDict",
    "DefaultDict": "defaultdict",
    "Set": "set, frozenset",
    "Record": "records",
    "Pattern": "re.Pattern",
    "Match": "re.Match",
    "Deque": "deque",
    "Address": "results of urlparse",
}
_LIMITS = {
    "steps": "statements, iterations, and parts that a long operation visits",
    "depth": "nested calls of the plan's own functions",
    "seconds": "time in the engine; waiting for tools and models does not count",
    "memory": "bytes that the run adds to the process",
    "calls": "calls of tools and models",
    "overlap": "calls that read and are on their way at once",
}


def code(names: Iterable[str]) -> str:
    """Names as code, in alphabetical order."""
    return ", ".join(f"`{name}`" for name in sorted(names))


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def builtins() -> str:
    """Everything that needs no import."""
    groups = {
        "functions": [name for name, value in NAMES.items() if isinstance(value, Builtin)],
        "exceptions": [name for name, value in NAMES.items() if isinstance(value, ExceptionType)],
    }
    known = {name for group in groups.values() for name in group}
    groups["types, and names for annotations and classes"] = [name for name in NAMES if name not in known]
    return "\n".join(f"- **{title}**: {code(names)}" for title, names in groups.items())


def methods() -> str:
    """Methods and attributes by type."""
    rows: dict[str, tuple[set[str], set[str]]] = {}
    for column, found in enumerate((METHODS, ATTRIBUTES)):
        for kind, members in found.items():
            shown = _SHOWN.get(kind.__name__, kind.__name__)
            rows.setdefault(shown, (set(), set()))[column].update(name for name in members if name.isidentifier())
    for name, fields in FIELDS.items():
        rows.setdefault(name, (set(), set()))[1].update(fields)
    return table(
        ("type", "methods", "attributes"),
        [(f"`{name}`", code(one), code(other)) for name, (one, other) in sorted(rows.items(), key=lambda row: row[0])],
    )


def importable() -> str:
    """Modules and what each has; in brackets what can be read from a type."""
    return table(
        ("module", "what there is"),
        [(f"`{name}`", members(module.members)) for name, module in sorted(modules().items())],
    )


def members(found: Mapping[str, object]) -> str:
    parts = []
    for name, value in sorted(found.items()):
        own = sorted(getattr(value, "members", {})) if isinstance(value, TypeValue) else []
        special = [one for one in own if not any(one in methods for methods in METHODS.values())]
        parts.append(f"`{name}`" + (f" ({', '.join(f'`.{one}`' for one in special)})" if special else ""))
    return ", ".join(parts)


def limits() -> str:
    """The limits of a run and their defaults."""
    default = Limits()
    return table(
        ("limit", "default", "what it counts"),
        [(f"`{name}`", f"{getattr(default, name):,}", text) for name, text in _LIMITS.items()],
    )


LISTS: dict[str, Callable[[], str]] = {
    "builtins": builtins,
    "methods": methods,
    "modules": importable,
    "limits": limits,
}


def filled(page: str) -> str:
    """The page with its lists as the tables are now. KeyError for a list that does not exist."""
    return _MARKED.sub(lambda found: f"{found[1]}{LISTS[found[2]]()}\n{found[3]}", page)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} is up to date\n")
