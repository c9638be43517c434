"""What is handed over without being a call: a request to be planned, a prompt to a model, the answer to the user.

Its one rule: who gets something must be cleared for its label, and the audit has what was handed over, or was not. The
planner is cleared for what trusted sources wrote (P405), the user for what the user may read (P406).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias, final

from ringfence.core.encoding import Part, label_written
from ringfence.core.errors import ConfigError, PolicyDenied
from ringfence.core.plain import Plain
from ringfence.core.values import Value, deep, unsafe_plain, wrap
from ringfence.guard.audit import Record
from ringfence.guard.consent import Consent
from ringfence.guard.drawing import is_cut_off
from ringfence.guard.journal import value_digest
from ringfence.guard.policy import Policy
from ringfence.guard.questions import Questions
from ringfence.guard.screening import Screening

Role: TypeAlias = Literal["planner", "composer", "delegate"]


@final
class Clearance:
    """The privileged models and the user of one run, as sinks."""

    def __init__(
        self, policy: Policy, user: str, record: Record, screening: Screening, consent: Consent, questions: Questions
    ) -> None:
        self._policy = policy
        self._user = user
        self._record = record
        self._screening = screening
        self._consent = consent
        self._questions = questions

    def screen(self, request: str) -> None:
        """Have the request looked at before it is planned. Raises PolicyDenied (E381).

        A person who is asked about it has to answer now: there is no plan yet that could wait.
        """
        action = self._screening.request(request)
        if action == "refuse" or (action == "ask" and not self._said_yes(request)):
            raise PolicyDenied(
                "the request reads like an attack on a model",
                code="E381",
                hint="say it in other words; the audit says which technique was found",
            )

    def _said_yes(self, request: str) -> bool:
        """Whether a person who was shown all of the request lets it be planned."""
        return not is_cut_off(request) and self._consent.said_yes(self._questions.about_request(request))

    def consult(self, role: Role, prompt: Value, ask: Callable[[str], str]) -> Value:
        """Ask a privileged model. The planner may only be given what trusted sources wrote (P405).

        `ask` gets the prompt's text and returns the model's. The answer has the label of the prompt. A delegate plans
        for a sealed run, in which everything stands under that label.
        """
        label = deep(prompt)
        allowed = role != "planner" or label.trusted(self._policy.trusted)
        plain = unsafe_plain(prompt)  # sound: the planner's clearance is checked, the composer's answer keeps the label
        data: dict[str, Part] = {"role": role, "label": label_written(label), "verdict": "allow" if allowed else "deny"}
        self._record("model", {**data, "digest": value_digest(prompt)}, not allowed)
        if not allowed:
            raise PolicyDenied(
                "untrusted text was about to be given to the planner",
                code="P405",
                hint="give the planner the user's request only; read other text with quarantine()",
            )
        if not isinstance(plain, str):
            raise ConfigError("a prompt is text")
        return wrap(ask(plain), label)

    def reply(self, value: Value) -> Plain:
        """The answer, as plain data for the user, who must be allowed to read all of it (P406)."""
        label = deep(value)
        allowed = label.readable_by((self._user,))
        data: dict[str, Part] = {"label": label_written(label), "verdict": "allow" if allowed else "deny"}
        self._record("answer", {**data, "digest": value_digest(value)}, not allowed)
        if not allowed and self._policy.mode != "observe":
            raise PolicyDenied(
                "the answer holds data that the user may not read",
                code="P406",
                hint="leave out what is for others only",
            )
        return unsafe_plain(value)  # sound: its reader is the user, who may read it
