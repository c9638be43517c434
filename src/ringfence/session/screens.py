"""The screen of a firewall, from its configuration.

Its one rule: without a table `[screens]` there is none, and nothing of it is imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ringfence.config import Config
from ringfence.core.encoding import Json
from ringfence.core.errors import ConfigError
from ringfence.guard.policy import Policy
from ringfence.guard.screening import Looked, Screen, looked


def screen_for(config: Config, policy: Policy) -> Screen | None:
    """The screen that the configuration describes. Raises ConfigError: C560, C561."""
    if config.screens is None:
        return None
    from ringfence.screens.guarding import Guarding
    from ringfence.screens.setting_up import screen_of
    from ringfence.screens.settings import check_tools, settings

    made = settings(config.screens)
    check_tools(made, policy.tools)
    return Guarding(screen_of(made, config.path), made, policy.mode)


def asking(policy: Policy, screen: Screen | None) -> Policy:
    """The policy, which asks about what depends on a flagged result if the screen's settings say so."""
    asks = screen is not None and any(screen.may("ask", name) for name in policy.tools)
    return policy.asking_about_flagged() if asks else policy


def described(screen: Screen | None, policy: Policy, *, accepted: bool) -> tuple[Mapping[str, Json], ...]:
    """What tools say of themselves is shown to the planner: it is looked at once, before anything runs.

    What was found, for the audit of each run. accepted: a person has accepted these very descriptions (their pins).
    Raises ConfigError (E383).
    """
    found: list[Mapping[str, Json]] = []
    for name, one in () if screen is None else _descriptions(screen, policy):
        if one.action == "refuse" or (one.action == "ask" and not accepted):
            how = ", or accept it with `ringfence tools accept`" if one.action == "ask" else ""
            raise ConfigError(
                f"the description of {name} reads like an attack on a model",
                code="E383",
                hint=f"look at it with `ringfence scan`; leave the tool out{how}, or set [screens.on_hit] description",
            )
        found.append({"place": "description", "tool": name, **one.data})
    return tuple(found)


def _descriptions(screen: Screen, policy: Policy) -> Iterator[tuple[str, Looked]]:
    for tool in policy.tools.values():
        signature = tool.signature
        text = "\n".join([signature.description, *(param.description for param in signature.params)])
        found = looked(screen, text, "description", tool.name, frozenset())
        if found is not None:
            yield tool.name, found
