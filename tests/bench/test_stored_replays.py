"""The figures of docs/replay.md are those of the stored replays."""

import importlib.util
import json
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_table_of_the_page_is_that_of_the_file() -> None:
    spec = importlib.util.spec_from_file_location("stored_replays", ROOT / "benchmarks" / "replay.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kept = json.loads((ROOT / "benchmarks" / "replay.json").read_text())
    assert module.table(kept) in (ROOT / "docs" / "replay.md").read_text()


def test_nothing_gets_through_by_the_suites_rules() -> None:
    kept = json.loads((ROOT / "benchmarks" / "replay.json").read_text())["default"]
    assert kept["through"] == []
    assert {name.split("/")[2] for name in kept["no call"]} == {"injection_task_6"}
    assert kept["not reached"] == []
