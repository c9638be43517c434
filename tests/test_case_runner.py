"""The case runner itself: what is wrong in a case, or in what a plan did, is never passed over."""

from pathlib import Path

import pytest

from case_runner import Case, CaseError, Labels, Report, compare, compare_public, read_cases

PUBLIC = Labels((), None)
MAIL = Labels(("tool:mail",), ("user",))


def read(tmp_path: Path, text: str) -> list[Case]:
    path = tmp_path / "some.case"
    path.write_text(text, encoding="utf-8")
    return read_cases(path)


def only(tmp_path: Path, text: str) -> Case:
    (case,) = read(tmp_path, text)
    return case


def report(**parts: object) -> Report:
    return Report(**({"outcome": "completed"} | parts))  # type: ignore[arg-type]


def test_a_case_has_what_it_says(tmp_path: Path) -> None:
    case = only(
        tmp_path,
        """## a comment, then the directives
# given: secret = {"value": 1, "sources": ["tool:vault"], "readers": ["alice"]}
# vary: secret = 2
# tools: mail, web
# policy:
#   [tools.send]
#   allow = "trusted(to)"
# mode: strict
# dialect: dual-llm
# approve: all
# limit: steps=10, depth=3
# quarantine: [{"a": 1}, "$insufficient"]
x = secret  ### fails P401 PolicyDenied
    # not a directive
# => x: {"$tuple": [1]}
# label x: sources={b, a} readers={alice}
# label y, z: sources={} readers=everyone
# answer: "done"
# answer label: sources={} readers={}
# outcome: denied
# calls: a, b
# call 0: {"to": "x"}
# decision: deny by default
""",
    )
    assert case.given == {"secret": {"value": 1, "sources": ["tool:vault"], "readers": ["alice"]}}
    assert case.vary == [("secret", 2)]
    assert case.tools == ["mail", "web"]
    assert case.policy == '[tools.send]\nallow = "trusted(to)"'
    assert (case.mode, case.dialect, case.approve) == ("strict", "dual-llm", "all")
    assert case.limits == {"steps": 10, "depth": 3}
    assert case.quarantine == [{"a": 1}, "$insufficient"]
    assert case.fails is not None
    assert (case.fails.code, case.fails.kind, case.fails.line) == ("P401", "PolicyDenied", 13)
    assert case.values == {"x": {"$tuple": [1]}}
    assert case.labels == {"x": Labels(("a", "b"), ("alice",)), "y": PUBLIC, "z": PUBLIC}
    assert case.answer == ["done"]
    assert case.answer_label == Labels((), ())
    assert (case.outcome, case.calls) == ("denied", ["a", "b"])
    assert case.arguments == {0: {"to": "x"}}
    assert case.decision == ("deny", "default")
    assert not case.plain


def test_cases_of_a_file_keep_its_lines(tmp_path: Path) -> None:
    first, second = read(tmp_path, "x = 1\n# => x: 1\n---\n\ny = z  ### reject E201\n")
    assert (first.name, second.name) == ("some:1", "some:5")
    assert second.text.splitlines()[4] == "y = z  ### reject E201"
    assert second.rejects[0].line == 5
    assert first.plain
    assert not second.plain


