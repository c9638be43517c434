"""Rules: patterns with named techniques. `rules.RULES` are all of them, `rules.TECHNIQUES` what the names mean.

Its one rule: a rule is a pattern in linear time and a word by which it is found; what it costs where its word is not in
the text is nothing.
"""

from __future__ import annotations

from typing import Final

from ringfence.screens.rules.answers import ANSWERS
from ringfence.screens.rules.commands import COMMANDS
from ringfence.screens.rules.languages import LANGUAGES
from ringfence.screens.rules.messages import MESSAGES
from ringfence.screens.rules.override import OVERRIDES
from ringfence.screens.rules.rule import Rule
from ringfence.screens.rules.turning import TURNING

RULES: Final[tuple[Rule, ...]] = (*OVERRIDES, *MESSAGES, *COMMANDS, *ANSWERS, *TURNING, *LANGUAGES)

TECHNIQUES: Final[dict[str, str]] = {
    "instruction-override": "tells the reader to ignore, forget or replace what it was told before",
    "role-confusion": "tells the reader that it is somebody else, or has no rules",
    "fake-message": "looks like a message of the system, the developer, a tool or the assistant",
    "delimiter-escape": "closes the place where data stands, or opens one for instructions",
    "prompt-leak": "asks for the reader's instructions",
    "exfiltration": "asks to send what the reader knows to an address, or puts it into a link or picture",
    "authority": "claims a right, an approval or an emergency to be obeyed",
    "concealment": "asks not to tell the user",
    "ai-addressed": "speaks to a model that reads the text",
    "answer-control": "wants the reader's answer disguised, or something of the writer's in it",
    "tool-call": "asks for a call of a tool or an action in somebody's name",
    "command-execution": "asks to run a command or code",
    "refusal-suppression": "forbids to refuse, or says how the answer must begin",
    "encoded-payload": "asks to decode something and follow it, or is encoded again and again",
    "hidden-text": "hides text from people: in comments, by style, in invisible characters",
    "statistical": "reads like an instruction to a model, by the classifier's word",
}

__all__ = ["RULES", "TECHNIQUES", "Rule"]
