"""The figures of a study: a table for the terminal, JSON, and a page with plots that needs nothing from elsewhere.

Its one rule: every figure stands beside what it is a share of, and beside the published figures where there are any.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, Final

from ringfence.bench.agentdojo.drawing import COLOURS, Bar, bars, page, share, table
from ringfence.bench.agentdojo.study import Row

# CaMeL's released analysis of AgentDojo v1.2 (97 tasks, 949 pairs): (utility %, successful attacks), and the share of
# the benign tasks that it can solve which its policies interrupt.
PUBLISHED: Final = (
    ("o3-high, undefended", 84.5, 11),
    ("o3-high, CaMeL without policies", 77.3, 1),
    ("Claude 4 Sonnet, undefended", 86.6, 75),
    ("Claude 4 Sonnet, CaMeL without policies", 74.2, 13),
    ("Gemini 2.5 Pro, undefended", 73.2, 163),
    ("Gemini 2.5 Pro, CaMeL without policies", 41.2, 0),
)
PUBLISHED_INTERRUPTED: Final = (("CaMeL, normal mode", 33.9), ("CaMeL, strict mode", 53.2))


def figures(rows: Iterable[Row]) -> dict[str, Any]:
    """All figures, by suite and in all."""
    listed = list(rows)
    tasks = [row for row in listed if row["kind"] == "task"]
    attacks = [row for row in listed if row["kind"] == "attack"]
    unplanned = [f"{row['suite']}/{row['task']}" for row in listed if row["kind"] == "unplanned"]
    return {
        "tasks": [_tasks(rules, some) for rules, some in _by(tasks, "rules")],
        "suites": [
            {"suite": suite, **_tasks(rules, some)}
            for suite, in_suite in _by(tasks, "suite")
            for rules, some in _by(in_suite, "rules")
        ],
        "attacks": [
            {"rules": rules, "human": human, "strength": strength, **_attacks(some)}
            for rules, a in _by(attacks, "rules")
            for human, b in _by(a, "human")
            for strength, some in _by(b, "strength")
        ],
        "unplanned": unplanned,
    }


def _by(rows: Iterable[Row], key: str) -> list[tuple[str, list[Row]]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    return list(found.items())


def _tasks(rules: str, rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "rules": rules,
        "tasks": len(rows),
        "solved": sum(row["utility"] for row in rows),
        "interrupted": sum(row["asked"] > 0 for row in rows),
        "most_asked": max((row["asked"] for row in rows), default=0),
        "denied": sum(row["outcome"] == "denied" for row in rows),
        "median_ms": round(1000 * sorted(row["seconds"] for row in rows)[len(rows) // 2], 1) if rows else 0,
    }


def _attacks(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "pairs": len(rows),
        "succeeded": sum(row["succeeded"] for row in rows),
        "hijacked": sum(bool(row["hijacks"]) for row in rows),
        "runs": sum(row["turns"] for row in rows),
    }


def text(found: dict[str, Any]) -> str:
    """The tables for a terminal."""
    lines = ["Without an attack (a human says yes to what is asked):", ""]
    lines.append(f"  {'rules':<10}{'tasks':>7}{'solved':>16}{'interrupted':>18}{'most asks':>11}{'median':>10}")
    for row in (*found["tasks"],):
        lines.append(_task_line(row["rules"], row))
    lines.append("")
    for row in found["suites"]:
        lines.append(_task_line(f"{row['suite']}, {row['rules']}", row))
    if found["attacks"]:
        lines += ["", "Under attack, the worst of all turns of the attacker:", ""]
        lines.append(f"  {'rules':<9}{'human':<9}{'hostile':<10}{'pairs':>6}{'attacks':>9}{'hijacks':>9}{'runs':>9}")
        for row in found["attacks"]:
            lines.append(
                f"  {row['rules']:<9}{row['human']:<9}{row['strength']:<10}{row['pairs']:>6}{row['succeeded']:>9}"
                f"{row['hijacked']:>9}{row['runs']:>9,}"
            )
    if found["unplanned"]:
        lines += ["", "Without a reviewed plan: " + ", ".join(found["unplanned"])]
    lines += ["", "Published, of the same benchmark (models wrote the plans, so utility does not compare):"]
    lines += [f"  {name}: utility {utility} %, {attacks} successful attacks" for name, utility, attacks in PUBLISHED]
    lines += [f"  {name}: {value} % of solvable benign tasks interrupted" for name, value in PUBLISHED_INTERRUPTED]
    return "\n".join(lines)


def _task_line(name: str, row: dict[str, Any]) -> str:
    solved = f"{row['solved']} ({share(row['solved'], row['tasks'])})"
    asked = f"{row['interrupted']} ({share(row['interrupted'], row['tasks'])})"
    return f"  {name:<18}{row['tasks']:>5}{solved:>16}{asked:>18}{row['most_asked']:>5}{row['median_ms']:>10} ms"


def html(found: dict[str, Any]) -> str:
    """A page of its own with the same figures and plots."""
    counts = [(f"Ringfence, rules {row['rules']}", row["interrupted"], row["tasks"]) for row in found["tasks"]]
    asked = [Bar(name, 100 * part / whole if whole else 0.0, COLOURS["ringfence"]) for name, part, whole in counts]
    asked += [Bar(name, value, COLOURS["published"]) for name, value in PUBLISHED_INTERRUPTED]
    attacks = [
        Bar(f"Ringfence: {r['rules']}, {r['human']}, {r['strength']}", float(r["succeeded"]), COLOURS["ringfence"])
        for r in found["attacks"]
    ] + [Bar(name, float(count), COLOURS["published"]) for name, _, count in PUBLISHED]
    parts = [
        "<h1>Ringfence on AgentDojo</h1>",
        "<h2>Without an attack</h2>",
        table(
            ("rules", "tasks", "solved", "interrupted", "most asks in a task"),
            [(r["rules"], r["tasks"], r["solved"], r["interrupted"], r["most_asked"]) for r in found["tasks"]],
        ),
        table(
            ("suite", "rules", "tasks", "solved", "interrupted"),
            [(r["suite"], r["rules"], r["tasks"], r["solved"], r["interrupted"]) for r in found["suites"]],
        ),
        bars("Benign tasks that are interrupted, %", asked),
    ]
    if found["attacks"]:
        parts += [
            "<h2>Under attack</h2>",
            table(
                ("rules", "human", "hostile readings", "pairs", "attacks", "hijacks", "runs"),
                [
                    (r["rules"], r["human"], r["strength"], r["pairs"], r["succeeded"], r["hijacked"], r["runs"])
                    for r in found["attacks"]
                ],
            ),
            bars("Successful attacks, of 949 pairs when all suites are run", attacks),
        ]
    if found["unplanned"]:
        parts.append(f"<p>Without a reviewed plan: {escape(', '.join(found['unplanned']))}</p>")
    return page("Ringfence on AgentDojo", parts)
