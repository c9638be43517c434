"""The text of diagnostics, exactly."""

from ringfence.core.diagnostics import Diagnostic, Span, render_all

PLAN = "x = send(\n    'a',\n)\ny = nme"


def test_a_caret_stands_under_the_place() -> None:
    problem = Diagnostic("E201", "unknown name nme", Span(4, 5, 4, 8), "did you mean name?")
    assert problem.render(PLAN) == (
        "E201 line 4: unknown name nme\n"
        "    y = nme\n"
        "        ^^^\n"
        "    hint: did you mean name?"
    )  # fmt: skip


def test_a_place_of_several_lines_is_marked_to_the_end_of_its_first() -> None:
    assert Diagnostic("E203", "wrong arguments", Span(1, 5, 3, 2)).render(PLAN) == (
        "E203 line 1: wrong arguments\n"
        "    x = send(\n"
        "        ^^^^^"
    )  # fmt: skip


def test_an_empty_place_has_one_caret() -> None:
    assert Diagnostic("E101", "syntax error", Span(4, 8, 4, 8)).render(PLAN).splitlines()[2] == "           ^"


def test_a_tab_counts_as_one_column() -> None:
    assert Diagnostic("E201", "m", Span(1, 3, 1, 5)).render("\tx yz").splitlines()[1:] == ["     x yz", "      ^^"]


def test_a_place_outside_of_the_text_shows_no_line() -> None:
    assert Diagnostic("E101", "syntax error", Span(9, 1, 9, 2)).render(PLAN) == "E101 line 9: syntax error"
    assert Diagnostic("E101", "syntax error", Span(1, 1, 1, 2)).render("") == "E101 line 1: syntax error"


def test_all_are_sorted_by_place_and_capped() -> None:
    problems = [Diagnostic("E201", f"problem {line}", Span(line, 1, line, 2)) for line in (3, 1, 2)]
    assert render_all(problems, "", limit=2) == "E201 line 1: problem 1\nE201 line 2: problem 2\n... and 1 more"
    assert render_all([], PLAN) == ""
