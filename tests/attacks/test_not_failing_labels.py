"""That a call did not fail, as labels: of the place, of what is set there, and of the result itself.

The tool's results are public, and whether it fails is secret. The place in the body behind the call is then secret, and
so is behind the `try` what the body could have set. The result as a value has its own label as long as the body runs:
what is there of it is told by the place.
"""

from __future__ import annotations

from typing import Any

import pytest

from ringfence import lang
from ringfence.core.errors import ToolError
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Labeled, Value, deep, label_of
from ringfence.lang.host import Bounds, HostCall, Param, Signature, Site

SECRET = Label({"tool:look"}, {"user"})
WEB = Label({"web"})
SIGNATURES = {
    "look": Signature("look", (), effect="read", result=Bounds(WEB, WEB), said=SECRET, fact=SECRET),
    "send": Signature("send", (Param("x"),), effect="write", result=Bounds(), said=TRUSTED_PUBLIC),
}


class Late:
    """A result that is on its way."""

    def __init__(self, value: Value) -> None:
        self.value = value

    def result(self) -> Value:
        if isinstance(self.value, BaseException):
            raise self.value
        return self.value


class Host:
    """Gives a public result, or fails in secret; quarantined calls are given public answers."""

    def __init__(self, fails: bool, late: bool) -> None:
        self.fails = fails
        self.late = late
        self.sent: list[tuple[Label, Label]] = []

    def call(self, call: HostCall) -> Any:
        if call.name == "send":
            self.sent.append((deep(call.arguments["x"]), call.pc))
            return None
        failure = ToolError("look", "failed", label=SECRET)
        value: Any = failure if self.fails and call.name == "look" else Labeled("seen", WEB)
        return Late(value) if self.late or call.name == "quarantine" else Late(value).result()

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""


def ran(text: str, fails: bool = False, late: bool = False) -> tuple[dict[str, Value], list[tuple[Label, Label]]]:
    host, checked = Host(fails, late), lang.check(lang.parse(text), SIGNATURES)
    made = lang.run(lang.compile(checked), host)
    assert made.outcome == "completed", made.error
    bounds = [call.pc for call in lang.flows(checked).calls if call.name == "send"]
    for _, pc in host.sent:
        assert all(one.high is None or one.high.join(pc) is one.high for one in bounds), "the forecast is too low"
    return dict(made.variables), host.sent


@pytest.mark.parametrize("late", [False, True])
def test_the_place_is_secret_and_the_result_is_its_own(late: bool) -> None:
    text = "x = None\ntry:\n    x = look()\n    y = x.upper()\n    send(y)\n    send(x)\nexcept Exception:\n    pass\n"
    found, sent = ran(text, late=late)
    assert sent == [(WEB, SECRET.join(WEB))] * 2
    assert label_of(found["x"]) is label_of(found["y"]) is SECRET.join(WEB)
    found, sent = ran(text, True, late)
    assert sent == []
    assert label_of(found["x"]) is SECRET


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("fails", [False, True])
def test_behind_the_statement_the_place_is_public_again(fails: bool, late: bool) -> None:
    _, sent = ran("n = 1\ntry:\n    x = look()\nexcept Exception:\n    x = None\nsend(n)\n", fails, late)
    assert sent == [(TRUSTED_PUBLIC, TRUSTED_PUBLIC)]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("fails", [False, True])
def test_where_only_another_kind_is_caught_it_is_secret_all_the_same(fails: bool, late: bool) -> None:
    inner = "    try:\n        look()\n        f = 1\n    except KeyError:\n        f = 2\n"
    text = f"f = 0\ntry:\n{inner}except Exception:\n    pass\n"
    assert label_of(ran(text, fails, late)[0]["f"]) in (SECRET, SECRET.join(WEB))


@pytest.mark.parametrize("late", [False, True])
def test_no_try_no_secret(late: bool) -> None:
    found, sent = ran(
        "x = look()\nsend(x)\ntry:\n    y = 1\nexcept Exception:\n    y = 2\nz = look()\nsend(y)\n", late=late
    )
    assert sent == [(WEB, TRUSTED_PUBLIC), (TRUSTED_PUBLIC, TRUSTED_PUBLIC)]
    assert label_of(found["x"]) is label_of(found["z"]) is WEB


@pytest.mark.parametrize(
    "text", ["quarantine('x', look())", "quarantine_each('x', [look()])", "quarantine(look(), 'x')"]
)
def test_a_call_that_waited_for_another_tells_that_that_one_did_not_fail(text: str) -> None:
    _, sent = ran(f"try:\n    x = {text}\n    str(x)\n    send(1)\nexcept Exception:\n    pass\n", late=True)
    assert [pc for _, pc in sent] == [SECRET.join(WEB)]
    assert ran(f"try:\n    x = {text}\n    str(x)\n    send(1)\nexcept Exception:\n    pass\n", True, True)[1] == []


def test_a_quarantined_call_that_could_answer_tells_of_all_that_was_read() -> None:
    """Parts of its answer may have the labels of single inputs; what the model could not read may be in any."""
    text = "s = look()\nf = 0\ntry:\n    quarantine('x', s, secret)\n    f = 1\nexcept Exception:\n    f = 2\n"
    checked = lang.check(lang.parse(text), SIGNATURES, given={"secret": Bounds(SECRET, SECRET)})
    made = lang.run(lang.compile(checked), Host(False, False), {"secret": Labeled("x", SECRET)})
    assert label_of(made.variables["f"]) is SECRET.join(WEB)
