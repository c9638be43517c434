"""`ringfence doctor`: what it says of working, missing and leaking sandboxes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ringfence.connectors.sandbox.proof import ATTEMPTS, Finding, Report
from ringfence.connectors.sandbox.sandbox import Backend
from ringfence.connectors.sandbox.uses import USES


def reports(**results: str) -> tuple[Report, ...]:
    made = []
    for name, result in results.items():
        backend = Backend(name, result != "missing", "it is not there" if result == "missing" else "")
        findings = () if result == "missing" else (Finding("tcp", "network", "connect by TCP", result, "DETAIL"),)
        made.append(Report(backend, findings))
    return tuple(made)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch):
    def set(**results: str) -> None:
        monkeypatch.setattr("ringfence.cli.doctor.examine", lambda names: reports(**results))

    return set


@pytest.mark.parametrize(
    ("results", "status", "code"),
    [
        ({"bubblewrap": "held", "landlock": "known"}, 0, None),
        ({"bubblewrap": "missing", "landlock": "held"}, 0, None),
        ({"bubblewrap": "held", "landlock": "leaked"}, 4, "E366"),
        ({"bubblewrap": "untried", "landlock": "held"}, 4, "E366"),
        ({"bubblewrap": "missing", "landlock": "missing"}, 1, "E365"),
        ({"bubblewrap": "missing", "landlock": "missing", "monty": "held"}, 1, "E365"),
    ],
)
def test_the_status_says_whether_programs_can_be_run(cli, found, results, status, code) -> None:
    found(**results)
    shown = cli("doctor")
    assert shown.status == status
    assert (code is None and shown.err == "") or shown.err.startswith(f"{code}: ")
    made = cli("doctor", "--json")
    assert (made.status, made.json["ok"]) == (status, status == 0)


def test_what_leaks_and_what_is_known_is_told(cli, found) -> None:
    found(bubblewrap="leaked", landlock="known")
    text = cli("doctor").out
    assert "bubblewrap, connect by TCP: DETAIL" in text
    assert "landlock, connect by TCP: DETAIL" in text
    assert "LEAKED" in text


def test_the_rest_of_the_machine_is_there_in_brief(cli, found, place: Path) -> None:
    found(bubblewrap="held")
    (place / "ringfence.toml").write_text('[models]\nplanner = "openai:x"\n')
    made = cli("doctor", "--json").json
    assert made["models"]["planner"] == "openai:x"
    assert isinstance(made["terminal"], bool)
    assert set(made["parts"]) == {"pydantic_monty", "pydantic_ai", "mcp", "pypdf"}


def test_a_broken_configuration_is_a_finding_and_not_the_end(cli, found, place: Path) -> None:
    found(bubblewrap="held")
    (place / "ringfence.toml").write_text("mode = 3")
    assert cli("doctor", "--json").json["models"] == {"problem": "C500"}


@pytest.mark.slow
def test_it_tries_everything_on_this_machine(command) -> None:
    """Whatever works here holds; and the command says so as a process of its own."""
    done = command("doctor", "--json")
    made = json.loads(done.out)
    for backend in made["backends"]:
        if backend["works"]:
            assert [one["attempt"] for one in backend["findings"]] == [*ATTEMPTS, *USES]
            assert backend["holds"], [one for one in backend["findings"] if one["result"] in ("leaked", "untried")]
        else:
            assert backend["reason"]
    whole = any(one["works"] for one in made["backends"] if one["name"] != "monty")
    assert (done.status, made["ok"]) == ((0, True) if whole else (1, False))


@pytest.mark.slow
def test_it_says_what_is_missing_without_bubblewrap(command, tmp_path: Path) -> None:
    done = command("doctor", "--backend", "bubblewrap", "--json", env={"PATH": str(tmp_path)})
    (backend,) = json.loads(done.out)["backends"]
    assert (done.status, backend["works"], backend["reason"]) == (
        1,
        False,
        "bubblewrap is not installed; nothing was run",
    )
