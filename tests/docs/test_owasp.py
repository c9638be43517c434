"""docs/owasp.md names every risk of both lists, in order, and for each of them tests that exist."""

import re

import pytest

from docs.pages import ROOT, read, rows

PAGE = ROOT / "docs" / "owasp.md"
LLM = (
    "LLM01:2026 Prompt Injection (2025: LLM01)",
    "LLM02:2026 Sensitive Information Disclosure (2025: LLM02)",
    "LLM03:2026 Excessive Agency (2025: LLM06)",
    "LLM04:2026 Supply Chain (2025: LLM03)",
    "LLM05:2026 Data and Model Poisoning (2025: LLM04)",
    "LLM06:2026 Unbounded Consumption (2025: LLM10)",
    "LLM07:2026 Misinformation (2025: LLM09)",
    "LLM08:2026 Hidden Context Exposure (2025: LLM07, System Prompt Leakage)",
    "LLM09:2026 Vector and Embedding Weaknesses (2025: LLM08)",
    "LLM10:2026 Improper Output Handling (2025: LLM05)",
)
AGENTIC = (
    "ASI01 Agent Goal Hijack",
    "ASI02 Tool Misuse and Exploitation",
    "ASI03 Identity and Privilege Abuse",
    "ASI04 Agentic Supply Chain Vulnerabilities",
    "ASI05 Unexpected Code Execution (RCE)",
    "ASI06 Memory & Context Poisoning",
    "ASI07 Insecure Inter-Agent Communication",
    "ASI08 Cascading Failures",
    "ASI09 Human-Agent Trust Exploitation",
    "ASI10 Rogue Agents",
)
LISTS = {"## LLM applications": LLM, "## Agentic applications": AGENTIC}

each_list = pytest.mark.parametrize("heading", LISTS)


@each_list
def test_every_risk_is_there_in_order(heading: str) -> None:
    assert tuple(row[0] for row in rows(PAGE, heading)) == LISTS[heading]


@each_list
def test_each_says_what_holds_what_does_not_and_which_tests_show_it(heading: str) -> None:
    for risk, holds, _, out, shown in rows(PAGE, heading):
        named = re.findall(r"`(tests/[\w./]+)`", shown)
        assert holds, risk
        assert out, risk
        assert named, risk
        assert [path for path in named if not (ROOT / path).is_file()] == [], risk


def test_the_2025_numbers_are_each_there_once() -> None:
    found = re.findall(r"\(2025: (LLM\d\d)", read(PAGE))
    assert sorted(found) == [f"LLM{number:02}" for number in range(1, 11)]
