"""Options that several commands take, and the configuration that they make together.

Its one rule: the command line comes before the configuration file, that before the defaults.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ringfence.config import Config, find
from ringfence.guard.ruleset import MODES
from ringfence.guard.visible import visible
from ringfence.lang.dialects import DIALECTS

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Decorator = Callable[[_Function], _Function]

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
policy = click.option(
    "--policy",
    "--config",
    "policy",
    metavar="FILE",
    help="The configuration (default: ./ringfence.toml).",
)
store = click.option("--store", metavar="PATH", help="Where runs, approvals and the audit are kept: a file or a URL.")
tools = click.option("--tools", metavar="MODULE:ATTR", help="A list of tools, or a function that returns one.")
given = click.option("--given", metavar="FILE", help="JSON of variables that exist before the plan starts.")
dialect = click.option("--dialect", type=click.Choice(DIALECTS), help="Which subset of the language a plan may use.")
mode = click.option("--mode", type=click.Choice(MODES), help="Default: enforce.")
model = click.option("--model", metavar="NAME", help="The planner: PROVIDER:NAME, PROVIDER:NAME@URL, or offline.")
quarantine = click.option("--quarantine-model", metavar="NAME", help="The model that reads untrusted text.")
user = click.option("--user", metavar="NAME", help="Who the answer is for.")
approve = click.option(
    "--approve",
    type=click.Choice(("all", "none", "ask", "webhook")),
    help="Say yes to all that is asked, ask nobody, ask in the terminal (default: ask if there is one), or send the "
    "questions to RINGFENCE_WEBHOOK_URL.",
)

approve_plan = click.option(
    "--approve-plan",
    is_flag=True,
    help="Ask about the calls that the forecast knows of together, before the plan starts.",
)


def together(*options: _Decorator[Any]) -> _Decorator[_Function]:
    """Several options as one decorator, listed in this order."""

    def decorate(function: _Function) -> _Function:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def configuration(policy: str | None) -> Config:
    """The configuration of a command. Raises ConfigError."""
    return find(policy)


def store_of(config: Config, chosen: str | None) -> str | None:
    """Where runs are kept: as chosen, else as configured, else in the workspace, else nowhere."""
    if chosen is not None:
        return chosen
    if config.store is not None:
        return config.store
    return None if config.workspace is None else str(Path(config.workspace) / "state" / "ringfence.db")


def told_again(store: str | None, policy: str | None, workspace: str | None = None) -> str:
    """The options with which another command finds the same store. An address may hold a password: it is not shown."""
    address = "URL" if store is not None and "://" in store else store
    given = (("--store", address), ("--policy", policy), ("--workspace", workspace))
    return "".join(f" {name} {shlex.quote(visible(value))}" for name, value in given if value is not None)
