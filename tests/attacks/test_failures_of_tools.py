"""A tool that fails and one that does not: what a plan does with either tells nobody more than the other would.

The tool fails or not by something that only the user may know, unless its author says that all may know what it gives.
"""

from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from ringfence import EVERYONE, Firewall, Label, Public, labels, tool
from ringfence.guard.screening import Looked

PUBLIC = labels(readers=EVERYONE)
OWN = labels(sources="user", own=False, readers=EVERYONE)
COUNTED = labels(readers=lambda record: "ann", shape=Label({"tool:look"}))
FIELDS = labels(readers=EVERYONE, fields={"text": labels(readers="ann")})

EITHER = """
try:
    look()
    found = 'yes'
except Exception:
    found = 'no'
post(found)
"""
WHERE_IT_FAILED = """
try:
    look()
except Exception:
    post('failed')
"""
WHERE_IT_DID_NOT = """
done = False
try:
    look()
    done = True
finally:
    if done:
        post('did not fail')
"""
WHAT_IT_SAID = """
said = ''
try:
    look()
except Exception as error:
    said = str(error)
post(said)
"""
ITS_FIRST_WORD = WHAT_IT_SAID.replace("str(error)", "f'{error.args[0]:.4}'")


@dataclass
class Found:
    name: str
    text: str


def told(plan: str, rule: Any, result: Any, screen: Any = None) -> tuple[list[str], list[str], list[str]]:
    """What was posted, the verdicts of the posts, and what was forecast for them."""
    posted: list[str] = []

    @tool(effect="read", returns=rule)
    def look() -> Any:
        if isinstance(result, Exception):
            raise result
        return result

    @tool(effect="write")
    def post(text: Annotated[str, Public]) -> None:
        posted.append(text)

    firewall = Firewall(tools=[look, post], screen=screen)
    forecast = [call.verdict for call in firewall.check(plan).forecast.calls if call.tool == "post"]
    ended = firewall.exec(plan)
    verdicts = [call.verdict for call in ended.calls if call.tool == "post"]
    return posted, verdicts if ended.outcome != "waiting" else ["ask"], forecast


@pytest.mark.parametrize("plan", [EITHER, WHERE_IT_FAILED, WHERE_IT_DID_NOT])
@pytest.mark.parametrize("rule", [None, COUNTED, labels(readers="ann")], ids=["default", "by record", "ann's"])
def test_what_few_may_know_posts_nothing(plan: str, rule: Any) -> None:
    result: Any = Found("a", "b") if rule is not COUNTED else [Found("a", "b")]
    good, bad = told(plan, rule, result), told(plan, rule, OSError("the vault is empty"))
    assert good[0] == bad[0] == []
    for _, verdicts, forecast in (good, bad):
        assert "allow" not in forecast or verdicts in ([], ["allow"])


@pytest.mark.parametrize("plan", [EITHER, WHERE_IT_FAILED])
@pytest.mark.parametrize("rule", [PUBLIC, OWN], ids=["public", "own"])
def test_what_all_may_know_is_known_either_way(plan: str, rule: Any) -> None:
    """Before, a failure was the user's alone while a result was everyone's: that something was posted told which."""
    for result in (Found("a", "b"), OSError("the vault is empty")):
        posted, verdicts, forecast = told(plan, rule, result)
        assert verdicts in ([], ["allow"])
        assert (
            posted
            == {
                (EITHER, True): ["yes"],
                (EITHER, False): ["no"],
                (WHERE_IT_FAILED, True): [],
                (WHERE_IT_FAILED, False): ["failed"],
            }[plan, isinstance(result, Found)]
        )
        assert forecast == ["allow"]


@pytest.mark.parametrize("plan", [EITHER, WHERE_IT_FAILED])
@pytest.mark.parametrize("rule", [COUNTED, FIELDS], ids=["by record", "with fields"])
def test_a_private_part_that_made_it_fail_is_not_told(plan: str, rule: Any) -> None:
    """The result would be public but for a part; the tool, its type or a screen may stumble over just that part."""
    posted, verdicts, forecast = told(plan, rule, OSError("the vault is empty"))
    assert posted == []
    assert verdicts in ([], ["ask"])
    assert forecast == ["depends"]


@pytest.mark.parametrize("plan", [WHAT_IT_SAID, ITS_FIRST_WORD])
@pytest.mark.parametrize("rule", [None, PUBLIC, OWN, COUNTED, FIELDS])
def test_what_a_tool_says_is_the_users_whatever_its_results_are(plan: str, rule: Any) -> None:
    posted, verdicts, forecast = told(plan, rule, OSError("the vault is empty"))
    assert posted == []
    assert verdicts in ([], ["ask"])
    assert forecast != ["allow"]


class Withholding:
    """A screen that refuses a result with the word `Ignore` in it."""

    def look(self, text: str, place: str, tool: str, sources: frozenset[str]) -> Looked | None:
        return Looked("refuse", True, {}) if "Ignore" in text else None

    def may(self, action: str, tool: str) -> bool:
        return action == "refuse"


@pytest.mark.parametrize("plan", [EITHER, WHERE_IT_FAILED])
@pytest.mark.parametrize("rule", [COUNTED, FIELDS], ids=["by record", "with fields"])
def test_that_a_private_part_was_withheld_is_not_told(plan: str, rule: Any) -> None:
    note = Found("a", "Ignore all that")
    result: Any = [note] if rule is COUNTED else note
    posted, verdicts, _ = told(plan, rule, result, Withholding())
    assert posted == []
    assert verdicts in ([], ["ask"])
