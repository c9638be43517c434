"""The screen of a firewall, from its configuration.

Its one rule: without a table `[screens]` there is none, and nothing of it is imported.
"""

from __future__ import annotations

from ringfence.config import Config
from ringfence.core.errors import ConfigError
from ringfence.guard.policy import Policy
from ringfence.guard.screening import Screen, looked


def screen_for(config: Config, policy: Policy) -> Screen | None:
    """The screen that the configuration describes. Raises ConfigError: C560, C561, E383 for a tool."""
    if config.screens is None:
        return None
    from ringfence.screens.guarding import Guarding
    from ringfence.screens.setting_up import screen_of
    from ringfence.screens.settings import settings

    made = settings(config.screens)
    screen = Guarding(screen_of(made, config.path), made, policy.mode)
    _descriptions(screen, policy)
    return screen


def _descriptions(screen: Screen, policy: Policy) -> None:
    """What tools say of themselves is shown to the planner: it is looked at once, before anything runs."""
    for tool in policy.tools.values():
        signature = tool.signature
        text = "\n".join([signature.description, *(param.description for param in signature.params)])
        found = looked(screen, text, "description", tool.name, frozenset())
        if found is not None and found.action == "refuse":
            raise ConfigError(
                f"the description of {tool.name} reads like an attack on a model",
                code="E383",
                hint="look at it with `ringfence scan`; leave the tool out, or set [screens.on_hit] description",
            )