@pytest.mark.parametrize(
    "text",
    [
        "x = 1",
        "x = 1\n# returns x: 1",
        "x = 1\n# a comment that looks like a directive",
        "x = 1\n# =>x: 1",
        "x = 1\n# => x: one",
        "x = 1\n# => x 1",
        "# label x: sources={a}",
        "# label x: sources={a} readers=nobody",
        "# label: sources={a} readers=everyone",
        "# label x y: sources={a} readers=everyone",
        "# outcome: done",
        "# outcome:",
        "# mode: lax\n# outcome: completed",
        "# given: x = 1\n# outcome: completed",
        '# given: x = {"value": 1, "reader": []}\n# outcome: completed',
        "# vary: x = 1\n# outcome: completed",
        "# limit: steps\n# outcome: completed",
        "# quarantine: {}\n# outcome: completed",
        "# python: differs\n# outcome: completed",
        "# decision: maybe",
        "# call x: {}",
        "# error: E301\n# error: E302",
        "x = 1 ### reject",
        "x = 1 ### reject E20 'x'",
        "x = 1 ### refuse E201",
        "x = 1 ### reject E201 unquoted",
        "x = 1 ### fails E301 KeyError ### fails E301 KeyError",
        "x = 1 ### reject E201 trailing ### reject",
    ],
)
def test_a_wrong_case_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(CaseError):
        read(tmp_path, text + "\n")


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("# => x: 1", report(variables={"x": (1, PUBLIC)})),
        ("# label x: sources={tool:mail} readers={user}", report(variables={"x": (1, MAIL)})),
        ("# answer: [1]", report(answer=([1], MAIL))),
        ("# answer label: sources={tool:mail} readers={user}", report(answer=([1], MAIL))),
        ("# calls: none", report()),
        ("# calls: a, b", report(calls=[("a", {}), ("b", {})])),
        ('# call 1: {"x": 1}', report(calls=[("a", {}), ("b", {"x": 1})])),
        ("# decision: deny by default", report(decisions=[("allow", ()), ("deny", ("default",))])),
        ("# outcome: completed", report()),
        ('x ### reject E201 "unknown"', report(outcome="rejected", diagnostics=[("E201", "unknown name x", 1)])),
        ("# reject: E101", report(outcome="rejected", diagnostics=[("E101", "syntax error", 9)])),
        ("x ### fails E301 KeyError", report(outcome="failed", error=("E301", ("PlanFailure", "KeyError"), 1))),
        ("# error: E301", report(outcome="failed", error=("E301", ("PlanFailure", "KeyError"), 5))),
    ],
)
def test_what_is_as_expected_passes(tmp_path: Path, text: str, done: Report) -> None:
    assert compare(only(tmp_path, text + "\n"), done) == []


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("# => x: 1", report()),
        ("# => x: 1", report(variables={"x": (2, PUBLIC)})),
        ("# => x: 1", report(variables={"x": (1.0, PUBLIC)})),
        ("# => x: 1", report(variables={"x": (True, PUBLIC)})),
        ("# => x: 1", report(outcome="failed", variables={"x": (1, PUBLIC)}, error=("E301", ("PlanFailure",), 2))),
        ("# => x: 1", report(outcome="waiting", variables={"x": (1, PUBLIC)})),
        ("# label x: sources={tool:mail} readers=everyone", report(variables={"x": (1, MAIL)})),
        ("# label x: sources={} readers=everyone", report()),
        ("# answer: [1]", report()),
        ("# answer: [1]", report(answer=([2], MAIL))),
        ("# answer label: sources={} readers=everyone", report(answer=([1], MAIL))),
        ("# calls: none", report(calls=[("a", {})])),
        ("# calls: a, b", report(calls=[("b", {}), ("a", {})])),
        ('# call 1: {"x": 1}', report(calls=[("a", {})])),
        ('# call 0: {"x": 1}', report(calls=[("a", {"x": 1, "y": 2})])),
        ("# decision: deny by default", report(decisions=[("deny", ("other",))])),
        ("# decision: deny", report(decisions=[("deny", ()), ("allow", ())])),
        ("# decision: deny", report()),
        ("# outcome: completed", report(outcome="refused")),
        ("# outcome: completed", report(diagnostics=[("E201", "unknown name x", 1)])),
        ('x ### reject E201 "unknown"', report()),
        ('x ### reject E201 "unknown"', report(outcome="rejected", diagnostics=[("E201", "unknown name x", 2)])),
        ('x ### reject E201 "other"', report(outcome="rejected", diagnostics=[("E201", "unknown name x", 1)])),
        ("x ### reject E202", report(outcome="rejected", diagnostics=[("E201", "unknown name x", 1)])),
        ("x ### reject E201", report(outcome="rejected", diagnostics=[("E201", "a", 1), ("E201", "b", 1)])),
        ("x ### fails E301 KeyError", report()),
        ("x ### fails E301 KeyError", report(outcome="failed", error=("E301", ("PlanFailure", "KeyError"), 2))),
        ("x ### fails E301 KeyError", report(outcome="failed", error=("E301", ("PlanFailure", "IndexError"), 1))),
        ("x ### fails E302", report(outcome="failed", error=("E301", ("PlanFailure",), 1))),
    ],
)
def test_what_is_not_as_expected_fails(tmp_path: Path, text: str, done: Report) -> None:
    assert compare(only(tmp_path, text + "\n"), done) != []


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (report(variables={"secret": (2, MAIL)}), True),
        (report(variables={"secret": (2, PUBLIC)}), False),
        (report(variables={"secret": (1, MAIL), "leak": (1, PUBLIC)}), False),
        (report(variables={"secret": (1, MAIL), "loop": (1, MAIL)}), True),
        (report(variables={"secret": (1, MAIL)}, calls=[("a", {})]), False),
        (report(variables={"secret": (1, MAIL)}, error=("E301", ("PlanFailure",), 1)), False),
        (report(outcome="denied", variables={"secret": (1, MAIL)}), False),
        (report(variables={"secret": (1, MAIL)}, answer=(1, PUBLIC)), False),
        (report(variables={"secret": (1, MAIL)}, decisions=[("deny", ())]), False),
    ],
)
def test_what_depends_on_a_secret_is_seen(other: Report, same: bool) -> None:
    one = report(variables={"secret": (1, MAIL)})
    assert (compare_public(one, other) == []) is same


def test_arguments_that_only_some_may_read_may_differ() -> None:
    runs = [report(calls=[("send", {"to": "a", "body": body})], hidden=[("body",)]) for body in ("x", "y")]
    assert compare_public(*runs) == []
    runs = [report(calls=[("look", {})] * count, hidden=[()] * count, private=[True] * count) for count in (1, 2)]
    assert compare_public(*runs) == []
    runs = [report(calls=[("send", {"to": to, "body": "x"})], hidden=[("body",)]) for to in ("x", "y")]
    assert compare_public(*runs) != []
