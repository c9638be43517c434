"""The tree of errors: codes, texts, and that no text holds a value."""

import pickle
from pathlib import Path

import pytest

from ringfence.core import errors
from ringfence.core.codes import CODES
from ringfence.core.diagnostics import Diagnostic, Span
from ringfence.core.errors import (
    ApprovalRequired,
    ConfigError,
    LimitExceeded,
    PlanFailure,
    PlanRejected,
    PolicyDenied,
    Refused,
    RingfenceError,
    ToolError,
)
from ringfence.core.labels import Label
from ringfence.core.pages import render_errors_page
from ringfence.core.values import Labeled

SECRET = Labeled("SECRET", Label({"tool:mail"}, {"user"}))
CLASSES = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, RingfenceError)]


@pytest.mark.parametrize("cls", CLASSES)
def test_every_error_has_a_registered_code(cls: type[RingfenceError]) -> None:
    assert cls.default_code in CODES


def test_every_code_says_what_and_what_to_do() -> None:
    for code, (title, explanation) in CODES.items():
        assert code[0] in "EPC"
        assert code[1:].isdecimal()
        assert len(code) == 4
        assert title
        assert explanation.endswith((".", "?")), code


def test_the_page_of_errors_is_the_registry() -> None:
    page = Path(__file__).parents[2] / "docs" / "errors.md"
    assert page.read_text(encoding="utf-8") == render_errors_page(), "run `make docs`"


@pytest.mark.parametrize(
    "error",
    [
        ToolError("send_email", "send_email failed", detail=SECRET),
        Refused(SECRET),
        PolicyDenied("denied", decision=SECRET),
        PlanFailure("a key is missing", label=SECRET.label, exception="KeyError"),
        LimitExceeded("steps", "more than 10 steps"),
        ConfigError("unknown key"),
        ApprovalRequired(SECRET),
    ],
)
def test_no_text_of_an_error_holds_a_value(error: BaseException) -> None:
    assert "SECRET" not in str(error)
    assert "SECRET" not in repr(error)
    assert not isinstance(error, RingfenceError) or "SECRET" not in error.render()


def test_an_error_renders_code_message_and_hint() -> None:
    assert ConfigError("no such key: x", code="C507", hint="did you mean y?").render() == (
        "C507: no such key: x\n    hint: did you mean y?"
    )


def test_a_rejected_plan_renders_all_of_its_problems() -> None:
    text = "a = b\nc = d"
    problems = [
        Diagnostic("E201", "unknown name d", Span(2, 5, 2, 6)),
        Diagnostic("E201", "unknown name b", Span(1, 5, 1, 6)),
    ]
    error = PlanRejected(problems, text)
    assert error.code == "E201"
    assert error.render() == (
        "the plan has 2 problems; nothing has run\n"
        "E201 line 1: unknown name b\n"
        "    a = b\n"
        "        ^\n"
        "E201 line 2: unknown name d\n"
        "    c = d\n"
        "        ^"
    )  # fmt: skip
    assert PlanRejected([]).code == "E200"


def test_the_signal_passes_through_an_except_exception() -> None:
    def tool() -> str:
        try:
            raise ApprovalRequired("request")
        except Exception:
            return "swallowed"

    with pytest.raises(ApprovalRequired):
        tool()


def test_a_hint_given_as_empty_text_is_not_replaced() -> None:
    assert ConfigError("m", code="C501", hint="").hint == ""
    assert pickle.loads(pickle.dumps(RingfenceError("m"))).args == ("m",)
