"""What the prompt of a planner is made of: the policy's rules, the profile, worked plans, and the short form."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from ringfence import Firewall, Trusted, tool
from ringfence.config import Config, load
from ringfence.llm.models import ModelSpec
from ringfence.llm.planner import Planner
from ringfence.llm.prompts import PLANNER_SYSTEM, PLANNER_SYSTEM_SHORT
from ringfence.session.models import Models
from ringfence.testing import ModelServer, ScriptedModel

TODAY = date(2026, 3, 4)


@tool(effect="write")
def send(to: Annotated[str, Trusted], body: str) -> None:
    """Send."""


@tool(effect="read")
def get_webpage(url: str) -> str:
    """A page."""
    return "page"


def prompt(given, **more):
    model = ScriptedModel(["answer(1)"])
    Firewall(given, model, policy=Config(**more)).run("x", today=TODAY)
    return model.asked[0].user


def test_the_rules_of_the_policy_are_there_and_those_that_always_allow_are_not():
    found = prompt([send, get_webpage], tools={"send": {"allow": "trusted(to) and within(len(body), 0, 9)"}})
    assert "\n    send: trusted(to) and within(len(body), 0, 9)\n" in found
    assert "get_webpage: " not in found


def test_the_profile_is_there_if_it_is_configured(tmp_path):
    (tmp_path / "ringfence.toml").write_text('[models]\nprofile = "Sam works in Lisbon."\n')
    assert load(tmp_path / "ringfence.toml").profile == "Sam works in Lisbon."
    assert "About the user: Sam works in Lisbon." in prompt([send], profile="Sam works in Lisbon.")
    assert "About the user" not in prompt([send])


def test_worked_plans_fit_the_tools():
    assert "opening hours" in prompt([get_webpage])
    assert "An example" not in prompt([send])


def test_small_models_get_the_short_form():
    assert len(PLANNER_SYSTEM_SHORT) * 2 < len(PLANNER_SYSTEM)
    with ModelServer(["```python\nanswer(1)\n```"]) as server:
        for provider, system in (("ollama", PLANNER_SYSTEM_SHORT), ("openai", PLANNER_SYSTEM)):
            models = Models(ModelSpec(provider, "m", server.url), None, {})
            writer = models.planner()
            assert isinstance(writer, Planner)
            writer._model.complete(writer._system, "u")
            assert system[:200] in str(server.requests[-1].body["messages"][0]["content"])
            models.close()
