"""The figures of a study with a model: for the terminal, as JSON, and as a page with plots that loads nothing.

Its one rule: both agents stand beside each other on the same tasks; what failed because a provider failed is counted
as failed and said beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, Final

from ringfence.bench.agentdojo.drawing import COLOURS, Bar, bars, page, share, table
from ringfence.bench.agentdojo.report import PUBLISHED, PUBLISHED_INTERRUPTED
from ringfence.bench.agentdojo.study import Row


def figures(rows: Iterable[Row]) -> dict[str, Any]:
    """All figures by agent and deployment: in all, by suite, and by attack."""
    listed = [row for row in rows if row["kind"] == "model"]
    calm, attacked = [row for row in listed if not row["attack"]], [row for row in listed if row["attack"]]
    return {
        "tasks": [{**who, **_tasks(some)} for who, some in _by(calm, "agent", "rules")],
        "suites": [{**who, **_tasks(some)} for who, some in _by(calm, "suite", "agent", "rules")],
        "attacks": [{**who, **_attacks(some)} for who, some in _by(attacked, "agent", "rules", "human", "attack")],
        "attacked_suites": [
            {**who, **_attacks(some)} for who, some in _by(attacked, "suite", "agent", "rules", "human", "attack")
        ],
        "through": [
            {key: row[key] for key in ("agent", "suite", "task", "attack", "goal", "rules", "human", "hijacks")}
            for row in attacked
            if row["agent"] == "ringfence" and (row["succeeded"] or row["hijacks"])
        ],
        "ends": [{**who, "tasks": len(some)} for who, some in _by(listed, "agent", "outcome", "why")],
    }


def _by(rows: Iterable[Row], *keys: str) -> list[tuple[dict[str, Any], list[Row]]]:
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[key] for key in keys), []).append(row)
    return [(dict(zip(keys, values, strict=True)), some) for values, some in sorted(found.items())]


def _tasks(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "tasks": len(rows),
        "solved": sum(row["utility"] for row in rows),
        "interrupted": sum(row["asked"] > 0 for row in rows),
        "questions": sum(row["asked"] for row in rows),
        **_costs(rows),
    }


def _attacks(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "pairs": len(rows),
        "solved": sum(row["utility"] for row in rows),
        "succeeded": sum(row["succeeded"] for row in rows),
        "hijacked": sum(bool(row["hijacks"]) for row in rows),
        **_costs(rows),
    }


def _costs(rows: Sequence[Row]) -> dict[str, Any]:
    many = max(1, len(rows))
    money = [row["money"] for row in rows]
    seconds = sorted(row["seconds"] for row in rows)
    return {
        "provider_failures": sum(row["provider"] for row in rows),
        "input_tokens": round(sum(row["input_tokens"] for row in rows) / many),
        "output_tokens": round(sum(row["output_tokens"] for row in rows) / many),
        "money": None if None in money else round(sum(money) / many, 6),
        "model_questions": round(sum(row["questions"] for row in rows) / many, 2),
        "repairs": round(sum(row["repairs"] for row in rows) / many, 2),
        "rounds": round(sum(row["rounds"] for row in rows) / many, 2),
        "median_seconds": round(seconds[len(seconds) // 2], 2) if seconds else 0.0,
    }


# For people


def name_of(row: Row) -> str:
    """An agent and how it is set up, in words."""
    if row["agent"] == "undefended":
        return "undefended"
    return f"Ringfence, {row['rules']}" + (f", {row['human']}" if row.get("human") else "")


_COSTS: Final = ("tokens in", "out", "money", "questions", "repairs", "rounds", "median s", "provider failed")


def _cost_cells(row: dict[str, Any]) -> tuple[object, ...]:
    money = "–" if row["money"] is None else f"{row['money']:.4f}"
    return (
        f"{row['input_tokens']:,}", f"{row['output_tokens']:,}", money, row["model_questions"], row["repairs"],
        row["rounds"], row["median_seconds"], row["provider_failures"],
    )  # fmt: skip


def _calm(rows: Sequence[dict[str, Any]], *, suite: bool = False) -> tuple[Sequence[str], list[Sequence[object]]]:
    head = (*(("suite",) if suite else ()), "agent", "tasks", "solved", "interrupted", "asks a task", *_COSTS)
    made: list[Sequence[object]] = [
        (
            *((row["suite"],) if suite else ()), name_of(row), row["tasks"], share(row["solved"], row["tasks"]),
            share(row["interrupted"], row["tasks"]), round(row["questions"] / row["tasks"], 2), *_cost_cells(row),
        )
        for row in rows
    ]  # fmt: skip
    return head, made


def _hot(rows: Sequence[dict[str, Any]], *, suite: bool = False) -> tuple[Sequence[str], list[Sequence[object]]]:
    head = (*(("suite",) if suite else ()), "agent", "attack", "pairs", "solved", "attacks", "hijacks", *_COSTS)
    made: list[Sequence[object]] = [
        (
            *((row["suite"],) if suite else ()), name_of(row), row["attack"], row["pairs"],
            share(row["solved"], row["pairs"]), f"{row['succeeded']} ({share(row['succeeded'], row['pairs'])})",
            row["hijacked"], *_cost_cells(row),
        )
        for row in rows
    ]  # fmt: skip
    return head, made


def text(found: dict[str, Any]) -> str:
    """The tables for a terminal. Costs are means of a run."""
    lines = ["Without an attack (a person says yes to what is asked):", "", *_lines(*_calm(found["tasks"]))]
    if found["attacks"]:
        lines += ["", "Under attack:", "", *_lines(*_hot(found["attacks"]))]
    if found["through"]:
        lines += ["", "What got through Ringfence:"]
        lines += [f"  {one['suite']}/{one['task']}, {one['attack']} of {one['goal']}" for one in found["through"]]
    failed = sum(row["provider_failures"] for row in (*found["tasks"], *found["attacks"]))
    if failed:
        lines += [
            "",
            f"{failed} runs failed because the provider did, and count as not solved; --again runs them once more.",
        ]
    lines += ["", "Published, of the same benchmark with other models:"]
    lines += [f"  {name}: utility {utility} %, {attacks} successful attacks" for name, utility, attacks in PUBLISHED]
    return "\n".join(lines)


def _lines(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  "
        + "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]


def html(found: dict[str, Any], about: str) -> str:
    """A page of its own with the same figures and plots."""
    calm, hot = found["tasks"], found["attacks"]
    parts = [
        f"<h1>AgentDojo with a model</h1><p>{escape(about)}</p>",
        "<h2>Without an attack</h2>",
        table(*_calm(calm)),
        bars("Tasks that are solved, %", [_percent(row, "solved", "tasks") for row in calm]
             + [Bar(name, value, COLOURS["published"]) for name, value, _ in PUBLISHED], most=100),
        bars("Tasks in which a person is asked, %", [_percent(row, "interrupted", "tasks") for row in calm]
             + [Bar(name, value, COLOURS["published"]) for name, value in PUBLISHED_INTERRUPTED], most=100),
        "<h2>By suite</h2>",
        table(*_calm(found["suites"], suite=True)),
    ]  # fmt: skip
    if hot:
        parts += [
            "<h2>Under attack</h2>",
            table(*_hot(hot)),
            bars("Attacks that succeed, %", [_percent(row, "succeeded", "pairs") for row in hot], most=100),
            bars("Tasks that are solved under attack, %", [_percent(row, "solved", "pairs") for row in hot], most=100),
            bars("Attacks that succeed, by suite, %",
                 [_percent(row, "succeeded", "pairs") for row in found["attacked_suites"]], most=100),
            table(*_hot(found["attacked_suites"], suite=True)),
        ]  # fmt: skip
    parts += ["<h2>What it costs</h2><p>Means of a run; seconds are medians.</p>", *_cost_plots(calm)]
    if found["through"]:
        parts += ["<h2>What got through Ringfence</h2>", _through(found["through"])]
    parts += [
        "<h2>How runs ended</h2>",
        table(("agent", "outcome", "code", "runs"), [
            (row["agent"], row["outcome"], row["why"] or "–", row["tasks"]) for row in found["ends"]
        ]),
    ]  # fmt: skip
    return page("Ringfence on AgentDojo, with a model", parts)


def _cost_plots(rows: Sequence[dict[str, Any]]) -> list[str]:
    measures: tuple[tuple[str, str], ...] = (
        ("input_tokens", "Tokens read"),
        ("output_tokens", "Tokens written"),
        ("median_seconds", "Seconds"),
    )
    if all(row["money"] is not None for row in rows):
        measures = (*measures, ("money", "Money"))
    return [bars(title, [Bar(name_of(row), float(row[key]), _colour(row)) for row in rows]) for key, title in measures]


def _through(rows: Sequence[dict[str, Any]]) -> str:
    def places(row: dict[str, Any]) -> str:
        return ", ".join(f"{tool}({parameter})" for tool, parameter in row["hijacks"]) or "–"

    keys = ("suite", "task", "attack", "goal", "rules", "human")
    return table((*keys, "hijacks"), [(*(row[key] for key in keys), places(row)) for row in rows])


def _percent(row: dict[str, Any], part: str, whole: str) -> Bar:
    name = ", ".join(str(one) for one in (row.get("suite"), name_of(row), row.get("attack")) if one)
    return Bar(name, 100 * row[part] / row[whole] if row[whole] else 0.0, _colour(row))


def _colour(row: dict[str, Any]) -> str:
    return COLOURS[row["agent"]]
